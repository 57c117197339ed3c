// SPDX-License-Identifier: Apache-2.0
// The webhooks of one sale, at any provider, in any order, with repeats and through crashes, end in
// the same totals: one order, one conversion, one sum.
#include "tests/server/provider_scripts.hpp"

#include <algorithm>
#include <random>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

void check_totals(Shop& shop, const SaleScript& sale) {
  const auto orders = shop.all_orders();
  REQUIRE(orders.size() == 1);
  const OrderRow& order = orders.front();
  CHECK(order.order_id == sale.order_id);
  CHECK(order.state == OrderState::paid);
  CHECK(order.amount_minor == sale.amount_minor);
  CHECK(order.currency == sale.currency);
  CHECK(order.refunded_minor == sale.refunded_minor);
  CHECK(order.dispute == sale.dispute);
  CHECK(order.anonymous_id == id(2001));
  CHECK(order.email_hash.has_value() == sale.has_email);
  std::int64_t ledger = 0;
  for (const auto& change : shop.store.get(
           [&](Tables& t) { return t.orders().changes_of("demo", sale.provider, order.order_id); }))
    ledger += change.delta_minor;
  CHECK(ledger == sale.amount_minor - sale.refunded_minor);
  CHECK(shop.told_back(order) >= sale.refunded_minor);
  CHECK(shop.told_back(order) <= sale.amount_minor);
  REQUIRE(shop.conversions().size() == 1);
  CHECK(shop.conversions().front().match_type == sale.match);
}

// Twelve orders of arrival, each into a shop of its own.
template <class Check>
void tell_in_any_order(const std::string& provider, std::vector<Told> told, Check check) {
  for (std::uint32_t seed = 0; seed < 12; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    std::shuffle(told.begin(), told.end(), random);
    Shop shop;
    tell_all(shop, provider, told);
    check(shop);
  }
}

}  // namespace

TEST_CASE("every provider's sale ends in its totals in any order", "[providers][shuffle]") {
  for (const auto& sale : sale_scripts()) {
    INFO(sale.provider);
    for (std::uint32_t seed = 0; seed < 12; ++seed) {
      INFO("seed " << seed);
      std::mt19937 random(seed);
      auto told = sale.told;
      for (const auto& news : sale.told)
        if (seed != 0 && random() % 2 == 0) told.push_back(news);
      if (seed != 0) std::shuffle(told.begin(), told.end(), random);
      Shop shop;
      if (seed != 0) shop.mortal.is_killed = [&random] { return random() % 4 == 0; };
      tell_all(shop, sale.provider, told);
      check_totals(shop, sale);
    }
  }
}

TEST_CASE("a merchant reference used again at Adyen makes no two sales one",
          "[providers][shuffle]") {
  std::vector<Told> told;
  for (const auto& item : {adyen_item("AUTHORISATION", "psp_1", "", 1000),
                           adyen_item("AUTHORISATION", "psp_2", "", 2500),
                           adyen_item("AUTHORISATION", "psp_3", "", 2500),
                           adyen_item("REFUND", "psp_4", "psp_2", 2500)})
    told.push_back({"", adyen_body({item}), ""});
  tell_in_any_order("adyen", std::move(told), [](Shop& shop) {
    CHECK(shop.conversions().size() == 3);
    std::int64_t net = 0;
    for (const auto& day : shop.days()) net += day.money.net_minor;
    CHECK(net == 3500);
  });
}

TEST_CASE("money that never comes at Adyen is given back, and a refund that fails is not",
          "[providers][shuffle]") {
  std::vector<Told> told;
  for (const auto& item : {adyen_item("AUTHORISATION", "psp_1", "", 1000),
                           adyen_item("CANCELLATION", "psp_2", "psp_1", 1000),
                           adyen_item("AUTHORISATION", "psp_3", "", 2500),
                           adyen_item("CAPTURE", "psp_4", "psp_3", 2500),
                           adyen_item("CAPTURE_FAILED", "psp_4", "psp_3", 2500),
                           adyen_item("AUTHORISATION", "psp_5", "", 4000),
                           adyen_item("CANCELLATION", "psp_6", "psp_5", 4000, "false"),
                           adyen_item("REFUND", "psp_7", "psp_5", 700),
                           adyen_item("REFUND_FAILED", "psp_7", "psp_5", 700)})
    told.push_back({"", adyen_body({item}), ""});
  tell_in_any_order("adyen", std::move(told), [](Shop& shop) {
    CHECK(shop.conversions().size() == 3);
    CHECK(shop.order("psp_1")->refunded_minor == 1000);
    CHECK(shop.order("psp_3")->refunded_minor == 2500);
    CHECK(shop.order("psp_5")->refunded_minor == 0);
  });
}

