// SPDX-License-Identifier: Apache-2.0
// Webhooks that only name a payment: it is looked up at the provider, again while its API is away,
// and becomes the sale that it is.
#include "server/core/orders/order_refunds.hpp"
#include "tests/server/lookup_fixture.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

void fill_lookups(Asker& asker, bool is_proven) {
  asker.shop.store.put([&](Tables& tables) -> Outcome<void> {
    for (int i = 0; i < 10'000; ++i) {
      LookupRow lookup;
      lookup.site_id = "demo";
      lookup.provider = asker.config.provider;
      lookup.is_proven = is_proven;
      lookup.key = lookup.subject = "tr_" + std::to_string(i);
      lookup.asked_ms = kNow;
      TL_CHECK(tables.fetches().ask(lookup));
    }
    return {};
  });
}

}  // namespace

TEST_CASE("Mollie's classic notice is fetched and becomes the sale", "[lookup][mollie]") {
  Asker asker("mollie");
  asker.client.objects[kMolliePath] = mollie_payment();
  const auto told = asker.tell(kMollieNotice, {});
  CHECK(told.result == "lookup");
  CHECK(told.order_id == "tr_7UhSN1zuXS");
  CHECK(asker.orders().empty());
  CHECK(asker.client.sent.empty());

  asker.run();
  REQUIRE(asker.client.sent.size() == 1);
  CHECK(asker.client.sent[0].url ==
        "https://api.example/v2/payments/tr_7UhSN1zuXS?embed=refunds,chargebacks");
  CHECK(asker.client.sent[0].method == "GET");
  CHECK(asker.client.sent[0].headers.at("Authorization") == "Bearer key");
  REQUIRE(asker.orders().size() == 1);
  const auto order = asker.orders().front();
  CHECK(order.order_id == "tr_7UhSN1zuXS");
  CHECK(order.amount_minor == 2500);
  CHECK(order.currency == "EUR");
  CHECK(order.email_hash.has_value());
  CHECK(asker.shop.conversions().front().match_type == MatchType::session);
  CHECK(asker.waiting() == 0);
  CHECK(asker.changed == 1);
}

TEST_CASE("the same notice later is fetched again and tells what happened since",
          "[lookup][mollie]") {
  Asker asker("mollie");
  asker.client.objects[kMolliePath] = mollie_payment("open");
  asker.tell(kMollieNotice, {});
  asker.run();
  CHECK(asker.orders().front().state == OrderState::pending);

  asker.client.objects[kMolliePath] = mollie_payment();
  CHECK(asker.tell(kMollieNotice, {}).result == "lookup");
  CHECK(asker.tell(kMollieNotice, {}).result == "lookup");
  CHECK(asker.waiting() == 1);
  asker.run();
  CHECK(asker.orders().front().state == OrderState::paid);

  json refunded = mollie_payment();
  refunded["_embedded"]["refunds"] = {mollie_refund("re_1", "5.00", "refunded"),
                                      mollie_refund("re_2", "9.00", "failed"),
                                      mollie_refund("re_3", "3.00", "queued")};
  asker.client.objects[kMolliePath] = refunded;
  asker.tell(kMollieNotice, {});
  asker.run();
  CHECK(asker.orders().front().refunded_minor == 500);

  refunded["_embedded"]["chargebacks"] = {{{"id", "chb_1"},
                                           {"amount", {{"currency", "EUR"}, {"value", "20.00"}}},
                                           {"createdAt", "2026-09-23T10:00:00+00:00"}}};
  asker.client.objects[kMolliePath] = refunded;
  asker.tell(kMollieNotice, {});
  asker.run();
  CHECK(asker.orders().front().dispute == DisputeState::lost);
  CHECK(asker.orders().front().refunded_minor == 2500);
  refunded["_embedded"]["chargebacks"][0]["reversedAt"] = "2026-09-24T10:00:00+00:00";
  asker.client.objects[kMolliePath] = refunded;
  asker.tell(kMollieNotice, {});
  asker.run();
  CHECK(asker.orders().front().dispute == DisputeState::won);
  CHECK(asker.orders().front().refunded_minor == 500);
  CHECK(asker.orders().size() == 1);
  CHECK(asker.shop.conversions().size() == 1);
}

