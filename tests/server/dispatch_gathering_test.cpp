// SPDX-License-Identifier: Apache-2.0
// What vendors are told of a real visitor: read from the store with consent as it is, and built.
#include "server/core/outbox/dispatch_gathering.hpp"

#include "server/core/orders/orders.hpp"
#include "tests/server/destination_support.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// A visitor who arrived three times: by an e-mail, by ads of all vendors, by an e-mail; each in a
// session of its own. The site has every destination.
struct WanderingWorld : DeliveryWorld {
  WanderingWorld() {
    for (const char* kind : {"ga4", "google_ads", "tiktok", "linkedin", "pinterest", "snap",
                             "reddit", "microsoft", "x", "webhook", "crm", "posthog"})
      site.destinations.push_back(sound_config(kind));
    arrive(20, kNow - 9 * kDay, "{}");
    arrive(21, kClickMs, kAdClicks);
    arrive(22, kNow - 20'000, "{}");
    store.put([](Tables& t) -> Outcome<void> {  // of the last arrival: no click was seen in it
      SessionContext context;
      context.ip = "93.184.216.34";
      context.user_agent = "Mozilla/5.0";
      context.landing_url = "https://shop.example/?utm_medium=email";
      return t.events().put_context("demo", id(22), id(2001), context, kNow, kNow + kDay);
    });
  }
  void arrive(std::uint64_t number, std::int64_t t_ms, const std::string& click_ids,
              std::uint64_t visitor = 2001) {
    store.put([&](Tables& t) -> Outcome<void> {
      TouchRow touch = given_touch(number, Channel::email, t_ms);
      touch.session_id = id(number);
      touch.anonymous_id = id(visitor);
      touch.click_ids = click_ids;
      TL_CHECK(t.events().insert_touch(touch));
      SessionRow session = given_session(number, t_ms);
      session.id = id(number);
      session.anonymous_id = id(visitor);
      session.first_touch = session.last_touch = touch.id;
      return t.events().put_session(session);
    });
  }
  Id128 sale(const std::string& user_id = "") {
    StatedConversion stated;
    stated.user_id = user_id;
    stated.reference = "o-1001";
    stated.amount_minor = 4990;
    stated.currency = "EUR";
    stated.occurred_ms = kNow;
    stated.session_id = id(22);
    stated.digest = sha256("o-1001");
    Orders orders(*store, store.clock, destinations::destination_takes);
    return value_of(orders.receive_stated(site, stated)).conversion_id;
  }
  // What that vendor is told of it; null when it may not be told.
  Json told(const std::string& kind, const Id128& event_id) {
    const auto delivery = row(event_id, kind);
    const Purpose purpose = destination_of(kind).purpose(sound_config(kind));
    const auto gathered =
        store.get([&](Tables& t) { return gather_dispatch(t, site, delivery, purpose); });
    if (!gathered.clearance.may_send) return nullptr;
    return Json::parse(
        value_of(destination_of(kind).build(gathered.dispatch, sound_config(kind), kNow)));
  }

  static constexpr std::int64_t kClickMs = kNow - 30'000;
  static constexpr const char* kAdClicks =
      R"({"gclid":"g","fbclid":"f","ttclid":"t","li_fat_id":"l","epik":"p","sccid":"s",)"
      R"("rdt_cid":"r","msclkid":"m","twclid":"x"})";
};

}  // namespace

TEST_CASE("a plain yes to marketing is a yes to Google, whatever the site's default", "[consent]") {
  for (const Choice site_default : {Choice::denied, Choice::granted}) {
    WanderingWorld world;
    world.site.consent_default = site_default;
    const auto sale = world.sale();
    CHECK(world.told("google_ads", sale)["consent"] ==
          Json{{"adUserData", "CONSENT_GRANTED"}, {"adPersonalization", "CONSENT_GRANTED"}});
    CHECK(world.told("ga4", sale)["consent"] ==
          Json{{"ad_user_data", "GRANTED"}, {"ad_personalization", "GRANTED"}});
  }
}

