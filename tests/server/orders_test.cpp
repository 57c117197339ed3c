// SPDX-License-Identifier: Apache-2.0
// From a webhook's meaning to the rows it leaves: order, conversion, credits, rollups, session,
// outbox.
#include "server/core/orders/order_fold.hpp"
#include "server/core/orders/order_ledger.hpp"
#include "tests/server/stripe_fixture.hpp"

#include <map>
#include <thread>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

struct Sums {
  std::int64_t value = 0, micro = 0, net = 0;
};
std::map<std::string, Sums> sums_by_model(const std::vector<CreditRow>& credits) {
  std::map<std::string, Sums> sums;
  for (const auto& credit : credits) {
    sums[credit.model].value += credit.value_minor;
    sums[credit.model].micro += credit.conversions_micro;
    sums[credit.model].net += credit.net_minor;
  }
  return sums;
}

void require_sums(Shop& shop, const Id128& conversion, std::int64_t value, std::int64_t net) {
  const auto sums = sums_by_model(shop.credits(conversion));
  REQUIRE(sums.size() == 12);
  for (const auto& [model, sum] : sums) {
    INFO(model);
    CHECK(sum.value == value);
    CHECK(sum.micro == 1'000'000);
    CHECK(sum.net == net);
  }
}

}  // namespace

TEST_CASE("a paid session becomes one attributed conversion", "[orders]") {
  Shop shop;
  CHECK(shop.told(stripe_event("checkout.session.completed", paid_session())) == "purchase");

  const auto conversion = shop.conversion("cs_1");
  REQUIRE(conversion);
  CHECK(conversion->id == derive_order_event_id("demo", "stripe", "pi_1", "purchase"));
  CHECK(conversion->order_id == "pi_1");
  CHECK(conversion->match_type == MatchType::session);
  CHECK(conversion->session_id == id(1001));
  CHECK(conversion->first_touch == id(1));
  CHECK(conversion->last_touch == id(1));
  CHECK(conversion->touches == 1);
  CHECK(conversion->amount_minor == 2500);
  CHECK(conversion->content.find("The Film") != std::string::npos);
  require_sums(shop, conversion->id, 2500, 2500);

  const auto session = shop.session();
  CHECK(session.converted);
  CHECK(session.conversion_value_minor == 2500);
  CHECK(session.end_reason == "purchase");
  CHECK(session.ended_ms == kNow + 999);  // Stripe tells whole seconds

  const auto days = shop.days();
  REQUIRE(days.size() == 1);
  CHECK(days[0].day == 20260921);
  CHECK(days[0].source.channel == Channel::paid_social);
  CHECK(days[0].money.value_minor == 2500);
  CHECK(days[0].conversions_micro == 1'000'000);

  const auto deliveries = shop.deliveries();
  REQUIRE(deliveries.size() == 2);
  for (const auto& delivery : deliveries) {
    CHECK(delivery.event_name == "purchase");
    CHECK(delivery.event_id == conversion->id);
    CHECK(delivery.next_attempt_ms == kNow);
  }
  CHECK(shop.store.counter("demo", "webhook_accepted") == 1);
}

TEST_CASE("the same event again is a duplicate and changes nothing", "[orders]") {
  Shop shop;
  const auto event = stripe_event("checkout.session.completed", paid_session());
  CHECK(shop.told(event) == "purchase");
  CHECK(shop.told(event) == "duplicate");
  CHECK(shop.told(event) == "duplicate");

  CHECK(shop.conversions().size() == 1);
  CHECK(shop.days().at(0).money.value_minor == 2500);
  CHECK(shop.store.counter("demo", "webhook_duplicate") == 2);
}

TEST_CASE("another event object about the same change changes nothing either", "[orders]") {
  Shop shop;
  CHECK(shop.told(stripe_event("checkout.session.completed", paid_session())) == "purchase");
  CHECK(shop.told(stripe_event("checkout.session.completed", paid_session())) == "purchase");
  CHECK(shop.conversions().size() == 1);
  CHECK(shop.days().at(0).money.value_minor == 2500);
}