TEST_CASE("a notice that comes while its payment is fetched is not lost", "[lookup][mollie]") {
  Asker asker("mollie");
  asker.client.objects[kMolliePath] = mollie_payment("open");
  asker.tell(kMollieNotice, {});
  asker.client.during = [&] {
    asker.client.during = nullptr;
    asker.tell(kMollieNotice, {});
  };
  asker.run();
  CHECK(asker.waiting() == 1);
  asker.client.objects[kMolliePath] = mollie_payment();
  asker.run();
  CHECK(asker.waiting() == 0);
  CHECK(asker.orders().front().state == OrderState::paid);
}

TEST_CASE("signed Mollie events are looked up by the payment they are about", "[lookup][mollie]") {
  Asker asker("mollie");
  asker.client.objects[kMolliePath] = mollie_payment();
  const json paid = {{"resource", "event"},
                     {"id", "event_1"},
                     {"type", "payment.paid"},
                     {"entityId", "tr_7UhSN1zuXS"},
                     {"createdAt", "2026-09-21T14:13:21Z"}};
  CHECK(asker.tell_signed(paid).result == "lookup");
  CHECK(asker.tell_signed(paid).result == "duplicate");
  const json refund = {{"resource", "event"},
                       {"id", "event_2"},
                       {"type", "refund.refunded"},
                       {"entityId", "re_1"},
                       {"_embedded", {{"entity", {{"paymentId", "tr_7UhSN1zuXS"}}}}}};
  CHECK(asker.tell_signed(refund).order_id == "tr_7UhSN1zuXS");
  CHECK(asker.tell_signed({{"id", "event_3"}, {"type", "payout.completed"}, {"entityId", "po_1"}})
            .result == "ignored");
  asker.run();
  CHECK(asker.waiting() == 0);
  CHECK(asker.shop.conversions().size() == 1);

  asker.client.objects["/v2/payment-links/pl_1/payments"] = {
      {"_embedded", {{"payments", {mollie_payment("failed"), mollie_payment()}}}}};
  asker.tell_signed({{"id", "event_4"}, {"type", "payment-link.paid"}, {"entityId", "pl_1"}});
  asker.run();
  CHECK(asker.waiting() == 0);
  CHECK(asker.shop.conversions().size() == 1);
}

TEST_CASE("Mollie's test payments are kept and counted nowhere", "[lookup][mollie]") {
  Asker asker("mollie");
  json test = mollie_payment();
  test["mode"] = "test";
  asker.client.objects[kMolliePath] = test;
  asker.tell(kMollieNotice, {});
  asker.run();
  REQUIRE(asker.orders().size() == 1);
  CHECK_FALSE(asker.orders().front().live);
  CHECK(asker.shop.deliveries().empty());
}

TEST_CASE("what is no notice of Mollie's is refused", "[lookup][mollie]") {
  Asker asker("mollie");
  const auto code = [&](const std::string& body) {
    const auto changes = read_as("mollie", {}, body, asker.config);
    return changes.ok() ? "ok" : changes.error().code;
  };
  for (const auto* body :
       {"", "id=", "id=tr_", "id=tr_a/../b", "id=tr_a%2F", "id=TR_a", R"({"id":"tr_7UhSN1zuXS"})"})
    CHECK(code(body) == "missing_header");
  CHECK(code("id=tr_" + std::string(80, 'a')) == "missing_header");
  CHECK(asker.tell("id=ord_kEn1PlbGa", {}).result == "ignored");
  CHECK(asker.waiting() == 0);
}

