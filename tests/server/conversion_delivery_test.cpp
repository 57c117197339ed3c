// SPDX-License-Identifier: Apache-2.0
// From a sale to what Meta and PostHog hear of it, through the real order use case.
#include "server/core/attribution/late_evidence.hpp"
#include "server/core/orders/orders.hpp"
#include "server/core/people/contact_variants.hpp"
#include "tests/server/delivery_support.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

StatedConversion sale(const DeliveryWorld& world) {
  StatedConversion stated;
  stated.reference = "o-1001";
  stated.amount_minor = 4990;
  stated.currency = "EUR";
  stated.occurred_ms = kNow;
  stated.anonymous_id = id(2001);
  stated.session_id = world.session_id;
  stated.customer.email = "jane.roe@gmail.com";
  stated.customer.country = "CZ";
  stated.digest = sha256("o-1001");
  return stated;
}

Id128 told(DeliveryWorld& world, const StatedConversion& stated) {
  Orders orders(*world.store, world.store.clock, destinations::destination_takes);
  return value_of(orders.receive_stated(world.site, stated)).conversion_id;
}

// Runs both lanes until they are quiet.
void deliver(DeliveryWorld& world) {
  world.store.clock.advance(10 * kMinute);  // beyond any companion's hold
  for (const char* name : {"meta", "posthog"}) {
    auto lane = world.lane(name);
    while (world.run(lane)) continue;
  }
}

}  // namespace

TEST_CASE("a sale reaches both destinations with its value and its visitor", "[outbox]") {
  DeliveryWorld world;
  world.tell();
  const auto conversion = told(world, sale(world));

  deliver(world);

  Json purchase, event;
  for (std::size_t i = 0; i < world.client.requests.size(); ++i) {
    const Json body = world.client.body(i);
    for (const Json& each : body.value("data", Json::array()))
      if (each["event_name"] == "Purchase") purchase = each;
    for (const Json& each : body.value("batch", Json::array()))
      if (each["event"] == "purchase") event = each;
  }
  REQUIRE(purchase.is_object());
  CHECK(purchase["event_id"] == uuid(conversion));
  CHECK(purchase["custom_data"]["value"] == 49.9);
  CHECK(purchase["custom_data"]["content_ids"] == Json{"film-1"});
  CHECK(purchase["user_data"]["fbc"] == "fb.1." + std::to_string(kNow - kMinute) + ".IwAR_Xyz");
  CHECK(purchase["user_data"].contains("em"));
  CHECK(purchase["event_source_url"] == kLanding);
  REQUIRE(event.is_object());
  CHECK(event["uuid"] == uuid(conversion));
  CHECK(event["properties"]["revenue"] == 49.9);
  CHECK(event["properties"]["$session_id"] == uuid(world.session_id));
  CHECK(event["properties"]["$set_once"]["$initial_utm_campaign"] == "autumn");
}

TEST_CASE("a refund goes to PostHog under its own id and not to Meta", "[outbox]") {
  DeliveryWorld world;
  told(world, sale(world));
  auto refund = sale(world);
  refund.kind = "refund";
  refund.refund_id = "re_1";
  refund.amount_minor = 990;
  refund.occurred_ms = kNow + kHour;
  refund.digest = sha256("re_1");
  world.store.clock.advance(2 * kHour);
  told(world, refund);

  deliver(world);

  Json heard;
  for (std::size_t i = 0; i < world.client.requests.size(); ++i) {
    CHECK(world.client.requests[i].body.find("\"Refund\"") == std::string::npos);
    for (const Json& each : world.client.body(i).value("batch", Json::array()))
      if (each["event"] == "refund") heard = each;
  }
  REQUIRE(heard.is_object());
  CHECK(heard["properties"]["revenue_minor"] == 990);
  CHECK(heard["properties"]["order_id"] == "o-1001");
  CHECK(heard["timestamp"] == "2026-09-21T15:13:20.000Z");
}

TEST_CASE("a sale that nothing but an e-mail address matches is withheld", "[outbox][consent]") {
  DeliveryWorld world;
  world.site.consent_default = Choice::granted;
  world.store.put([](Tables& t) -> Outcome<void> {
    ContactClaim claim;
    claim.hash = *contact_hash(ContactKind::email, "jane.roe@gmail.com", "");
    claim.anonymous_id = id(2001);
    claim.t_ms = kNow - kMinute;
    TL_CHECK(t.people().put_claim("demo", claim));
    return {};
  });
  auto stated = sale(world);
  stated.anonymous_id.reset();
  stated.session_id.reset();
  const auto conversion = told(world, stated);

  deliver(world);

  CHECK(world.client.requests.empty());
  CHECK(world.row(conversion, "meta").state == DeliveryState::withheld);
  CHECK(world.row(conversion, "meta").last_error == "consent_unknown");
}