TEST_CASE("a no to personalisation alone is told to Google", "[consent]") {
  WanderingWorld world;
  world.store.put([](Tables& t) {
    return t.people().put_consent(
        "demo", id(2001), {{Choice::granted, Choice::granted, Choice::denied, false}, kNow});
  });
  const auto sale = world.sale();
  CHECK(world.told("google_ads", sale)["consent"]["adPersonalization"] == "CONSENT_DENIED");
  CHECK(world.told("ga4", sale)["consent"]["ad_personalization"] == "DENIED");
}

TEST_CASE("a click in the middle of the path reaches each vendor", "[destinations]") {
  WanderingWorld world;
  const auto sale = world.sale();
  CHECK(world.told("google_ads", sale)["adIdentifiers"]["gclid"] == "g");
  CHECK(world.told("ga4", sale)["events"][0]["params"]["gclid"] == "g");
  CHECK(world.told("meta", sale)["user_data"]["fbc"] ==
        "fb.1." + std::to_string(world.kClickMs) + ".f");
  CHECK(world.told("tiktok", sale)["user"]["ttclid"] == "t");
  CHECK(world.told("linkedin", sale)["user"]["userIds"][0]["idValue"] == "l");
  CHECK(world.told("pinterest", sale)["user_data"]["click_id"] == "p");
  CHECK(world.told("snap", sale)["user_data"]["sc_click_id"] == "s");
  CHECK(world.told("reddit", sale)["click_id"] == "r");
  CHECK(world.told("microsoft", sale)["userData"]["msclkid"] == "m");
  CHECK(world.told("x", sale)["identifiers"][0]["twclid"] == "x");
}