TEST_CASE("twenty threads with one webhook make one order", "[orders]") {
  Shop shop;
  const auto event = stripe_event("checkout.session.completed", paid_session());
  const auto change = value_of(read_stripe_event(event, shop.site));
  std::atomic<int> purchases{0}, duplicates{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 20; ++i)
    threads.emplace_back([&] {
      InboxEntry entry;
      entry.provider = "stripe";
      entry.event_key = change.event_key;
      entry.event_type = change.event_type;
      entry.headers_json = "{}";
      const auto result = shop.orders.receive_webhook(shop.site, entry, {change});
      if (result.ok() && result.value().result == "purchase") ++purchases;
      if (result.ok() && result.value().result == "duplicate") ++duplicates;
    });
  for (auto& thread : threads) thread.join();

  CHECK(purchases == 1);
  CHECK(duplicates == 19);
  CHECK(shop.conversions().size() == 1);
  CHECK(shop.days().at(0).conversions_micro == 1'000'000);
}

TEST_CASE("companions on twenty connections at once make one order", "[orders]") {
  Shop shop;
  std::vector<json> events;
  for (int i = 0; i < 5; ++i) {
    events.push_back(stripe_event("payment_intent.succeeded", paid_intent()));
    events.push_back(stripe_event("charge.succeeded", paid_charge()));
    events.push_back(stripe_event("checkout.session.completed", paid_session()));
    events.push_back(stripe_event("charge.refunded", refunded_charge(500)));
  }
  std::vector<std::thread> threads;
  for (const auto& event : events)
    threads.emplace_back([&shop, &event] { static_cast<void>(shop.tell(event)); });
  for (auto& thread : threads) thread.join();

  REQUIRE(shop.conversions().size() == 1);
  CHECK(shop.conversion("cs_1")->match_type == MatchType::session);
  CHECK(shop.order("ch_1")->refunded_minor == 500);
  CHECK(shop.days().at(0).money.net_minor == 2000);
}

TEST_CASE("an unpaid order is pending, then paid or failed", "[orders]") {
  Shop shop;
  auto session = paid_session();
  session["payment_status"] = "unpaid";
  CHECK(shop.told(stripe_event("checkout.session.completed", session)) == "pending");
  CHECK(shop.order("cs_1")->state == OrderState::pending);
  CHECK(shop.conversions().empty());
  CHECK(shop.days().empty());
  CHECK(shop.deliveries().empty());
  CHECK_FALSE(shop.session().converted);

  SECTION("paid, and never pending again") {
    const auto late =
        stripe_event("checkout.session.async_payment_succeeded", paid_session(), 9 * 86400);
    CHECK(shop.told(late) == "purchase");
    CHECK(shop.told(stripe_event("checkout.session.completed", session)) == "ignored");
    CHECK(shop.order("cs_1")->state == OrderState::paid);
    // The bank took nine days; the hand-over binds from when the order began.
    CHECK(shop.conversion("cs_1")->match_type == MatchType::session);
  }
  SECTION("failed") {
    CHECK(shop.told(stripe_event("checkout.session.async_payment_failed", session)) == "ignored");
    CHECK(shop.order("cs_1")->state == OrderState::failed);
    CHECK(shop.conversions().empty());
  }
}

TEST_CASE("refunds by id and as a total are never added", "[orders]") {
  Shop shop;
  shop.told(stripe_event("checkout.session.completed", paid_session()));
  const Id128 conversion = shop.conversion("pi_1")->id;

  CHECK(shop.told(stripe_event("refund.created", refund("re_1", 500))) == "refund");
  CHECK(shop.told(stripe_event("charge.refunded", refunded_charge(500))) == "refund");
  CHECK(shop.order("pi_1")->refunded_minor == 500);
  require_sums(shop, conversion, 2500, 2000);
  shop.told(stripe_event("refund.created", refund("re_2", 300)));
  CHECK(shop.order("pi_1")->refunded_minor == 800);
  shop.told(stripe_event("charge.refunded", refunded_charge(2500)));
  CHECK(shop.order("pi_1")->refunded_minor == 2500);
  require_sums(shop, conversion, 2500, 0);
  for (const auto& credit : shop.credits(conversion)) CHECK(credit.net_minor == 0);
  shop.told(stripe_event("refund.created", refund("re_3", 9000)));
  CHECK(shop.order("pi_1")->refunded_minor == 2500);

  CHECK(shop.days().at(0).money.net_minor == 0);
  CHECK(shop.days().at(0).money.value_minor == 2500);
  int refunds = 0;
  for (const auto& delivery : shop.deliveries()) {
    if (delivery.event_name != "refund") continue;
    ++refunds;
    CHECK(delivery.destination == "posthog");
    const auto of = shop.store.get(
        [&](Tables& t) { return t.orders().find_conversion("demo", delivery.event_id); });
    REQUIRE(of);
    CHECK(of->id == conversion);
  }
  CHECK(refunds == 3);
  CHECK(shop.told_back(*shop.order("pi_1")) == 2500);
}

