// SPDX-License-Identifier: Apache-2.0
// A bill and its payment that no event joins: since 2025-03-31 Stripe's invoices and intents name
// each other only in invoice_payment.paid, which an endpoint may not be subscribed to.
#include "tests/server/stripe_fixture.hpp"

#include <algorithm>
#include <random>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

json with(json object, const char* key, json value) {
  object[key] = std::move(value);
  return object;
}
json intent_of(const std::string& customer, std::int64_t amount, const std::string& number) {
  return with(paid_intent(amount, number), "customer", customer);
}
json renewal_of(const std::string& customer, std::int64_t amount, const std::string& number) {
  return with(paid_invoice(number, "subscription_cycle", amount), "customer", customer);
}
json first_session(std::int64_t amount, json invoice) {
  json session = with(paid_session(amount), "mode", "subscription");
  session["subscription"] = "sub_1";
  session["payment_intent"] = nullptr;
  session["invoice"] = std::move(invoice);
  return session;
}
json refunded(const std::string& number, std::int64_t amount) {
  json charge = paid_charge(amount, number);
  charge["amount_refunded"] = amount;
  return charge;
}

std::int64_t net_of(Shop& shop) {
  std::int64_t net = 0;
  for (const auto& day : shop.days()) net += day.money.net_minor;
  return net;
}

}  // namespace

TEST_CASE("a renewal's intent is the invoice's in every order of arrival", "[orders][halves]") {
  std::vector<json> events = {
      stripe_event("invoice.paid", renewal_of("cus_1", 900, "7")),
      stripe_event("payment_intent.succeeded", intent_of("cus_1", 900, "7"), 3),
      stripe_event("charge.refunded", refunded("7", 900), 4000),
  };
  std::vector<std::size_t> order = {0, 1, 2};
  do {
    INFO(order[0] << order[1] << order[2]);
    Shop shop;
    for (const auto index : order) shop.told(events[index]);
    REQUIRE(shop.conversions().size() == 1);
    const auto sale = shop.order("in_7");
    REQUIRE(sale);
    CHECK(sale->amount_minor == 900);
    CHECK(sale->refunded_minor == 900);
    CHECK(shop.order("pi_7")->order_id == "in_7");
    CHECK(shop.order("ch_7")->order_id == "in_7");
    CHECK(net_of(shop) == 0);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a subscription's session alone claims the intent of its first invoice",
          "[orders][halves]") {
  Shop shop;
  shop.told(stripe_event("payment_intent.succeeded", intent_of("cus_1", 1900, "1")));
  shop.told(stripe_event("checkout.session.completed", first_session(1900, nullptr), 2));
  REQUIRE(shop.conversions().size() == 1);
  CHECK(shop.conversions()[0].match_type == MatchType::session);
  shop.told(stripe_event("invoice.paid",
                         with(paid_invoice("1", "subscription_create"), "customer", "cus_1")));
  REQUIRE(shop.conversions().size() == 1);
  CHECK(shop.conversion("pi_1")->order_id == "cs_1");
}

TEST_CASE("an intent that is no invoice's is a sale of its own", "[orders][halves]") {
  Shop shop;
  shop.told(stripe_event("invoice.paid", renewal_of("cus_1", 900, "7")));
  json intent = intent_of("cus_1", 900, "8");
  std::int64_t after_s = 0;
  SECTION("another customer's") {
    intent["customer"] = "cus_2";
  }
  SECTION("of no known customer") {
    intent["customer"] = nullptr;
  }
  SECTION("of another amount") {
    intent["amount_received"] = 901;
  }
  SECTION("in another currency") {
    intent["currency"] = "czk";
  }
  SECTION("an hour later") {
    after_s = 3600;
  }
  SECTION("with the ids of a visit") {
    intent["metadata"] = visit_metadata();
  }
  shop.told(stripe_event("payment_intent.succeeded", intent, after_s));
  REQUIRE(shop.conversions().size() == 2);
  const auto own = shop.conversion("pi_8");
  REQUIRE(own);
  CHECK(own->order_id == "pi_8");
  CHECK((own->match_type == MatchType::session) == !intent["metadata"].empty());
}

TEST_CASE("an invoice takes one intent, not every one of its amount", "[orders][halves]") {
  Shop shop;
  shop.told(stripe_event("payment_intent.succeeded", intent_of("cus_1", 900, "7")));
  shop.told(stripe_event("payment_intent.succeeded", intent_of("cus_1", 900, "8"), 60));
  shop.told(stripe_event("invoice.paid", renewal_of("cus_1", 900, "7")));
  CHECK(shop.conversions().size() == 2);
  CHECK(shop.order("pi_7")->order_id == "in_7");
  CHECK(shop.order("pi_8")->order_id == "pi_8");
}

TEST_CASE("two subscriptions that one buyer pays in one minute stay two sales",
          "[orders][halves]") {
  const auto paid_by = [](const std::string& invoice, const std::string& intent) {
    return json{{"id", "inpay_" + invoice},
                {"invoice", "in_" + invoice},
                {"payment", {{"type", "payment_intent"}, {"payment_intent", "pi_" + intent}}}};
  };
  std::vector<json> events = {
      stripe_event("invoice.paid", renewal_of("cus_1", 900, "1")),
      stripe_event("invoice.paid", renewal_of("cus_1", 900, "2")),
      stripe_event("payment_intent.succeeded", intent_of("cus_1", 900, "1")),
      stripe_event("payment_intent.succeeded", intent_of("cus_1", 900, "2")),
      stripe_event("invoice_payment.paid", paid_by("1", "1")),
      stripe_event("invoice_payment.paid", paid_by("2", "2")),
      stripe_event("charge.refunded", refunded("1", 900), 4000),
  };
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    std::shuffle(events.begin(), events.end(), random);
    Shop shop;
    for (const auto& event : events) shop.told(event);
    REQUIRE(shop.conversions().size() == 2);
    CHECK(net_of(shop) == 900);
  }
}

TEST_CASE("payments of parts of an invoice are one sale", "[orders][halves]") {
  const auto paid_by = [](const char* payment, const char* intent) {
    return json{{"id", payment},
                {"invoice", "in_7"},
                {"payment", {{"type", "payment_intent"}, {"payment_intent", intent}}}};
  };
  Shop shop;
  shop.told(stripe_event("payment_intent.succeeded", intent_of("cus_1", 450, "7")));
  shop.told(stripe_event("payment_intent.succeeded", intent_of("cus_1", 450, "8")));
  shop.told(stripe_event("invoice.paid", renewal_of("cus_1", 900, "7")));
  shop.told(stripe_event("invoice_payment.paid", paid_by("inpay_7", "pi_7")));
  shop.told(stripe_event("invoice_payment.paid", paid_by("inpay_8", "pi_8")));
  CHECK(shop.conversions().size() == 1);
  CHECK(net_of(shop) == 900);
}