TEST_CASE("what Adyen collects in another way after all stays, what expires is given back",
          "[providers][shuffle]") {
  json recaptured = adyen_item("CAPTURE", "psp_2", "psp_1", 3000);
  recaptured["NotificationRequestItem"]["reason"] = "Transaction Recaptured";
  std::vector<Told> told;
  for (const auto& item :
       {adyen_item("AUTHORISATION", "psp_1", "", 3000),
        adyen_item("CAPTURE", "psp_2", "psp_1", 3000),
        adyen_item("CAPTURE_FAILED", "psp_2", "psp_1", 3000), recaptured,
        adyen_item("AUTHORISATION", "psp_3", "", 2000),
        adyen_item("CAPTURE_FAILED", "psp_4", "psp_3", 2000),
        adyen_item("CAPTURE", "psp_5", "psp_3", 2000),
        adyen_item("AUTHORISATION", "psp_6", "", 5000),
        adyen_item("CAPTURE", "psp_7", "psp_6", 3000), adyen_item("EXPIRE", "psp_8", "psp_6", 5000),
        adyen_item("AUTHORISATION", "psp_9", "", 700),
        adyen_item("EXPIRE", "psp_10", "psp_9", 700)})
    told.push_back({"", adyen_body({item}), ""});
  tell_in_any_order("adyen", std::move(told), [](Shop& shop) {
    CHECK(shop.conversions().size() == 4);
    CHECK(shop.order("psp_1")->refunded_minor == 0);
    CHECK(shop.order("psp_3")->refunded_minor == 0);
    CHECK(shop.order("psp_6")->refunded_minor == 2000);
    CHECK(shop.order("psp_9")->refunded_minor == 700);
  });
}

TEST_CASE("a capture or sale that PayPal reverses is given back", "[providers][shuffle]") {
  const auto event = [](const char* key, const char* type, json resource) {
    return Told{
        "", json{{"id", key}, {"event_type", type}, {"resource", std::move(resource)}}.dump(), key};
  };
  const auto link = [](const std::string& path) {
    return json{{{"rel", "up"}, {"href", "https://api.paypal.com/" + path}}};
  };
  const auto of = [](const char* key, const char* value) {
    return json{{"id", key}, {"amount", {{"value", value}, {"currency_code", "EUR"}}}};
  };
  json capture = of("cap_1", "25.00"), reversal = of("ref_1", "25.00");
  capture["supplementary_data"] = {{"related_ids", {{"order_id", "ord_1"}}}};
  json sale = {{"id", "sale_1"}, {"amount", {{"total", "9.00"}, {"currency", "EUR"}}}};
  const json kept_sale = sale;
  bool is_refund = false;
  SECTION("told as a refund that names the capture") {
    reversal["links"] = link("v2/payments/captures/cap_1");
    is_refund = true;
  }
  SECTION("told as the capture itself, under its order") {
    reversal = of("cap_1", "25.00");
    reversal["status"] = "REVERSED";
    reversal["links"] = link("v2/checkout/orders/ord_1");
  }
  SECTION("told as the capture of an authorisation") {
    reversal = of("cap_1", "25.00");
    reversal["links"] = link("v2/payments/authorizations/auth_1");
  }
  sale["amount"]["total"] = "-9.00";
  std::vector<Told> told = {event("WH-1", "PAYMENT.CAPTURE.COMPLETED", capture),
                            event("WH-2", "PAYMENT.CAPTURE.REVERSED", reversal),
                            event("WH-3", "PAYMENT.SALE.COMPLETED", kept_sale),
                            event("WH-4", "PAYMENT.SALE.REVERSED", sale)};
  if (is_refund) {
    reversal["status"] = "FAILED";
    told.push_back(event("WH-5", "PAYMENT.REFUND.FAILED", reversal));
  }
  for (std::uint32_t seed = 0; seed < 12; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    std::shuffle(told.begin(), told.end(), random);
    Shop shop;
    tell_all(shop, "paypal", told);
    REQUIRE(shop.conversions().size() == 2);
    CHECK(shop.order("cap_1")->order_id == "ord_1");
    CHECK(shop.order("ord_1")->refunded_minor == (is_refund ? 0 : 2500));
    CHECK(shop.order("sale_1")->refunded_minor == 900);
  }
}