TEST_CASE("the newest click of a vendor counts, and only what came before the sale",
          "[destinations]") {
  WanderingWorld world;
  world.arrive(23, kNow - 10'000, R"({"gclid":"newer"})");
  world.arrive(24, kNow + kMinute, R"({"gclid":"too late"})");
  const auto sale = world.sale();
  CHECK(world.told("google_ads", sale)["adIdentifiers"]["gclid"] == "newer");
}

TEST_CASE("an ad that was only seen is told to nobody", "[destinations][views]") {
  WanderingWorld world;
  const auto see = [&](std::uint64_t number, std::int64_t t_ms) {
    world.store.put([&](Tables& t) -> Outcome<void> {
      TouchRow seen = given_touch(number, Channel::display, t_ms);
      seen.session_id = seen.id;
      seen.anonymous_id = id(2001);
      seen.source = "seen-" + std::to_string(number);
      seen.is_view = true;
      TL_CHECK(t.events().insert_touch(seen));
      return {};
    });
  };
  see(30, kNow - 10 * kDay);
  see(31, kNow - 1000);
  world.site.view_lookback_ms = 30 * kDay;
  const auto sale = world.sale();
  const auto row =
      world.store.get([&](Tables& t) { return t.orders().find_conversion("demo", sale); });
  REQUIRE(row);
  CHECK(row->first_touch == given_touch(30, Channel::display, 0).id);
  CHECK(row->last_touch == given_touch(31, Channel::display, 0).id);
  for (const char* kind : {"webhook", "crm", "posthog"}) {
    const auto told = world.told(kind, sale).dump();
    INFO(told);
    CHECK(told.find("seen-") == std::string::npos);
  }
  CHECK(world.told("webhook", sale)["data"]["first_touch"]["channel"] == "email");
}

TEST_CASE("a seen ad hides no click from those who hear of the sale", "[destinations][views]") {
  WanderingWorld world;
  world.site.view_lookback_ms = 30 * kDay;
  world.site.collapse_rule = models::CollapseRule::consecutive;
  world.store.put([&](Tables& t) -> Outcome<void> {
    TouchRow seen = given_touch(30, Channel::email, kNow - 10 * kDay);
    seen.session_id = seen.id;
    seen.anonymous_id = id(2001);
    seen.is_view = true;
    TL_CHECK(t.events().insert_touch(seen));
    return {};
  });
  const auto sale = world.sale();
  const auto told = world.told("webhook", sale)["data"];
  INFO(told.dump());
  REQUIRE(told["first_touch"].is_object());
  CHECK(told["first_touch"]["channel"] == "email");
  CHECK(told["last_touch"]["channel"] == "email");
}

TEST_CASE("an event's vendors hear of the click that brought its visitor", "[destinations]") {
  WanderingWorld world;
  world.session_id = id(22);
  const auto event = world.tell();
  CHECK(world.told("meta", event.id)["user_data"]["fbc"] ==
        "fb.1." + std::to_string(world.kClickMs) + ".f");
  CHECK(world.told("pinterest", event.id)["user_data"]["click_id"] == "p");
}

TEST_CASE("clicks on another browser of the person need that browser's consent", "[consent]") {
  WanderingWorld world;
  world.arrive(30, kNow - 10'000, R"({"gclid":"elsewhere"})", 2002);
  world.store.put([](Tables& t) -> Outcome<void> {
    for (const auto visitor : {std::uint64_t{2001}, std::uint64_t{2002}}) {
      ContactClaim claim;
      claim.kind = ContactKind::user_id;
      claim.hash = sha256("u-7");
      claim.anonymous_id = id(visitor);
      claim.verified = true;
      claim.t_ms = kNow - kDay;
      TL_CHECK(t.people().put_claim("demo", claim));
    }
    return {};
  });
  const auto sale = world.sale();
  CHECK(world.told("google_ads", sale)["adIdentifiers"]["gclid"] == "g");

  world.store.put([](Tables& t) {
    return t.people().put_consent(
        "demo", id(2002), {{Choice::granted, Choice::granted, Choice::unknown, false}, kNow});
  });
  CHECK(world.told("google_ads", sale)["adIdentifiers"]["gclid"] == "elsewhere");
}

TEST_CASE("without consent to marketing a user id that is a contact does not leave", "[consent]") {
  WanderingWorld world;
  const auto sale = world.sale("jane.doe@mail.example");
  const auto user_id = [&] {
    const auto delivery = world.row(sale, "webhook");
    return world.store
        .get([&](Tables& t) { return gather_dispatch(t, world.site, delivery, Purpose::storage); })
        .dispatch.user_id;
  };
  world.consent(Choice::granted, Choice::granted);
  CHECK(user_id() == "jane.doe@mail.example");  // ad platforms are told its hash
  world.consent(Choice::granted, Choice::denied);
  CHECK(user_id().empty());
  CHECK_FALSE(world.told("ga4", sale).contains("user_id"));
}

TEST_CASE("a body kept by a former version is built afresh, once", "[consent][outbox]") {
  WanderingWorld world;
  world.consent(Choice::granted, Choice::denied);
  // Today's id need not be the one that it names, nor be spelt in it as it is.
  const auto sale = world.sale(GENERATE("jane.doe@mail.example", "customer-4711"));
  world.client.otherwise = [](const OutgoingRequest&) { return answered(503, "busy"); };
  auto lane = world.lane("webhook");
  const auto attempt = [&] {
    world.store.clock.advance(2 * kHour);
    for (int round = 0; round < 5 && world.run(lane); ++round) continue;
    return world.client.requests.back().body;
  };
  const std::string first = attempt();
  DeliveryRow row = world.row(sale, "webhook");
  Json kept = Json::parse(row.body.substr(1));
  kept["user_id"] = "jane.elsewhere@mail.example";
  row.body = GENERATE("s", "m") + kept.dump();
  world.store.put([&](Tables& t) { return t.outbox().put_delivery(row); });

  CHECK(attempt() == first);
  CHECK(attempt() == first);
}

TEST_CASE("who opted out of sale takes no click along", "[consent]") {
  WanderingWorld world;
  const auto sale = world.sale();
  world.consent(Choice::granted, Choice::granted, /*opted_out=*/true);
  CHECK_FALSE(world.told("snap", sale)["user_data"].contains("sc_click_id"));
  world.consent(Choice::granted, Choice::denied);
  CHECK(world.told("google_ads", sale).is_null());
  CHECK_FALSE(world.told("ga4", sale)["events"][0]["params"].contains("gclid"));
}
