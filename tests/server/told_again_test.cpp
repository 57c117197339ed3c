// SPDX-License-Identifier: Apache-2.0
// What is told again of an erased or forgotten person, under references that named them: it is
// known, names nobody, and what is new of it finds its sale.
#include "server/core/privacy/expired_people.hpp"
#include "tests/server/anns_world.hpp"
#include "throughline/hash.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

const std::string kAnn = "ann.lee@example.com", kAnnsId = "annsuser-4711";

class ToldWorld : public AnnsWorld {
 public:
  Orders keeping{*store, store.clock, Shop::takes(), &store.box};

  StatedConversion said(const std::string& kind, const std::string& reference) {
    StatedConversion stated;
    stated.kind = kind;
    stated.reference = reference;
    stated.amount_minor = 4000;
    stated.currency = "EUR";
    stated.occurred_ms = kMonth + kDay;
    stated.customer.email = kAnn;
    stated.customer.name = "Ann Lee";
    stated.user_id = kAnnsId;
    stated.session_id = id(kPhoneVisit);
    stated.digest = sha256(kind + reference);
    return stated;
  }
  StatedResult say(const StatedConversion& stated) {
    return value_of(keeping.receive_stated(*site, stated));
  }
  WebhookResult tell_stripe(const json& event) { return value_of(tell(keeping, event)); }
  void go(bool by_retention) {
    if (!by_retention) {
      erase({kAnn, "", "", std::nullopt});
      return;
    }
    site->retention.lead_days = site->retention.order_contact_days = 10;
    const ErasureServices services{*store, store.clock, store.entropy, store.box};
    const auto gone = value_of(remove_expired_people(services, *site, kMonth + 100 * kDay, 1000));
    REQUIRE(gone.is_done);
  }

  std::string rows(const std::string& sql) {
    SQLite::Database database(store.path(), SQLite::OPEN_READONLY);
    SQLite::Statement query(database, sql);
    std::string text;
    while (query.executeStep()) {
      for (int i = 0; i < query.getColumnCount(); ++i) text += query.getColumn(i).getString() + " ";
      text += "| ";
    }
    return text;
  }
  std::string orders_held() {
    return rows("SELECT provider, amount_minor, refunded_minor FROM orders ORDER BY 1, 2, 3");
  }
  std::string kinds_held() {
    return rows("SELECT kind, count(*) FROM conversion GROUP BY 1 ORDER BY 1");
  }
  void check_nobody_named(const std::vector<std::string>& more = {}) {
    require_ok(store->forget_overwritten());
    const std::string all = files();
    std::vector<std::string> gone = {kAnn, kAnnsId, to_hex(bytes_of(sha256("ann"))),
                                     to_hex(bytes_of(sha256("lee")))};
    for (const auto& text : {kAnn, kAnnsId}) {
      gone.push_back(bytes_of(sha256(text)));
      gone.push_back(to_hex(bytes_of(sha256(text))));
    }
    gone.insert(gone.end(), more.begin(), more.end());
    for (const auto& text : gone) {
      INFO(text);
      CHECK(all.find(text) == std::string::npos);
    }
    for (const auto& line : differences()) FAIL_CHECK(line);
  }
};

}  // namespace

TEST_CASE("what names an erased person and is told again is known, and its refund finds the sale",
          "[erasure][told_again]") {
  const bool by_retention = GENERATE(false, true);
  INFO((by_retention ? "retention" : "erasure"));
  ToldWorld world;
  world.come(kPhone, kPhoneVisit, kMonth, {Channel::paid_social, "facebook", "spring", "", "/"});
  std::vector<StatedConversion> told = {
      world.said("purchase", "order-" + kAnnsId + "-x"), world.said("purchase", kAnn + " 7"),
      world.said("signup", kAnnsId), world.said("custom", "plan-" + kAnnsId),
      world.said("lead", "lead-" + kAnn)};
  told[0].items = {{"ticket", "seat of " + kAnn, "", 1, {}}};
  for (const auto& one : told) REQUIRE(world.say(one).is_new);
  world.go(by_retention);
  const std::string kinds = world.kinds_held(), held = world.orders_held();
  CHECK(kinds == "custom 1 | lead 1 | purchase 2 | signup 1 | ");
  CHECK(held == "api 4000 0 | api 4000 0 | ");

  for (const auto& one : told) {
    INFO(one.kind);
    const auto again = world.say(one);
    CHECK_FALSE(again.is_new);
    CHECK(again.conversion_id != Id128{});
  }
  CHECK(world.kinds_held() == kinds);
  CHECK(world.orders_held() == held);

  auto refund = world.said("refund", told[0].reference);
  refund.refund_id = "r9";
  refund.amount_minor = 1000;
  CHECK(world.say(refund).is_new);
  CHECK_FALSE(world.say(refund).is_new);
  refund.refund_id = "r10-" + kAnnsId;
  refund.digest = sha256("r10");
  refund.reference = told[1].reference;
  refund.amount_minor = 500;
  CHECK(world.say(refund).is_new);
  CHECK(world.orders_held() == "api 4000 500 | api 4000 1000 | ");
  CHECK(world.kinds_held() == kinds);
  world.check_nobody_named();
}