TEST_CASE("of a subscription's payments the earliest is the first and the others renew it",
          "[providers][shuffle]") {
  const auto sale = [](int month) {
    const std::string number = std::to_string(month);
    std::array<char, 128> buffer{};
    Out token(buffer.data(), buffer.size());
    write_packed_token({id(2001), id(1001), kNow - kMinute}, token);
    return Told{"",
                json{{"id", "WH-" + number},
                     {"event_type", "PAYMENT.SALE.COMPLETED"},
                     {"resource",
                      {{"id", "sale_" + number},
                       {"billing_agreement_id", "I-1"},
                       {"custom", token.view()},
                       {"amount", {{"total", "9.00"}, {"currency", "EUR"}}},
                       {"create_time", "2026-1" + number + "-21T14:13:20Z"}}}}
                    .dump(),
                "t" + number};
  };
  std::vector<Told> told = {sale(0), sale(1), sale(2)};
  std::vector<std::size_t> order = {0, 1, 2};
  do {
    INFO(order[0] << order[1] << order[2]);
    Shop shop;
    for (const auto index : order) tell_all(shop, "paypal", {told[index]});
    CHECK(shop.conversion("sale_0")->subscription == SubscriptionRole::first);
    for (const char* later : {"sale_1", "sale_2"}) {
      const auto renewal = shop.conversion(later);
      CHECK(renewal->subscription == SubscriptionRole::renewal);
      // Of the person, months after the hand-over; the session ended with the first.
      CHECK(renewal->match_type == MatchType::anonymous_id);
      CHECK(!renewal->is_new_customer);
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a sale that is paid in parts is the sum of them", "[providers][shuffle]") {
  const auto chargebee = [](const char* key, const char* type, const char* transaction,
                            std::int64_t amount) {
    return Told{
        "",
        json{{"id", key},
             {"event_type", type},
             {"occurred_at", kNow / 1000},
             {"content",
              {{"transaction", {{"id", transaction}, {"amount", amount}, {"currency_code", "EUR"}}},
               {"invoice", {{"id", "inv_1"}, {"first_invoice", true}}},
               {"customer", {{"id", "cus_1"}}}}}}
            .dump(),
        ""};
  };
  const auto paypal = [](const char* key, const char* capture, const char* amount) {
    return Told{"",
                json{{"id", key},
                     {"event_type", "PAYMENT.CAPTURE.COMPLETED"},
                     {"resource",
                      {{"id", capture},
                       {"amount", {{"value", amount}, {"currency_code", "EUR"}}},
                       {"create_time", "2026-09-21T14:13:20Z"},
                       {"supplementary_data", {{"related_ids", {{"order_id", "ord_1"}}}}}}}}
                    .dump(),
                key};
  };
  const std::vector<std::pair<std::string, std::vector<Told>>> sales = {
      {"chargebee",
       {chargebee("ev_1", "payment_succeeded", "txn_1", 6000),
        chargebee("ev_2", "payment_succeeded", "txn_2", 2000),
        chargebee("ev_3", "payment_succeeded", "txn_3", 2000),
        chargebee("ev_4", "payment_succeeded", "txn_3", 2000),
        chargebee("ev_5", "payment_refunded", "txn_4", 9000)}},
      {"paypal", {paypal("t1", "cap_1", "80.00"), paypal("t2", "cap_2", "20.00")}}};
  for (const auto& [provider, told] : sales) {
    INFO(provider);
    auto order = told;
    for (std::uint32_t seed = 0; seed < 12; ++seed) {
      INFO("seed " << seed);
      std::mt19937 random(seed);
      std::shuffle(order.begin(), order.end(), random);
      Shop shop;
      tell_all(shop, provider, order);
      REQUIRE(shop.conversions().size() == 1);
      CHECK(shop.conversions().front().amount_minor == 10000);
      std::int64_t net = 0;
      for (const auto& day : shop.days()) net += day.money.net_minor;
      CHECK(net == (provider == "chargebee" ? 1000 : 10000));
    }
  }
}