TEST_CASE("a refund that failed gives the money back to the order", "[orders]") {
  Shop shop;
  shop.told(stripe_event("checkout.session.completed", paid_session()));
  CHECK(shop.told(stripe_event("refund.created", refund("re_1", 500, "pending"))) == "ignored");
  CHECK(shop.order("pi_1")->refunded_minor == 0);
  shop.told(stripe_event("charge.refunded", refunded_charge(500)));
  CHECK(shop.order("pi_1")->refunded_minor == 500);
  shop.told(stripe_event("refund.failed", refund("re_1", 500, "failed")));
  CHECK(shop.order("pi_1")->refunded_minor == 0);
  shop.told(stripe_event("refund.updated", refund("re_1", 500, "succeeded")));
  CHECK(shop.order("pi_1")->refunded_minor == 0);
  require_sums(shop, shop.conversion("pi_1")->id, 2500, 2500);
}

TEST_CASE("disputes move forward only", "[orders]") {
  Shop shop;
  shop.told(stripe_event("checkout.session.completed", paid_session()));
  const auto dispute = [](const char* status) {
    return json{{"id", "dp_1"},      {"object", "dispute"}, {"amount", 2500},
                {"currency", "eur"}, {"charge", "ch_1"},    {"payment_intent", "pi_1"},
                {"status", status}};
  };
  CHECK(shop.told(stripe_event("charge.dispute.created", dispute("needs_response"))) == "dispute");
  CHECK(shop.order("pi_1")->dispute == DisputeState::open);
  CHECK(shop.told(stripe_event("charge.dispute.closed", dispute("won"))) == "dispute");
  CHECK(shop.order("pi_1")->dispute == DisputeState::won);
  shop.told(stripe_event("charge.dispute.funds_withdrawn", dispute("under_review")));
  CHECK(shop.order("pi_1")->dispute == DisputeState::won);
  CHECK(shop.order("pi_1")->refunded_minor == 0);
}

namespace {

json dispute_of(const char* status, std::int64_t amount = 2500, const char* dispute_id = "dp_1") {
  return {{"id", dispute_id}, {"object", "dispute"},      {"amount", amount}, {"currency", "eur"},
          {"charge", "ch_1"}, {"payment_intent", "pi_1"}, {"status", status}};
}

std::vector<DeliveryRow> refunds_told(Shop& shop) {
  std::vector<DeliveryRow> refunds;
  for (auto& delivery : shop.deliveries())
    if (delivery.event_name == "refund") refunds.push_back(std::move(delivery));
  return refunds;
}

}  // namespace

TEST_CASE("a lost dispute takes the money, an open one keeps it", "[orders][dispute]") {
  Shop shop;
  shop.told(stripe_event("checkout.session.completed", paid_session()));
  const Id128 conversion = shop.conversion("pi_1")->id;
  shop.told(stripe_event("charge.dispute.created", dispute_of("needs_response"), 10));
  require_sums(shop, conversion, 2500, 2500);
  CHECK(net_minor(*shop.order("pi_1")) == 2500);
  CHECK(refunds_told(shop).empty());

  shop.told(stripe_event("charge.dispute.closed", dispute_of("lost"), 20));
  CHECK(shop.order("pi_1")->refunded_minor == 2500);
  CHECK(net_minor(*shop.order("pi_1")) == 0);
  require_sums(shop, conversion, 2500, 0);
  CHECK(shop.days().at(0).money.net_minor == 0);
  CHECK(shop.days().at(0).money.value_minor == 2500);
  REQUIRE(refunds_told(shop).size() == 1);

  // The bank decides again.
  shop.told(stripe_event("charge.dispute.funds_reinstated", dispute_of("won"), 30));
  CHECK(shop.order("pi_1")->refunded_minor == 0);
  require_sums(shop, conversion, 2500, 2500);
  CHECK(shop.days().at(0).money.net_minor == 2500);
}