TEST_CASE("a provider's webhook finds the erased sale by what named the buyer",
          "[erasure][told_again]") {
  ToldWorld world;
  const bool names_order = GENERATE(true, false);
  INFO((names_order ? "the order" : "another name of it"));
  const std::string reference = "order-" + kAnnsId;
  auto stated = world.said("purchase", names_order ? reference : "plain-1");
  world.say(stated);
  world.store.put([&](Tables& t) -> Outcome<void> {
    return t.orders().add_alias("demo", "api", "cart-" + kAnnsId, stated.reference);
  });
  world.go(false);
  OrderChange change;
  change.kind = OrderChange::Kind::purchase;
  change.order_id = "t-1";
  change.aliases = {names_order ? reference : "cart-" + kAnnsId};
  change.change_key = "paid:t-1";
  change.event_key = "e-1";
  change.event_type = "paid";
  change.amount_minor = 4000;
  change.currency = "EUR";
  change.occurred_ms = kMonth + 2 * kDay;
  change.amount_rank = 3;
  change.customer.email = kAnn;
  change.customer_id = "cus_ANN";
  InboxEntry entry;
  entry.provider = "custom_tickets";
  entry.event_key = "e-1";
  entry.event_type = "paid";
  entry.received_ms = kMonth;
  entry.headers_json = "{}";
  entry.body = R"({"buyer":")" + kAnn + "\"}";
  value_of(world.keeping.receive_webhook(*world.site, entry, {change}));

  CHECK(world.kinds_held() == "purchase 1 | ");
  CHECK(world.orders_held() == "custom_tickets 4000 0 | ");
  world.check_nobody_named({"cus_ANN"});
}

TEST_CASE("what names nobody who was erased is a new order as ever", "[erasure][told_again]") {
  ToldWorld world;
  world.say(world.said("purchase", "order-" + kAnnsId));
  world.go(false);
  auto other = world.said("purchase", "order-others-4711");
  other.customer.email = "bob@example.com";
  other.user_id = "others-4711";
  CHECK(world.say(other).is_new);
  CHECK(world.orders_held() == "api 4000 0 | api 4000 0 | ");
  // The same person, under a name that says nothing of them.
  CHECK(world.say(world.said("purchase", "order-2")).is_new);
  CHECK(world.kinds_held() == "purchase 3 | ");
  for (const auto& line : world.differences()) FAIL_CHECK(line);
}

namespace {

class SubscribedWorld : public ToldWorld {
 public:
  SubscribedWorld() {
    come(kPhone, kPhoneVisit, kMonth, {Channel::paid_social, "facebook", "spring", "", "/"});
    auto began = sale_session(1, 900, visit(), kAnn);
    began["mode"] = "subscription";
    began["subscription"] = "sub_ANN";
    began["customer"] = "cus_ANN";
    began["invoice"] = "in_1";
    began["customer_details"]["name"] = "Ann Lee";
    tell_stripe(sale_event(1, "checkout.session.completed", began, kMonth + kHour));
    pay(1, "subscription_create", kMonth + kHour);
    pay(2, "subscription_cycle", kMonth + 30 * kDay);
    REQUIRE(orders_held() == "stripe 900 0 | stripe 900 0 | ");
  }
  static json visit() { return visit_metadata(id(kPhone), id(kPhoneVisit), kMonth); }

  json invoice(int number, const std::string& reason, std::int64_t paid_ms,
               const std::string& subscription = "sub_ANN") {
    return {{"id", "in_" + std::to_string(number)},
            {"object", "invoice"},
            {"amount_paid", 900},
            {"currency", "eur"},
            {"billing_reason", reason},
            {"customer", "cus_ANN"},
            {"customer_email", kAnn},
            {"customer_name", "Ann Lee"},
            {"status_transitions", {{"paid_at", paid_ms / 1000}}},
            {"parent",
             {{"subscription_details", {{"subscription", subscription}, {"metadata", visit()}}}}},
            {"lines", {{"data", json::array()}}}};
  }
  void pay(int number, const std::string& reason, std::int64_t paid_ms,
           const std::string& subscription = "sub_ANN") {
    tell_stripe(sale_event(100 + number, "invoice.paid",
                           invoice(number, reason, paid_ms, subscription), paid_ms));
  }
  // Which names no invoice, since 2025.
  void settle(int number, std::int64_t paid_ms) {
    tell_stripe(sale_event(200 + number, "payment_intent.succeeded",
                           {{"id", "pi_" + std::to_string(number)},
                            {"object", "payment_intent"},
                            {"amount_received", 900},
                            {"currency", "eur"},
                            {"created", paid_ms / 1000},
                            {"customer", "cus_ANN"},
                            {"receipt_email", kAnn},
                            {"metadata", json::object()}},
                           paid_ms));
  }
  std::string matches_held() {
    return rows(
        "SELECT match_type <> 0, touches, amount_minor FROM conversion ORDER BY occurred_ms, 1");
  }
};

const std::vector<std::string> kAccount = {"sub_ANN", "cus_ANN"};

}  // namespace