TEST_CASE("a renewal is told by the newest choice of who subscribed", "[outbox][consent]") {
  DeliveryWorld world;
  Orders orders(*world.store, world.store.clock, destinations::destination_takes);
  const auto pay = [&](int month, const std::string& email) {
    OrderChange change;
    change.kind = OrderChange::Kind::purchase;
    change.event_key = change.change_key = change.order_id = "in_" + std::to_string(month);
    change.event_type = "invoice.paid";
    change.amount_minor = 900;
    change.currency = "EUR";
    change.subscription = month == 0 ? SubscriptionRole::first : SubscriptionRole::renewal;
    change.subscription_id = "sub_1";
    change.occurred_ms = world.store.clock.now_ms();
    change.customer.email = email;
    if (month == 0) change.anonymous_id = id(2001);
    InboxEntry entry;
    entry.provider = "stripe";
    entry.event_key = change.event_key;
    entry.headers_json = "{}";
    REQUIRE(orders.receive_webhook(world.site, entry, {change}).ok());
    const auto row = world.store.get([&](Tables& t) {
      return t.orders().find_conversion_of_order("demo", "stripe", change.order_id, "purchase");
    });
    return row->id;
  };
  pay(0, "jane.roe@gmail.com");
  deliver(world);
  world.store.clock.advance(31 * kDay);
  const auto by_address = pay(1, "jane.roe@gmail.com"), by_nothing = pay(2, "");
  deliver(world);
  for (const auto& renewal : {by_address, by_nothing})
    for (const char* name : {"meta", "posthog"})
      CHECK(world.row(renewal, name).state == DeliveryState::delivered);

  world.store.clock.advance(31 * kDay);
  world.consent(Choice::granted, Choice::denied);
  const auto after_a_no = pay(3, "jane.roe@gmail.com");
  deliver(world);
  CHECK(world.row(after_a_no, "meta").state == DeliveryState::withheld);
  CHECK(world.row(after_a_no, "meta").last_error == "consent_denied");
  CHECK(world.row(after_a_no, "posthog").state == DeliveryState::delivered);
}

TEST_CASE("what the site's server says of consent is enough", "[outbox][consent]") {
  DeliveryWorld world;
  auto stated = sale(world);
  stated.anonymous_id.reset();
  stated.session_id.reset();
  stated.consent.storage = stated.consent.marketing = Choice::granted;
  const auto conversion = told(world, stated);

  deliver(world);

  CHECK(world.row(conversion, "meta").state == DeliveryState::delivered);
  const Json event = world.client.body(0)["data"][0];
  CHECK(event["user_data"].contains("em"));
  CHECK_FALSE(event["user_data"].contains("fbp"));
}

TEST_CASE("a form's lead is told once as Lead, by the consent of its visitor", "[outbox][leads]") {
  DeliveryWorld world;
  world.tell();
  Orders orders(*world.store, world.store.clock, destinations::destination_takes);
  LeadStatement told;
  told.form = "contact";
  told.said.session_id = world.session_id;
  told.said.customer.email = "jane.roe@gmail.com";
  told.said.occurred_ms = kNow;
  told.fresh_reference = "lead-1";
  const auto lead = value_of(orders.receive_lead(world.site, told)).conversion_id;
  value_of(orders.receive_lead(world.site, told));
  told.said.session_id.reset();
  told.said.customer.email = "nobody@example.com";
  told.fresh_reference = "lead-2";
  const auto unknown = value_of(orders.receive_lead(world.site, told)).conversion_id;

  deliver(world);

  std::vector<Json> leads;
  for (std::size_t i = 0; i < world.client.requests.size(); ++i)
    for (const Json& each : world.client.body(i).value("data", Json::array()))
      if (each["event_name"] == "Lead") leads.push_back(each);
  REQUIRE(leads.size() == 1);
  CHECK(leads[0]["event_id"] == uuid(lead));
  CHECK(leads[0]["user_data"].contains("em"));
  CHECK(leads[0]["user_data"].contains("fbc"));
  CHECK(world.row(unknown, "meta").state == DeliveryState::withheld);
  CHECK(world.row(unknown, "meta").last_error == "consent_unknown");
}