TEST_CASE("a lost dispute takes its amount, and no more than is left", "[orders][dispute]") {
  Shop shop;
  shop.told(stripe_event("checkout.session.completed", paid_session()));
  shop.told(stripe_event("refund.created", refund("re_1", 500)));
  shop.told(stripe_event("charge.dispute.closed", dispute_of("lost", 1000), 20));
  CHECK(net_minor(*shop.order("pi_1")) == 1000);
  shop.told(stripe_event("charge.dispute.closed", dispute_of("lost", 2500, "dp_2"), 30));
  CHECK(net_minor(*shop.order("pi_1")) == 0);
  CHECK(shop.order("pi_1")->refunded_minor == 2500);
  require_sums(shop, shop.conversion("pi_1")->id, 2500, 0);
  CHECK(refunds_told(shop).size() == 3);
  CHECK(shop.told_back(*shop.order("pi_1")) == 2500);
}

TEST_CASE("a refund that settles a dispute counts once", "[orders][dispute]") {
  const auto told_in = [](bool refund_is_first) {
    Shop shop;
    shop.told(stripe_event("checkout.session.completed", paid_session()));
    shop.told(stripe_event("charge.dispute.created", dispute_of("needs_response", 1000), 10));
    const auto back = stripe_event("refund.created", refund("re_1", 1000), 20);
    const auto lost = stripe_event("charge.dispute.closed", dispute_of("lost", 1000), 30);
    shop.told(refund_is_first ? back : lost);
    shop.told(refund_is_first ? lost : back);
    CHECK(shop.order("pi_1")->refunded_minor == 1000);
    require_sums(shop, shop.conversion("pi_1")->id, 2500, 1500);
    CHECK(refunds_told(shop).size() == 1);
  };
  told_in(true);
  told_in(false);
}

TEST_CASE("refunds since a dispute was opened settle it, and only the rest is taken",
          "[orders][dispute]") {
  const auto refunded_after = [](const std::vector<std::pair<std::int64_t, int>>& refunds) {
    Shop shop;
    shop.told(stripe_event("checkout.session.completed", paid_session()));
    shop.told(stripe_event("charge.dispute.created", dispute_of("needs_response", 1000), 10));
    int number = 0;
    for (const auto& [amount, after_s] : refunds)
      shop.told(stripe_event("refund.created", refund("re_" + std::to_string(++number), amount),
                             after_s));
    shop.told(stripe_event("charge.dispute.closed", dispute_of("lost", 1000), 40));
    return shop.order("pi_1")->refunded_minor;
  };
  CHECK(refunded_after({{400, 20}, {600, 30}}) == 1000);
  CHECK(refunded_after({{400, 20}}) == 1000);
  CHECK(refunded_after({{1200, 20}}) == 1200);
  CHECK(refunded_after({{400, 5}, {600, 30}}) == 1400);
}

TEST_CASE("a dispute of which the end alone is told was opened when it says", "[orders][dispute]") {
  Shop shop;
  shop.told(stripe_event("checkout.session.completed", paid_session()));
  shop.told(stripe_event("refund.created", refund("re_1", 1000), 20));
  json lost = dispute_of("lost", 1000);
  lost["created"] = kNow / 1000 + 10;
  shop.told(stripe_event("charge.dispute.closed", lost, 30));
  CHECK(shop.order("pi_1")->refunded_minor == 1000);
}