TEST_CASE("an erased subscription leaves no name of its account, and its payments stay",
          "[erasure][told_again]") {
  const bool by_retention = GENERATE(false, true);
  INFO((by_retention ? "retention" : "erasure"));
  SubscribedWorld world;
  const std::string sums = world.sums();
  world.go(by_retention);
  world.check_nobody_named(kAccount);
  CHECK(world.sums() == sums);

  // All of it is told again.
  for (int number : {1, 2})
    world.tell_stripe(sale_event(
        300 + number, "invoice.payment_succeeded",
        world.invoice(number, number == 1 ? "subscription_create" : "subscription_cycle", kMonth),
        kMonth + number * kDay));
  auto again = sale_session(1, 900, SubscribedWorld::visit(), kAnn);
  again["mode"] = "subscription";
  again["subscription"] = "sub_ANN";
  again["customer"] = "cus_ANN";
  again["invoice"] = "in_1";
  world.tell_stripe(sale_event(9, "checkout.session.async_payment_succeeded", again, kMonth));
  CHECK(world.orders_held() == "stripe 900 0 | stripe 900 0 | ");
  world.check_nobody_named(kAccount);
}

TEST_CASE("what an erased subscription pays later is a sale of nobody, told in any order",
          "[erasure][told_again]") {
  const bool intent_first = GENERATE(false, true);
  INFO((intent_first ? "the payment first" : "the invoice first"));
  SubscribedWorld world;
  world.go(false);
  const auto before = world.matches_held();
  const std::int64_t later = kMonth + 60 * kDay;
  if (intent_first) world.settle(5, later);
  world.pay(5, "subscription_cycle", later);
  if (!intent_first) world.settle(5, later);
  world.pay(5, "subscription_cycle", later);
  world.pay(6, "subscription_cycle", later + 30 * kDay);
  world.tell_stripe(
      sale_event(20, "refund.created", sale_refund(5, "re_5", 200, "succeeded"), later + kDay));
  CHECK(world.orders_held() == "stripe 900 0 | stripe 900 0 | stripe 900 0 | stripe 900 200 | ");
  CHECK(world.matches_held() == before + "0 0 900 | 0 0 900 | ");
  world.check_nobody_named(kAccount);
  CHECK(world.files().find(bytes_of(id(kPhone))) == std::string::npos);
  CHECK(world.files().find(uuid(id(kPhone))) == std::string::npos);
}

TEST_CASE("who buys again by an erased account is a new person, and can be erased again",
          "[erasure][told_again]") {
  SubscribedWorld world;
  for (int round = 0; round < 3; ++round) {
    INFO("round " << round);
    world.go(false);
    world.check_nobody_named(kAccount);
    const std::int64_t later = kMonth + (60 + round) * kDay;
    const int number = 20 + 4 * round;
    world.come(kPhone, kPhoneVisit, later - kHour,
               {Channel::paid_search, "google", "autumn", "", "/"});
    const std::string name = "sub_NEW" + std::to_string(round);
    auto bought =
        sale_session(number, 900, visit_metadata(id(kPhone), id(kPhoneVisit), later), kAnn);
    bought["mode"] = "subscription";
    bought["subscription"] = name;
    bought["customer"] = "cus_ANN";
    bought["invoice"] = "in_" + std::to_string(number);
    world.tell_stripe(sale_event(number, "checkout.session.completed", bought, later));
    world.settle(number, later);
    world.pay(number, "subscription_create", later, name);
    world.pay(number + 50, "subscription_cycle", later + 30 * kDay, name);
    CHECK(world.rows("SELECT count(*) FROM orders") == std::to_string(4 + 2 * round) + " | ");
    CHECK(world.rows("SELECT count(*) FROM conversion WHERE hex(anonymous_id) = '" +
                     AnnsWorld::hex(id(kPhone)) + "'") == "2 | ");
    for (const auto& line : world.differences()) FAIL_CHECK(line);
  }
  world.go(false);
  world.check_nobody_named({"sub_ANN", "cus_ANN", "sub_NEW"});
}