TEST_CASE("a lead that nobody is matched to is told with its contact, as its server consented",
          "[outbox][leads]") {
  DeliveryWorld world;
  Orders orders(*world.store, world.store.clock, destinations::destination_takes);
  LeadStatement told;
  told.word = LeadWord::server;
  told.said.customer.email = "jane.roe@gmail.com";
  told.said.occurred_ms = kNow;
  told.said.consent.storage = told.said.consent.marketing = Choice::granted;
  told.fresh_reference = "lead-1";
  const auto lead = value_of(orders.receive_lead(world.site, told)).conversion_id;

  deliver(world);

  CHECK(world.row(lead, "meta").state == DeliveryState::delivered);
  CHECK(world.client.body(0)["data"][0]["user_data"].contains("em"));
}

TEST_CASE("a lead takes nothing from an order that has its number", "[outbox][consent]") {
  DeliveryWorld world;
  auto order = sale(world);
  order.reference = "2001";
  order.anonymous_id.reset();
  order.session_id.reset();
  order.user_id = "buyer-7";
  order.consent.storage = order.consent.marketing = Choice::granted;
  told(world, order);
  StatedConversion lead;
  lead.kind = "lead";
  lead.reference = "2001";
  lead.occurred_ms = kNow;
  lead.digest = sha256("lead 2001");
  const auto conversion = told(world, lead);

  deliver(world);

  CHECK(world.row(conversion, "meta").state == DeliveryState::withheld);
  CHECK(world.row(conversion, "posthog").state == DeliveryState::withheld);
  CHECK(world.row(conversion, "posthog").last_error == "consent_unknown");
}

TEST_CASE("a lead's own consent counts when it is sent", "[outbox][consent]") {
  DeliveryWorld world;
  StatedConversion lead;
  lead.kind = "lead";
  lead.occurred_ms = kNow;
  lead.anonymous_id = id(2001);
  lead.session_id = world.session_id;

  lead.reference = "l-silent";
  lead.digest = sha256("l-silent");
  const auto silent = told(world, lead);
  lead.reference = "l-denied";
  lead.digest = sha256("l-denied");
  lead.consent.storage = Choice::granted;
  lead.consent.marketing = Choice::denied;
  const auto denied = told(world, lead);

  deliver(world);

  CHECK(world.row(silent, "meta").state == DeliveryState::delivered);
  CHECK(world.row(denied, "meta").state == DeliveryState::withheld);
  CHECK(world.row(denied, "meta").last_error == "consent_denied");
  CHECK(world.row(denied, "posthog").state == DeliveryState::delivered);
}

TEST_CASE("a sale that finds its visitor late is asked again, and so is its refund",
          "[outbox][consent]") {
  DeliveryWorld world;
  const Id128 session = session_at(kNow - kMinute, 2);
  auto stated = sale(world);
  stated.anonymous_id = id(2002);
  stated.session_id = session;
  const auto conversion = told(world, stated);
  auto refund = stated;
  refund.kind = "refund";
  refund.refund_id = "re_1";
  refund.amount_minor = 990;
  refund.digest = sha256("re_1");
  told(world, refund);
  deliver(world);
  REQUIRE(world.row(conversion, "meta").last_error == "consent_unknown");
  REQUIRE(world.client.requests.empty());

  // The browser was offline while it paid.
  const bool permits_marketing = GENERATE(true, false);
  world.store.put([&](Tables& t) -> Outcome<void> {
    SessionRow late = given_session(1, kNow - kMinute);
    late.id = session;
    late.anonymous_id = id(2002);
    TL_CHECK(t.events().put_session(late));
    const Choice marketing = permits_marketing ? Choice::granted : Choice::denied;
    TL_CHECK(t.people().put_consent(
        "demo", id(2002), {{Choice::granted, marketing, Choice::unknown, false}, kNow - kMinute}));
    return restate_conversions(t, world.site, session_key(session), 0, world.store.clock.now_ms());
  });
  deliver(world);

  CHECK(world.row(conversion, "posthog").state == DeliveryState::delivered);
  CHECK(world.row(conversion, "posthog").anonymous_id == id(2002));
  const auto meta = world.row(conversion, "meta");
  CHECK(meta.state == (permits_marketing ? DeliveryState::delivered : DeliveryState::withheld));
  CHECK(meta.last_error == (permits_marketing ? "" : "consent_denied"));
  std::size_t refunds = 0;
  for (std::size_t i = 0; i < world.client.requests.size(); ++i)
    for (const Json& each : world.client.body(i).value("batch", Json::array()))
      refunds += each["event"] == "refund";
  CHECK(refunds == 1);
}