TEST_CASE("destinations hear of no more refunds than the sale was worth", "[orders][dispute]") {
  Shop shop;
  shop.told(stripe_event("checkout.session.completed", paid_session()));
  const auto told = [&shop] { return shop.told_back(*shop.order("pi_1")); };
  shop.told(stripe_event("charge.dispute.closed", dispute_of("lost", 1500), 20));
  CHECK(told() == 1500);
  shop.told(stripe_event("charge.dispute.funds_reinstated", dispute_of("won", 1500), 30));
  shop.told(stripe_event("refund.created", refund("re_1", 1000), 40));
  CHECK(shop.order("pi_1")->refunded_minor == 1000);
  CHECK(told() == 1500);
  shop.told(stripe_event("refund.created", refund("re_2", 1000), 50));
  CHECK(shop.order("pi_1")->refunded_minor == 2000);
  CHECK(told() == 2000);
  shop.told(stripe_event("refund.failed", refund("re_2", 1000, "failed"), 60));
  shop.told(stripe_event("refund.created", refund("re_3", 1500), 70));
  CHECK(told() == 2500);
}

TEST_CASE("a dispute that was lost before the payment is told takes it", "[orders][dispute]") {
  Shop shop;
  shop.told(stripe_event("charge.dispute.closed", dispute_of("lost"), 20));
  shop.told(stripe_event("checkout.session.completed", paid_session()));
  CHECK(net_minor(*shop.order("pi_1")) == 0);
  require_sums(shop, shop.conversion("pi_1")->id, 2500, 0);
  CHECK(refunds_told(shop).size() == 1);
}

TEST_CASE("of several disputes the worst one tells", "[orders]") {
  Shop shop;
  shop.told(stripe_event("checkout.session.completed", paid_session()));
  const auto tell = [&](const char* dispute_id, const char* status) {
    shop.told(stripe_event("charge.dispute.updated", {{"id", dispute_id},
                                                      {"amount", 1000},
                                                      {"currency", "eur"},
                                                      {"payment_intent", "pi_1"},
                                                      {"status", status}}));
    return shop.order("pi_1")->dispute;
  };
  CHECK(tell("dp_1", "needs_response") == DisputeState::open);
  CHECK(tell("dp_1", "won") == DisputeState::won);
  CHECK(tell("dp_2", "needs_response") == DisputeState::open);
  CHECK(tell("dp_2", "lost") == DisputeState::lost);
  CHECK(tell("dp_3", "won") == DisputeState::lost);
}

TEST_CASE("a refund that comes before its payment lowers it when it comes", "[orders]") {
  Shop shop;
  CHECK(shop.told(stripe_event("charge.refunded", refunded_charge(700))) == "refund");
  CHECK(shop.conversions().empty());
  CHECK(shop.days().empty());
  shop.told(stripe_event("payment_intent.succeeded", paid_intent()));

  CHECK(shop.order("pi_1")->refunded_minor == 700);
  REQUIRE(shop.days().size() == 1);
  CHECK(shop.days()[0].money.value_minor == 2500);
  CHECK(shop.days()[0].money.net_minor == 1800);
  int refunds = 0;
  for (const auto& delivery : shop.deliveries())
    if (delivery.event_name == "refund") ++refunds;
  CHECK(refunds == 1);
}

TEST_CASE("a test-mode order is recorded and counted nowhere", "[orders]") {
  Shop shop;
  auto event = stripe_event("checkout.session.completed", paid_session());
  event["livemode"] = false;
  CHECK(shop.told(event) == "purchase");
  const auto conversion = shop.conversion("pi_1");
  REQUIRE(conversion);
  CHECK_FALSE(conversion->live);
  CHECK(conversion->match_type == MatchType::session);
  CHECK(shop.days().empty());
  CHECK(shop.deliveries().empty());
  CHECK_FALSE(shop.session().converted);
}

TEST_CASE("the session's amount corrects the payment intent's", "[orders]") {
  Shop shop;
  shop.told(stripe_event("payment_intent.succeeded", paid_intent(2400)));
  CHECK(shop.conversion("pi_1")->amount_minor == 2400);
  shop.told(stripe_event("checkout.session.completed", paid_session(2500)));
  CHECK(shop.conversion("pi_1")->amount_minor == 2500);
  shop.told(stripe_event("payment_intent.succeeded", paid_intent(2300)));
  CHECK(shop.conversion("pi_1")->amount_minor == 2500);
  CHECK(shop.days().at(0).money.value_minor == 2500);
  std::int64_t ledger = 0;
  for (const auto& change :
       shop.store.get([](Tables& t) { return t.orders().changes_of("demo", "stripe", "pi_1"); }))
    ledger += change.delta_minor;
  CHECK(ledger == 2500);
}