TEST_CASE("an API that is away is asked again later, and only it waits", "[lookup]") {
  Asker asker("mollie");
  asker.client.objects[kMolliePath] = mollie_payment();
  asker.tell(kMollieNotice, {});
  asker.tell("id=tr_second", {});
  asker.client.status = 503;
  asker.client.retry_after = "120";
  asker.run();
  CHECK(asker.client.sent.size() == 1);  // the second would not be answered either
  CHECK(asker.troubles.back().ends_with(" provider_busy"));
  CHECK(asker.waiting() == 2);

  asker.client.status = 200;
  asker.shop.store.clock.advance(119'000);
  asker.run();
  asker.run();
  const bool was_asked = std::any_of(
      asker.client.sent.begin() + 1, asker.client.sent.end(),
      [&](const auto& request) { return request.url.find(asker.client.sent[0].url) == 0; });
  CHECK_FALSE(was_asked);
  asker.shop.store.clock.advance(2'000);
  asker.run();
  CHECK(asker.orders().size() == 1);
}

namespace {

const json kMolliePaid = {
    {"id", "event_1"}, {"type", "payment.paid"}, {"entityId", "tr_7UhSN1zuXS"}};

// Every hour, as long as that.
void run_hourly(Asker& asker, std::int64_t for_ms) {
  for (std::int64_t t_ms = 0; t_ms < for_ms; t_ms += kHour) {
    asker.run();
    asker.shop.store.clock.advance(kHour);
  }
}

}  // namespace

TEST_CASE("what is signed and a provider does not know waits until it does", "[lookup]") {
  Asker asker("mollie");  // the key is another account's
  asker.tell_signed(kMolliePaid);
  for (int i = 0; i < 3; ++i) {  // at first at short intervals
    asker.run();
    asker.shop.store.clock.advance(40'000);
  }
  CHECK(asker.client.sent.size() == 3);
  CHECK(asker.troubles.back() == "tr_7UhSN1zuXS not_at_provider");
  const std::int64_t days = GENERATE(1, 45);
  run_hourly(asker, days * kDay);
  CHECK(asker.waiting() == 1);
  CHECK(asker.shop.store.counter("demo", "lookup_dropped") == 0);
  asker.client.sent.clear();
  run_hourly(asker, 4 * kDay);
  CHECK(asker.client.sent.size() >= (days == 1 ? 96U : 4U));
  if (days == 45) CHECK(asker.client.sent.size() <= 5);

  asker.client.objects[kMolliePath] = mollie_payment();
  run_hourly(asker, 2 * kDay);
  CHECK(asker.waiting() == 0);
  CHECK(asker.orders().size() == 1);
  CHECK(asker.shop.conversions().size() == 1);
}

TEST_CASE("a webhook that comes again has what it named asked for at once", "[lookup]") {
  Asker asker("gocardless");
  const json delivery = gocardless_events({gocardless_event("EV1", "confirmed", "PM1")});
  asker.tell_signed(delivery);
  run_hourly(asker, kDay);
  REQUIRE(asker.waiting() == 1);
  const bool was_dropped = GENERATE(false, true);
  if (was_dropped)  // as an earlier version left it
    asker.shop.store.put([&](Tables& tables) -> Outcome<void> {
      TL_TRY(due, tables.fetches().due_lookups("demo", "gocardless", kNow + kDay * 365, 10));
      for (const auto& lookup : due) {
        TL_CHECK(tables.fetches().remove_lookup(lookup));
        InboxEntry asker_of;
        asker_of.site_id = "demo";
        asker_of.provider = "gocardless";
        asker_of.event_key = lookup.inbox_key;
        asker_of.result = "ignored";
        TL_CHECK(tables.orders().set_inbox_result(asker_of));
      }
      return {};
    });

  asker.run();  // not yet again
  asker.client.objects["/payments/PM1"] = gocardless_payment("PM1", 2500, "confirmed");
  asker.client.sent.clear();
  CHECK(asker.tell_signed(delivery).result == "duplicate");
  asker.run();
  CHECK(asker.orders().size() == 1);
  CHECK(asker.waiting() == 0);
  CHECK(asker.tell_signed(delivery).result == "duplicate");
  CHECK(asker.waiting() == 0);
}

TEST_CASE("what no provider has known for a month takes nobody's room", "[lookup]") {
  Asker asker("mollie");
  fill_lookups(asker, /*is_proven=*/true);
  const auto changes =
      value_of(read_as("mollie", signed_headers("mollie", kMolliePaid.dump(), {}, {}),
                       kMolliePaid.dump(), asker.config));
  InboxEntry entry;
  entry.provider = "mollie";
  entry.event_key = "event_1";
  entry.headers_json = "{}";
  CHECK_FALSE(asker.shop.orders.receive_webhook(asker.shop.site, entry, changes).ok());
  asker.shop.store.clock.advance(31 * kDay);
  CHECK(asker.shop.orders.receive_webhook(asker.shop.site, entry, changes).ok());
}

TEST_CASE("a refused key keeps look-ups waiting until it is mended", "[lookup]") {
  Asker asker("mollie");
  asker.client.objects[kMolliePath] = mollie_payment();
  asker.tell(kMollieNotice, {});
  asker.client.status = 401;
  asker.run();
  CHECK(asker.troubles.back() == "tr_7UhSN1zuXS provider_refused_key");
  asker.config.api_key = "";
  asker.shop.store.clock.advance(kHour);
  asker.run();
  CHECK(asker.troubles.back() == "tr_7UhSN1zuXS missing_setting");
  asker.config.api_key = "right";
  asker.client.status = 200;
  asker.shop.store.clock.advance(kHour);
  asker.run();
  CHECK(asker.orders().size() == 1);
}

TEST_CASE("GoCardless's events are fetched one by one, with the buyer", "[lookup][gocardless]") {
  Asker asker("gocardless");
  asker.client.objects = {
      {"/payments/PM1", gocardless_payment("PM1", 2500, "confirmed")},
      {"/payments/PM2", gocardless_payment("PM2", 900, "failed")},
      {"/events", gocardless_history()},
      {"/mandates/MD1", {{"mandates", {{"id", "MD1"}, {"links", {{"customer", "CU1"}}}}}}},
      {"/customers/CU1",
       {{"customers",
         {{"id", "CU1"},
          {"email", "jane@example.com"},
          {"given_name", "Jane"},
          {"family_name", "Roe"},
          {"country_code", "GB"}}}}}};
  const json delivery = gocardless_events({gocardless_event("EV1", "confirmed", "PM1"),
                                           gocardless_event("EV2", "failed", "PM2"),
                                           gocardless_event("EV3", "submitted", "PM1"),
                                           {{"id", "EV4"},
                                            {"resource_type", "mandates"},
                                            {"action", "active"},
                                            {"links", {{"mandate", "MD1"}}}}});
  const auto told = asker.tell_signed(delivery);
  CHECK(told.result == "lookup");
  CHECK(asker.waiting() == 2);
  asker.run();
  CHECK(asker.waiting() == 0);
  for (const auto& request : asker.client.sent)
    CHECK(request.headers.at("GoCardless-Version") == "2015-07-06");
  REQUIRE(asker.shop.conversions().size() == 1);
  const auto order = *asker.shop.order("PM1");
  CHECK(order.amount_minor == 2500);
  CHECK(order.currency == "GBP");
  CHECK(order.customer_id == "CU1");
  CHECK(order.email_hash.has_value());
  CHECK(asker.shop.conversions().front().match_type == MatchType::session);
  CHECK(asker.tell_signed(delivery).result == "duplicate");
  asker.run();
  CHECK(asker.waiting() == 0);
  CHECK(asker.shop.conversions().size() == 1);
}

TEST_CASE("GoCardless's refunds and chargebacks follow the payment", "[lookup][gocardless]") {
  Asker asker("gocardless");
  asker.client.objects["/payments/PM1"] = gocardless_payment("PM1", 2500, "paid_out");
  asker.tell_signed(gocardless_events({gocardless_event("EV1", "confirmed", "PM1")}));
  asker.run();
  CHECK(asker.orders().front().state == OrderState::paid);  // its mandate is gone: no buyer is told

  asker.client.objects["/refunds/RF1"] = {{"refunds",
                                           {{"id", "RF1"},
                                            {"amount", 700},
                                            {"currency", "GBP"},
                                            {"status", "paid"},
                                            {"created_at", "2026-09-22T10:00:00.000Z"},
                                            {"links", {{"payment", "PM1"}}}}}};
  asker.tell_signed(gocardless_events({{{"id", "EV2"},
                                        {"resource_type", "refunds"},
                                        {"action", "paid"},
                                        {"links", {{"refund", "RF1"}}}}}));
  asker.run();
  CHECK(asker.orders().front().refunded_minor == 700);

  DebitHistory debit(asker);
  CHECK(debit.tell("charged_back", "charged_back").dispute == DisputeState::lost);
  CHECK(asker.orders().front().refunded_minor == 2500);
  CHECK(debit.tell("chargeback_cancelled", "paid_out").dispute == DisputeState::won);
  CHECK(asker.orders().front().refunded_minor == 700);
  CHECK(asker.orders().size() == 1);
}

TEST_CASE("a direct debit that fails after it was confirmed goes back", "[lookup][gocardless]") {
  Asker asker("gocardless");
  DebitHistory debit(asker);
  CHECK(debit.tell("confirmed", "confirmed").refunded_minor == 0);
  const std::int64_t net_before = asker.shop.days().at(0).money.net_minor;
  CHECK(net_before == 2500);

  SECTION("until it is collected once more, and again when that fails too") {
    CHECK(debit.tell("failed", "failed").state == OrderState::paid);
    CHECK(asker.orders().front().refunded_minor == 2500);
    CHECK(asker.shop.days().at(0).money.net_minor == 0);
    CHECK(debit.tell("resubmission_requested", "pending_submission").refunded_minor == 2500);
    CHECK(debit.tell("confirmed", "confirmed").refunded_minor == 0);
    CHECK(asker.shop.days().at(0).money.net_minor == 2500);
    const auto again = debit.tell("failed", "failed");
    CHECK(again.refunded_minor == 2500);
    const auto steps = read_refund_steps(again.refunds);
    REQUIRE(steps.size() == 1);
    CHECK(steps.front().t_ms == debit.last_ms());
    CHECK(asker.shop.days().at(0).money.net_minor == 0);
  }
  SECTION("late, after it was paid out") {
    debit.tell("paid_out", "paid_out");
    debit.tell("failed", "failed");
    const auto failed = debit.tell("late_failure_settled", "failed");
    CHECK(failed.refunded_minor == 2500);
    CHECK(asker.shop.days().at(0).money.net_minor == 0);
    debit.tell("confirmed", "confirmed");
    CHECK(debit.tell("paid_out", "paid_out").refunded_minor == 0);
    CHECK(asker.shop.days().at(0).money.net_minor == 2500);
  }
  SECTION("whatever webhook of it was lost") {
    debit.happens("failed", "failed");
    debit.happens("resubmission_requested", "pending_submission");
    debit.happens("confirmed", "confirmed");
    CHECK(debit.tell("failed", "failed").refunded_minor == 2500);
    debit.happens("resubmission_requested", "pending_submission");
    CHECK(debit.tell("confirmed", "confirmed").refunded_minor == 0);
  }
  SECTION("as a chargeback that is cancelled and comes again") {
    CHECK(debit.tell("charged_back", "charged_back").dispute == DisputeState::lost);
    CHECK(debit.tell("chargeback_cancelled", "paid_out").dispute == DisputeState::won);
    const auto again = debit.tell("charged_back", "charged_back");
    CHECK(again.dispute == DisputeState::lost);
    CHECK(again.refunded_minor == 2500);
    REQUIRE(read_refund_steps(again.refunds).size() == 1);
    CHECK(read_refund_steps(again.refunds).front().t_ms == debit.last_ms());
  }
}

TEST_CASE(
    "a direct debit that came as it should is one line of history, however often it is looked up",
    "[lookup][gocardless]") {
  Asker asker("gocardless");
  DebitHistory debit(asker);
  const auto lines = [&] {
    return asker.shop.store.get(
        [](Tables& t) { return t.orders().changes_of("demo", "gocardless", "PM1"); });
  };
  debit.tell("confirmed", "confirmed");
  REQUIRE(lines().size() == 1);
  CHECK(lines().front().kind == OrderChangeKind::paid);
  debit.tell("paid_out", "paid_out");
  for (const char* action : {"confirmed", "late_failure_settled"}) {
    asker.tell_signed(gocardless_events({gocardless_event("EVR", action, "PM1")}));
    asker.run();
  }
  CHECK(lines().size() == 1);
  debit.tell("failed", "failed");
  CHECK(lines().size() == 4);  // it failed, goes back, and had been collected
  debit.tell("late_failure_settled", "failed");
  CHECK(lines().size() == 4);
}

TEST_CASE("a direct debit without its history is asked for again", "[lookup][gocardless]") {
  Asker asker("gocardless");
  DebitHistory debit(asker);
  debit.tell("confirmed", "confirmed");
  const json failed = debit.happens("failed", "failed");
  const json history = std::exchange(asker.client.objects["/events"], json());
  asker.client.objects.erase("/events");
  asker.tell_signed(gocardless_events({failed}));
  asker.run();
  CHECK(asker.waiting() == 1);
  CHECK(asker.orders().front().refunded_minor == 0);
  asker.client.objects["/events"] = history;
  asker.shop.store.clock.advance(kHour);
  asker.run();
  CHECK(asker.waiting() == 0);
  CHECK(asker.orders().front().refunded_minor == 2500);
}

TEST_CASE("a direct debit that failed and was collected later counts", "[lookup][gocardless]") {
  Asker asker("gocardless");
  asker.client.objects["/payments/PM1"] = gocardless_payment("PM1", 2500, "failed");
  asker.tell_signed(gocardless_events({gocardless_event("EV1", "failed", "PM1")}));
  asker.run();
  CHECK(asker.orders().front().state == OrderState::failed);
  CHECK(asker.orders().front().refunded_minor == 0);
  CHECK(asker.shop.conversions().empty());
  asker.client.objects["/payments/PM1"] = gocardless_payment("PM1", 2500, "confirmed");
  asker.tell_signed(gocardless_events({gocardless_event("EV2", "resubmission_requested", "PM1"),
                                       gocardless_event("EV3", "confirmed", "PM1")}));
  asker.run();
  CHECK(asker.orders().front().state == OrderState::paid);
  CHECK(asker.orders().front().refunded_minor == 0);
  CHECK(asker.shop.conversions().size() == 1);
}

namespace {

json paddle_transaction() {
  return {{"data",
           {{"id", "txn_1"},
            {"status", "completed"},
            {"origin", "web"},
            {"currency_code", "EUR"},
            {"customer_id", "ctm_1"},
            {"customer", {{"id", "ctm_1"}, {"email", "jane@example.com"}, {"name", "Jane Roe"}}},
            {"details", {{"totals", {{"grand_total", "2500"}}}}}}}};
}

// How long destinations still wait for the sale, in milliseconds; they were told of one.
std::int64_t wait_of_sale_ms(Asker& asker) {
  const auto deliveries = asker.shop.deliveries();
  REQUIRE_FALSE(deliveries.empty());
  return deliveries.front().next_attempt_ms - asker.shop.store.clock.now_ms();
}

}  // namespace

TEST_CASE("destinations wait for a buyer who is fetched, but not for long", "[lookup][paddle]") {
  Asker asker("paddle");
  const json paid = json::parse(paddle_sale().told[0].body);
  const json completed = json::parse(paddle_sale().told[1].body);
  const bool is_paid_told = GENERATE(true, false);
  asker.tell_signed(is_paid_told ? paid : completed);
  CHECK(asker.waiting() == 1);
  CHECK(wait_of_sale_ms(asker) == 15'000);
  asker.client.status = 503;
  asker.run();
  CHECK(wait_of_sale_ms(asker) == 15'000);
  asker.client.status = 200;
  asker.client.objects["/transactions/txn_1"] = paddle_transaction();
  asker.shop.store.clock.advance(10'000);
  asker.run();
  CHECK(asker.waiting() == 0);
  CHECK(wait_of_sale_ms(asker) == 0);
  CHECK(asker.orders().front().email_hash.has_value());
  // Who it is, is known.
  asker.tell_signed(is_paid_told ? completed : paid);
  CHECK(asker.waiting() == 0);
  CHECK(wait_of_sale_ms(asker) == 0);
}

TEST_CASE("a sale at Paddle counts at once, and its buyer is asked for beside it",
          "[lookup][paddle]") {
  Asker asker("paddle");
  const bool has_key = GENERATE(true, false);
  if (!has_key) asker.config.api_key.clear();
  const auto completed = paddle_sale().told[1].body;
  const auto told = asker.tell_signed(json::parse(completed));
  CHECK(told.result == "purchase");
  REQUIRE(asker.orders().size() == 1);
  CHECK(asker.orders().front().amount_minor == 2500);
  CHECK_FALSE(asker.orders().front().email_hash);
  CHECK(asker.waiting() == (has_key ? 1 : 0));
  if (!has_key) return;

  asker.run();  // the API knows no such transaction yet
  CHECK(asker.waiting() == 1);
  asker.client.objects["/transactions/txn_1"] = paddle_transaction();
  asker.shop.store.clock.advance(kHour);
  asker.run();
  CHECK(asker.waiting() == 0);
  CHECK(asker.client.sent.back().url == "https://api.example/transactions/txn_1?include=customer");
  CHECK(asker.client.sent.back().headers.at("Authorization") == "Bearer key");
  REQUIRE(asker.orders().size() == 1);
  CHECK(asker.orders().front().email_hash.has_value());
  CHECK(asker.orders().front().amount_minor == 2500);
  CHECK(asker.shop.conversions().size() == 1);
  // The webhook stays what it was, told again or not.
  CHECK(asker.tell_signed(json::parse(completed)).result == "duplicate");
  CHECK(asker.waiting() == 0);
}

TEST_CASE("GoCardless's sandbox is a test, by its header", "[lookup][gocardless]") {
  Asker asker("gocardless");
  asker.client.objects["/payments/PM1"] = gocardless_payment("PM1", 2500, "confirmed");
  asker.tell_signed(gocardless_events({gocardless_event("EV1", "confirmed", "PM1")}),
                    {{"Origin", "https://api-sandbox.gocardless.com"}});
  asker.run();
  REQUIRE(asker.orders().size() == 1);
  CHECK_FALSE(asker.orders().front().live);
  CHECK(asker.shop.deliveries().empty());
}

TEST_CASE("a sale at Paddle counts also where no more look-ups may wait", "[lookup][paddle]") {
  Asker asker("paddle");
  fill_lookups(asker, /*is_proven=*/true);
  CHECK(asker.tell_signed(json::parse(paddle_sale().told[1].body)).result == "purchase");
  CHECK(asker.orders().size() == 1);
  CHECK(asker.waiting() == 10'000);
}

TEST_CASE("made-up notices cannot fill the store, nor take the room of what is signed",
          "[lookup][mollie]") {
  Asker asker("mollie");
  fill_lookups(asker, /*is_proven=*/false);
  const auto changes = value_of(read_as("mollie", {}, kMollieNotice, asker.config));
  InboxEntry entry;
  entry.provider = "mollie";
  const auto told = asker.shop.orders.receive_webhook(asker.shop.site, entry, changes);
  REQUIRE_FALSE(told.ok());
  CHECK(told.error().code == "too_many_lookups");
  CHECK(told.error().kind == ErrorKind::unavailable);
  const json event = {{"id", "event_1"}, {"type", "payment.paid"}, {"entityId", "tr_7UhSN1zuXS"}};
  CHECK(asker.tell_signed(event).result == "lookup");
}

namespace {

std::string made_up(int number) {
  return "id=tr_fake" + std::to_string(number);
}

}  // namespace

TEST_CASE("made-up ids hold up no payment that is signed for, nor the next notice",
          "[lookup][mollie]") {
  Asker asker("mollie");
  asker.client.objects[kMolliePath] = mollie_payment();
  for (int i = 0; i < 60; ++i) asker.tell(made_up(i), {});
  const bool is_signed = GENERATE(true, false);
  if (is_signed)
    asker.tell_signed({{"id", "event_1"}, {"type", "payment.paid"}, {"entityId", "tr_7UhSN1zuXS"}});
  asker.shop.store.clock.advance(1);
  for (int i = 60; i < (is_signed ? 120 : 70); ++i) asker.tell(made_up(i), {});
  if (!is_signed) asker.tell(kMollieNotice, {});
  asker.run();
  CHECK(asker.shop.conversions().size() == 1);
  // None of them is asked for again, and what waits gets its turn.
  for (int i = 0; i < 10; ++i) asker.run();
  CHECK(asker.waiting() == 0);
  CHECK(asker.client.sent.size() == (is_signed ? 121U : 71U));
}

TEST_CASE("newer made-up notices do not starve an older payment", "[lookup]") {
  Asker asker("mollie");
  const auto ask = [&](const std::string& subject, std::int64_t asked_ms) {
    LookupRow lookup;
    lookup.site_id = "demo";
    lookup.provider = "mollie";
    lookup.is_proven = false;
    lookup.key = lookup.subject = subject;
    lookup.asked_ms = asked_ms;
    asker.shop.store.put([&](Tables& tables) { return tables.fetches().ask(lookup); });
  };
  const auto due = [&](std::uint32_t limit) {
    std::vector<std::string> subjects;
    for (const auto& lookup : asker.shop.store.get(
             [&](Tables& t) { return t.fetches().due_lookups("demo", "mollie", kNow, limit); }))
      subjects.push_back(lookup.subject);
    std::sort(subjects.begin(), subjects.end());
    return subjects;
  };
  using Subjects = std::vector<std::string>;
  ask("made-up 1", 500);
  ask("real", 1000);
  for (int i = 2; i < 10; ++i) ask("made-up " + std::to_string(i), 1000 + i);
  CHECK(due(4) == Subjects{"made-up 1", "made-up 8", "made-up 9", "real"});
  CHECK(due(20).size() == 10);
  // Asking again is asking later: it takes no place among the oldest.
  ask("made-up 1", 3000);
  CHECK(due(4) == Subjects{"made-up 1", "made-up 2", "made-up 9", "real"});
}