TEST_CASE("no id of a conversion or refund is made of a name of an erased person",
          "[erasure][told_again]") {
  const bool by_retention = GENERATE(false, true);
  INFO((by_retention ? "retention" : "erasure"));
  ToldWorld world;
  world.come(kPhone, kPhoneVisit, kMonth, {Channel::paid_social, "facebook", "spring", "", "/"});
  const std::vector<StatedConversion> told = {
      world.said("purchase", "order-" + kAnnsId), world.said("purchase", kAnn),
      world.said("signup", kAnnsId), world.said("custom", "plan-" + kAnn)};
  std::vector<Id128> ids;
  for (const auto& one : told) ids.push_back(world.say(one).conversion_id);
  auto refund = world.said("refund", kAnn);
  refund.refund_id = "r1";
  refund.amount_minor = 700;
  world.say(refund);
  ids.push_back(derive_order_event_id("demo", "api", kAnn, "refund:700"));
  world.say(world.said("purchase", "plain"));
  const auto kept = derive_order_event_id("demo", "api", "plain", "purchase");
  REQUIRE(world.rows("SELECT alias FROM order_alias") == uuid(ids.back()) + " | ");
  // As vendors were told of them.
  world.store.put([&](Tables& t) -> Outcome<void> {
    for (const auto& one : {ids[0], ids[1]})
      TL_CHECK(t.outbox().claim_transaction_id("ga4 G-1", uuid(one), "demo", one));
    return {};
  });
  for (const auto& row : world.deliveries())
    world.store.put([&](Tables& t) {
      DeliveryRow sent = row;
      sent.state = DeliveryState::delivered;
      sent.delivered_ms = kMonth;
      return t.outbox().put_delivery(sent);
    });
  const auto of_events = [&] {
    std::size_t count = 0;
    for (const auto& row : world.deliveries())
      count += row.subject == DeliverySubject::conversion ? 1 : 0;
    return count;
  };
  const std::size_t deliveries = of_events();
  REQUIRE(deliveries > 0);
  require_ok(world.store->forget_overwritten());
  for (const auto& one : ids) REQUIRE(world.files().find(bytes_of(one)) != std::string::npos);

  world.go(by_retention);
  world.check_nobody_named();
  const std::string all = world.files();
  for (const auto& one : ids) {
    CHECK(all.find(bytes_of(one)) == std::string::npos);
    CHECK(all.find(uuid(one)) == std::string::npos);
  }
  CHECK(all.find(bytes_of(kept)) != std::string::npos);
  CHECK(of_events() == deliveries);
  CHECK(world.rows("SELECT count(*) FROM credit WHERE conversion_id NOT IN (SELECT id FROM "
                   "conversion)") == "0 | ");

  for (std::size_t i = 0; i < told.size(); ++i) {
    const auto again = world.say(told[i]);
    CHECK_FALSE(again.is_new);
    CHECK(again.conversion_id != ids[i]);
    const auto row = world.store.get(
        [&](Tables& t) { return t.orders().find_conversion("demo", again.conversion_id); });
    REQUIRE(row);
    CHECK(row->kind == told[i].kind);
  }
  refund.refund_id = "r2";
  refund.digest = sha256("r2");
  CHECK(world.say(refund).is_new);
  CHECK(world.orders_held() == "api 4000 0 | api 4000 0 | api 4000 1400 | ");
  world.check_nobody_named();
}

TEST_CASE("what is told again of an erased order with more of its buyer adds nothing",
          "[erasure][told_again]") {
  const bool by_retention = GENERATE(false, true);
  INFO((by_retention ? "retention" : "erasure"));
  ToldWorld world;
  const auto paid_ms = kMonth + kHour;
  world.tell_stripe(sale_event(1, "checkout.session.completed",
                               sale_session(1, 900, json::object(), kAnn), paid_ms));
  world.go(by_retention);
  world.come(kPhone, kPhoneVisit, kMonth, {Channel::paid_social, "facebook", "spring", "", "/"});
  auto again =
      sale_session(1, 900, visit_metadata(id(kPhone), id(kPhoneVisit), paid_ms - kMinute), kAnn);
  again["customer"] = "cus_ANN";
  again["subscription"] = "sub_ANN";
  again["customer_details"]["phone"] = "+420777888999";
  again["customer_details"]["name"] = "Ann Lee";
  world.tell_stripe(sale_event(2, "checkout.session.completed", again, paid_ms));
  CHECK(world.orders_held() == "stripe 900 0 | ");
  CHECK(world.rows("SELECT anonymous_id IS NULL, match_type <> 0 FROM conversion") == "1 0 | ");
  world.check_nobody_named({"cus_ANN", "sub_ANN"});
}