TEST_CASE("an order without ids joins its visit when they come", "[orders]") {
  Shop shop;
  shop.told(stripe_event("payment_intent.succeeded", paid_intent()));
  auto conversion = shop.conversion("pi_1");
  REQUIRE(conversion);
  CHECK(conversion->match_type == MatchType::none);
  CHECK(shop.credits(conversion->id).at(0).touch_id == std::nullopt);
  CHECK(shop.days().at(0).source.channel == kUnattributedChannel);
  // Only a payment intent knows of it: destinations wait for a companion.
  CHECK(shop.deliveries().at(0).next_attempt_ms > kNow);

  const Id128 event_id = conversion->id;
  shop.told(stripe_event("checkout.session.completed", paid_session()));
  conversion = shop.conversion("pi_1");
  CHECK(conversion->id == event_id);
  CHECK(conversion->match_type == MatchType::session);
  REQUIRE(shop.days().size() == 1);
  CHECK(shop.days()[0].source.channel == Channel::paid_social);
  CHECK(shop.days()[0].money.value_minor == 2500);
  REQUIRE(shop.deliveries().size() == 2);
  CHECK(shop.deliveries().at(0).next_attempt_ms == kNow);
  CHECK(shop.deliveries().at(0).session_id == id(1001));
}

TEST_CASE("an intent and an invoice that turn out to be one sale are one sale", "[orders]") {
  Shop shop;
  shop.told(stripe_event("payment_intent.succeeded", paid_intent(1900)));
  shop.told(stripe_event("invoice.paid", paid_invoice("1", "subscription_create")));
  CHECK(shop.conversions().size() == 2);
  shop.told(stripe_event("invoice_payment.paid",
                         {{"id", "inpay_1"},
                          {"invoice", "in_1"},
                          {"payment", {{"type", "payment_intent"}, {"payment_intent", "pi_1"}}}}));

  REQUIRE(shop.conversions().size() == 1);
  CHECK(shop.order("pi_1")->order_id == "in_1");
  CHECK(shop.order("ch_1")->order_id == "in_1");
  std::int64_t value = 0;
  for (const auto& day : shop.days()) value += day.money.value_minor;
  CHECK(value == 1900);
  int queued = 0;
  for (const auto& delivery : shop.deliveries())
    if (delivery.state == DeliveryState::queued) ++queued;
  CHECK(queued == 2);
  CHECK(shop.session().conversion_value_minor == 1900);
}

TEST_CASE("a sale joined late counts once, under the stated conversion's id", "[orders]") {
  Shop shop;
  const bool is_stated_first = GENERATE(true, false);
  const auto tell_intent = [&] {
    shop.told(stripe_event("payment_intent.succeeded", paid_intent()));
  };
  if (!is_stated_first) tell_intent();
  shop.store.clock.advance(kMinute);
  CHECK(shop.state("cs_1", 2600).is_new);
  shop.store.clock.advance(kMinute);
  if (is_stated_first) tell_intent();
  REQUIRE(shop.conversions().size() == 2);
  const Id128 stated = shop.conversion("cs_1")->id;
  const Id128 other = shop.conversion("pi_1")->id;

  CHECK(shop.told(stripe_event("checkout.session.completed", paid_session())) == "purchase");

  REQUIRE(shop.conversions().size() == 1);
  const auto conversion = shop.conversions().front();
  CHECK(conversion.id == stated);
  CHECK(conversion.provider == "stripe");
  CHECK(conversion.order_id == "pi_1");
  CHECK(conversion.amount_minor == 2500);
  CHECK(shop.order("cs_1")->user_id == "u-7");
  CHECK(shop.credits(other).empty());
  std::int64_t value = 0, ledger = 0;
  for (const auto& day : shop.days()) value += day.money.value_minor;
  CHECK(value == 2500);
  for (const auto& change :
       shop.store.get([](Tables& t) { return t.orders().changes_of("demo", "stripe", "pi_1"); }))
    ledger += change.delta_minor;
  CHECK(ledger == 2500);
  CHECK(shop.session().conversion_value_minor == 2500);
  for (const auto& delivery : shop.deliveries())
    CHECK(delivery.state ==
          (delivery.event_id == stated ? DeliveryState::queued : DeliveryState::withheld));
  // Whoever was told the other id still finds the sale.
  CHECK(shop.store.get([&](Tables& t) { return t.orders().find_conversion("demo", other); })->id ==
        stated);
  CHECK_FALSE(shop.state("cs_1", 2600).is_new);
}

TEST_CASE("a destination that was told of a sale is not told again when it is joined", "[orders]") {
  Shop shop;
  shop.told(stripe_event("payment_intent.succeeded", paid_intent()));
  const Id128 intent = shop.conversion("pi_1")->id;
  for (auto delivery : shop.deliveries()) {
    if (delivery.destination != "meta") continue;
    delivery.state = DeliveryState::delivered;
    delivery.delivered_ms = kNow;
    shop.store.put([&](Tables& t) { return t.outbox().put_delivery(delivery); });
  }
  shop.state("cs_1");
  const Id128 stated = shop.conversion("cs_1")->id;
  shop.told(stripe_event("checkout.session.completed", paid_session()));

  REQUIRE(shop.deliveries().size() == 4);
  for (const auto& delivery : shop.deliveries()) {
    const bool is_meta = delivery.destination == "meta";
    INFO(delivery.destination << " " << uuid(delivery.event_id) << " " << delivery.last_error);
    if (delivery.event_id == intent) {
      CHECK(delivery.state == (is_meta ? DeliveryState::delivered : DeliveryState::withheld));
      CHECK(delivery.last_error.find(uuid(stated)) != std::string::npos);
    } else {
      CHECK(delivery.state == (is_meta ? DeliveryState::withheld : DeliveryState::queued));
    }
  }
}

TEST_CASE("consent that is stated after the webhook lets withheld deliveries go", "[orders]") {
  Shop shop;
  shop.told(stripe_event("checkout.session.completed", paid_session()));
  for (auto delivery : shop.deliveries()) {
    delivery.state = DeliveryState::withheld;
    delivery.last_error = "consent_unknown";
    shop.store.put([&](Tables& t) { return t.outbox().put_delivery(delivery); });
  }
  Consent granted;
  granted.storage = granted.marketing = Choice::granted;
  CHECK_FALSE(shop.state("cs_1", 2500, granted).is_new);

  CHECK(shop.order("cs_1")->stated_consent == granted);
  for (const auto& delivery : shop.deliveries()) CHECK(delivery.state == DeliveryState::queued);
}

TEST_CASE("a subscription's session and first invoice are one sale, renewals are others",
          "[orders]") {
  Shop shop;
  auto session = paid_session(1900);
  session["mode"] = "subscription";
  session["subscription"] = "sub_1";
  session["payment_intent"] = nullptr;
  SECTION("the session names the invoice") {
    session["invoice"] = "in_1";
  }
  SECTION("the session names no invoice") {
    session["invoice"] = nullptr;
  }
  shop.told(stripe_event("checkout.session.completed", session));
  shop.told(stripe_event("invoice.paid", paid_invoice("1", "subscription_create")));
  CHECK(shop.conversions().size() == 1);
  CHECK(shop.conversion("in_1")->subscription == SubscriptionRole::first);

  auto renewal = paid_invoice("2", "subscription_cycle");
  renewal["status_transitions"]["paid_at"] = kNow / 1000 + 20 * 86400;
  shop.told(stripe_event("invoice.paid", renewal, 20 * 86400));
  REQUIRE(shop.conversions().size() == 2);
  const auto second = shop.conversion("in_2");
  CHECK(second->subscription == SubscriptionRole::renewal);
  CHECK(second->match_type == MatchType::anonymous_id);
  CHECK(second->touches == 1);
  CHECK(shop.session().conversion_value_minor == 1900);
}

TEST_CASE("a trial is an order of value zero", "[orders]") {
  Shop shop;
  shop.told(stripe_event("invoice.paid", paid_invoice("1", "subscription_create", 0)));
  const auto conversion = shop.conversion("in_1");
  REQUIRE(conversion);
  CHECK(conversion->amount_minor == 0);
  CHECK(conversion->subscription == SubscriptionRole::none);
  require_sums(shop, conversion->id, 0, 0);
  CHECK(shop.deliveries().empty());
}

TEST_CASE("a trial's first payment is the first, the later ones renew it", "[orders][trial]") {
  const auto told_in = [](std::vector<int> order) {
    Shop shop;
    for (const int month : order) {
      auto invoice = paid_invoice(std::to_string(month),
                                  month == 0 ? "subscription_create" : "subscription_cycle",
                                  month == 0 ? 0 : 1900);
      invoice["status_transitions"]["paid_at"] = kNow / 1000 + month * 30 * 86400;
      shop.told(stripe_event("invoice.paid", invoice, month * 30 * 86400));
    }
    CHECK(shop.conversion("in_0")->subscription == SubscriptionRole::none);
    CHECK(shop.conversion("in_1")->subscription == SubscriptionRole::first);
    CHECK(shop.conversion("in_1")->match_type == MatchType::anonymous_id);
    CHECK(shop.conversion("in_2")->subscription == SubscriptionRole::renewal);
    for (const auto& delivery : shop.deliveries())
      CHECK(delivery.event_id != shop.conversion("in_0")->id);
  };
  told_in({0, 1, 2});
  told_in({2, 1, 0});
  told_in({0, 2, 1});
  told_in({1, 2, 0});
}

TEST_CASE("a renewal of a subscription from before is no first payment", "[orders][trial]") {
  Shop shop;
  shop.told(stripe_event("invoice.paid", paid_invoice("7", "subscription_cycle")));
  CHECK(shop.conversion("in_7")->subscription == SubscriptionRole::renewal);
}

TEST_CASE("what was withheld for want of a match is tried again when one is found", "[orders]") {
  Shop shop;
  shop.told(stripe_event("payment_intent.succeeded", paid_intent()));
  const auto withhold = [&](const std::string& destination, const std::string& reason) {
    for (auto delivery : shop.deliveries()) {
      if (delivery.destination != destination) continue;
      delivery.state = DeliveryState::withheld;
      delivery.last_error = reason;
      shop.store.put([&](Tables& t) { return t.outbox().put_delivery(delivery); });
    }
  };
  withhold("meta", "consent_unknown");
  withhold("posthog", "consent_denied");
  shop.told(stripe_event("checkout.session.completed", paid_session()));

  for (const auto& delivery : shop.deliveries())
    CHECK(delivery.state ==
          (delivery.destination == "meta" ? DeliveryState::queued : DeliveryState::withheld));
}

TEST_CASE("a buyer's plain contact is stored sealed, and only where the site asks", "[orders]") {
  Shop shop;
  const auto stored = [&] {
    const auto hash = *shop.order("pi_1")->email_hash;
    return shop.store
        .get([&](Tables& t) { return t.people().find_contact("demo", ContactKind::email, hash); })
        .value();
  };
  shop.told(stripe_event("checkout.session.completed", paid_session()));
  CHECK(stored().variants.find("digits") != std::string::npos);
  CHECK(stored().plain.empty());

  shop.site.contact_storage = "encrypted";
  Orders sealing(*shop.store, shop.store.clock, Shop::takes(), &shop.store.box);
  const auto event = stripe_event("charge.succeeded", paid_charge());
  InboxEntry entry;
  entry.provider = "stripe";
  entry.event_key = "evt_sealed";
  entry.headers_json = "{}";
  REQUIRE(sealing.receive_webhook(shop.site, entry, {value_of(read_stripe_event(event, shop.site))})
              .ok());
  CHECK(stored().plain.find("jane") == std::string::npos);
  CHECK(shop.store.box.open(stored().plain, "contact:demo") == "jane@example.com");
}
