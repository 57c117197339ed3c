// SPDX-License-Identifier: Apache-2.0
// Which payment of a subscription is its first and which renew it, by what each provider tells, in
// whatever order it tells it.
#include "server/core/people/contact_variants.hpp"
#include "tests/server/lookup_fixture.hpp"

#include <algorithm>
#include <map>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// `minutes` after the visit.
std::string time_text(int minutes) {
  return write_rfc3339(kNow + minutes * kMinute);
}

using Roles = std::map<std::string, SubscriptionRole>;

// The role of each order's conversion, the same whichever came first.
void check_roles(const std::string& provider, std::vector<Told> told, const Roles& roles) {
  std::sort(told.begin(), told.end(), [](const Told& a, const Told& b) { return a.key < b.key; });
  do {
    Shop shop;
    tell_all(shop, provider, told);
    for (const auto& [order, role] : roles) {
      INFO(provider << " " << order << ", told first: " << told.front().key);
      const auto conversion = shop.conversion(order);
      REQUIRE(conversion);
      CHECK(conversion->subscription == role);
    }
    CHECK(shop.conversions().size() == roles.size());
  } while (std::next_permutation(told.begin(), told.end(),
                                 [](const Told& a, const Told& b) { return a.key < b.key; }));
}

Told lemon_event(const std::string& key, const char* name, const char* type, const char* number,
                 json attributes) {
  attributes.update({{"currency", "EUR"}, {"customer_id", 5}, {"user_email", "jane@example.com"}});
  return {"",
          json{{"meta", {{"event_name", name}, {"custom_data", visit_metadata()}}},
               {"data", {{"type", type}, {"id", number}, {"attributes", attributes}}}}
              .dump(),
          key};
}

std::vector<Told> lemon_subscription(std::int64_t first_minor) {
  const auto invoice = [](const char* key, const char* number, const char* reason, int minutes,
                          std::int64_t total) {
    return lemon_event(key, "subscription_payment_success", "subscription-invoices", number,
                       {{"billing_reason", reason},
                        {"status", "paid"},
                        {"subscription_id", 77},
                        {"total", total},
                        {"created_at", time_text(minutes)}});
  };
  return {lemon_event("1", "order_created", "orders", "600",
                      {{"status", "paid"}, {"total", first_minor}, {"created_at", time_text(0)}}),
          lemon_event("2", "subscription_created", "subscriptions", "77",
                      {{"order_id", 600}, {"status", "active"}, {"created_at", time_text(0)}}),
          invoice("3", "700", "initial", 0, first_minor), invoice("4", "701", "renewal", 10, 900),
          invoice("5", "702", "renewal", 20, 900)};
}

Told paystack_charge(const std::string& key, const json& more) {
  json charge = {{"reference", "ref" + key},
                 {"amount", 70000},
                 {"currency", "NGN"},
                 {"paid_at", time_text(std::stoi(key))},
                 {"customer", {{"customer_code", "CUS_1"}, {"email", "jane@example.com"}}}};
  charge.update(more);
  return {"", json{{"event", "charge.success"}, {"data", charge}}.dump(), key};
}

Told square_payment(const std::string& key, const std::string& order) {
  return {"",
          json{{"event_id", "e" + key},
               {"type", "payment.updated"},
               {"data",
                {{"object",
                  {{"payment",
                    {{"id", "pay" + key},
                     {"order_id", order},
                     {"status", "COMPLETED"},
                     {"total_money", {{"amount", 1500}, {"currency", "EUR"}}},
                     {"created_at", time_text(std::stoi(key))}}}}}}}}
              .dump(),
          key};
}
Told square_invoice(const std::string& key, const std::string& order) {
  return {"",
          json{{"event_id", "e" + key},
               {"type", "invoice.payment_made"},
               {"created_at", time_text(std::stoi(key))},
               {"data",
                {{"object",
                  {{"invoice",
                    {{"id", "inv" + key}, {"order_id", order}, {"subscription_id", "sub1"}}}}}}}}
              .dump(),
          key};
}

json woocommerce_order(int number, const char* created_via, const json& meta) {
  return {{"id", number},
          {"status", "completed"},
          {"total", "20.00"},
          {"currency", "EUR"},
          {"customer_id", 4},
          {"created_via", created_via},
          {"date_paid_gmt", "2026-09-21T14:13:20"},
          {"billing", {{"email", "jane@example.com"}}},
          {"refunds", json::array()},
          {"meta_data", meta}};
}

}  // namespace

TEST_CASE("Lemon Squeezy: the order begins the subscription that is created beside it",
          "[providers][subscriptions]") {
  check_roles("lemonsqueezy", lemon_subscription(900),
              {{"600", SubscriptionRole::first},
               {"subscription-invoices/701", SubscriptionRole::renewal},
               {"subscription-invoices/702", SubscriptionRole::renewal}});
}

TEST_CASE("Lemon Squeezy: after a trial the first real charge is the first payment",
          "[providers][subscriptions]") {
  check_roles("lemonsqueezy", lemon_subscription(0),
              {{"600", SubscriptionRole::none},
               {"subscription-invoices/701", SubscriptionRole::first},
               {"subscription-invoices/702", SubscriptionRole::renewal}});
}

TEST_CASE("Paystack: a customer's charges of one plan are one subscription's",
          "[providers][subscriptions]") {
  const json plan = {{"plan", {{"plan_code", "PLN_1"}, {"name", "Monthly"}}}};
  check_roles("paystack",
              {paystack_charge("1", plan),
               paystack_charge("2", {{"plan", "PLN_1"}}),  // as the list of transactions has it
               paystack_charge("3", plan), paystack_charge("4", {{"plan", json::object()}})},
              {{"ref1", SubscriptionRole::first},
               {"ref2", SubscriptionRole::renewal},
               {"ref3", SubscriptionRole::renewal},
               {"ref4", SubscriptionRole::none}});
}

TEST_CASE("Square: an invoice says whose subscription its payment is",
          "[providers][subscriptions]") {
  check_roles("square",
              {square_payment("1", "order1"), square_invoice("2", "order1"),
               square_payment("3", "order3"), square_invoice("4", "order3")},
              {{"pay1", SubscriptionRole::first}, {"pay3", SubscriptionRole::renewal}});
}

TEST_CASE("Square: an order of several payments is one sale of their sum", "[providers]") {
  Shop shop;
  tell_all(shop, "square", {square_payment("1", "order1"), square_payment("2", "order1")});
  REQUIRE(shop.all_orders().size() == 1);
  CHECK(shop.order("pay2")->amount_minor == 3000);
}

TEST_CASE("WooCommerce: what Subscriptions makes by itself renews", "[providers][subscriptions]") {
  const auto read = [](const json& order) {
    return value_of(sent("woocommerce", order.dump(), "order.updated")).front();
  };
  const auto renewal = read(woocommerce_order(
      502, "subscription", {{{"id", 1}, {"key", "_subscription_renewal"}, {"value", "500"}}}));
  CHECK(renewal.subscription == SubscriptionRole::renewal);
  CHECK(renewal.subscription_id == "500");
  const auto paid_by_hand = read(woocommerce_order(
      503, "checkout", {{{"id", 1}, {"key", "_subscription_renewal"}, {"value", 500}}}));
  CHECK(paid_by_hand.subscription == SubscriptionRole::renewal);
  CHECK(paid_by_hand.subscription_id == "500");
  const auto bought = read(woocommerce_order(501, "checkout", json::array()));
  CHECK(bought.subscription == SubscriptionRole::none);
  CHECK(bought.subscription_id.empty());
}

namespace {

Told paypal_event(const std::string& key, const char* type, int minutes, json resource) {
  resource["create_time"] = time_text(minutes);
  return {"", json{{"id", "WH-" + key}, {"event_type", type}, {"resource", resource}}.dump(), key};
}
Told paypal_payment(const std::string& key, int minutes) {
  return paypal_event(key, "PAYMENT.SALE.COMPLETED", minutes,
                      {{"id", "SA" + key},
                       {"state", "completed"},
                       {"billing_agreement_id", "I-1"},
                       {"amount", {{"total", "9.00"}, {"currency", "EUR"}}}});
}

std::string gumroad_ping(const std::string& sale, const std::string& more) {
  return "sale_id=" + sale + "&price=900&email=jane%40example.com&sale_timestamp=" +
         "2026-09-21T14%3A13%3A20Z&url_params[anonymous_id]=" + uuid(id(2001)) +
         "&url_params[session_id]=" + uuid(id(1001)) + more;
}
json gumroad_api_sale(const std::string& sale, const json& trial_end) {
  return {{"success", true},
          {"sale",
           {{"id", sale},
            {"price", 900},
            {"purchase_email", "jane@example.com"},
            {"created_at", "2026-09-21T14:13:20Z"},
            {"subscription_id", "sub_1"},
            {"free_trial_ends_on", trial_end},
            {"recurring_charge", false}}}};
}

}  // namespace

TEST_CASE("PayPal: whose a subscription's payments are its own event says, whenever it comes",
          "[providers][subscriptions]") {
  std::vector<Told> told = {
      paypal_event("0", "BILLING.SUBSCRIPTION.ACTIVATED", 0,
                   {{"id", "I-1"},
                    {"status", "ACTIVE"},
                    {"subscriber",
                     {{"email_address", "jane@example.com"},
                      {"payer_id", "RPZHE8694FWZC"},
                      {"name", {{"given_name", "Jane"}, {"surname", "Roe"}}},
                      {"shipping_address", {{"address", {{"country_code", "CZ"}}}}}}}}),
      paypal_payment("1", 1), paypal_payment("2", 31)};
  std::rotate(told.begin(), told.begin() + GENERATE(0, 1, 2), told.end());
  Shop shop;
  tell_all(shop, "paypal", told);

  CHECK(shop.all_orders().size() == 2);
  CHECK(shop.conversions().size() == 2);
  const auto email = contact_hash(ContactKind::email, "jane@example.com", "");
  for (const char* payment : {"SA1", "SA2"}) {
    const auto conversion = *shop.conversion(payment);
    const auto proofs =
        shop.store.get([&](Tables& t) { return t.people().proofs_of("demo", conversion.id); });
    REQUIRE(proofs.size() == 1);
    CHECK(proofs.front().contact.hash == *email);
  }
  CHECK(shop.conversion("SA2")->subscription == SubscriptionRole::renewal);
}

TEST_CASE("Gumroad: a preorder is no sale until it is charged", "[providers][gumroad]") {
  Shop shop;
  tell_all(shop, "gumroad", {{"", gumroad_ping("s_1", "&is_preorder_authorization=true"), ""}});
  CHECK(shop.order("s_1")->state == OrderState::pending);
  CHECK(shop.conversions().empty());
  tell_all(shop, "gumroad", {{"", gumroad_ping("s_2", ""), ""}});
  CHECK(shop.order("s_2")->amount_minor == 900);
  CHECK(shop.conversions().size() == 1);
}

TEST_CASE("Gumroad: whether a subscription begins with a trial its API says", "[lookup][gumroad]") {
  Asker asker("gumroad");
  const std::string begun = gumroad_ping("s_1==", "&subscription_id=sub_1&recurrence=monthly");
  const bool is_trial = GENERATE(true, false);
  asker.client.objects["/v2/sales/s_1%3D%3D"] =
      gumroad_api_sale("s_1==", is_trial ? json("Oct 1, 2026") : json(nullptr));
  CHECK(asker.tell(begun, {}).result == "pending");
  CHECK(asker.shop.conversions().empty());
  CHECK(asker.waiting() == 1);
  asker.run();
  CHECK(asker.waiting() == 0);
  const auto order = asker.shop.order("s_1==");
  REQUIRE(order);
  CHECK(order->state == OrderState::paid);
  CHECK(order->amount_minor == (is_trial ? 0 : 900));
  CHECK(order->anonymous_id == id(2001));
  const auto charge = "&subscription_id=sub_1&is_recurring_charge=true";
  CHECK(asker.tell(gumroad_ping("s_2==", charge), {}).result == "purchase");
  CHECK(asker.tell(gumroad_ping("s_3==", charge) + "&order_number=3", {}).result == "purchase");
  CHECK(asker.waiting() == 0);
  const auto role = [&](const char* sale) { return asker.shop.conversion(sale)->subscription; };
  CHECK(role("s_1==") == (is_trial ? SubscriptionRole::none : SubscriptionRole::first));
  CHECK(role("s_2==") == (is_trial ? SubscriptionRole::first : SubscriptionRole::renewal));
}

TEST_CASE("Gumroad: what its API does not answer counts as without it, until it does",
          "[lookup][gumroad]") {
  const bool is_trial = GENERATE(true, false);
  Asker asker("gumroad");
  const std::string begun = gumroad_ping("s_1==", "&subscription_id=sub_1&recurrence=monthly");
  CHECK(asker.tell(begun, {}).result == "pending");
  const auto run_for = [&](std::int64_t tries, std::int64_t each_ms) {
    for (std::int64_t i = 0; i < tries; ++i) {
      asker.run();
      asker.shop.store.clock.advance(each_ms);
    }
  };
  SECTION("it knows no such sale") {
    run_for(2, kMinute);
    CHECK(asker.shop.conversions().empty());
    run_for(1, kMinute);
  }
  SECTION("it refuses the key for a day") {
    asker.client.status = 401;
    run_for(24, kHour);
    CHECK(asker.shop.conversions().empty());
    run_for(2, kHour);
  }
  SECTION("there is no key any more") {
    asker.config.api_key.clear();
    run_for(1, kMinute);
    asker.config.api_key = "key";
  }
  REQUIRE(asker.shop.conversions().size() == 1);
  const auto order = asker.shop.order("s_1==");
  CHECK(order->state == OrderState::paid);
  CHECK(order->amount_minor == 900);
  CHECK(order->anonymous_id == id(2001));
  CHECK(asker.shop.conversion("s_1==")->subscription == SubscriptionRole::first);
  CHECK(asker.waiting() == 1);
  run_for(5, kHour);
  const auto lines = [&] {
    return asker.shop.store
        .get([](Tables& t) { return t.orders().changes_of("demo", "gumroad", "s_1=="); })
        .size();
  };
  CHECK(lines() == 2);

  asker.client.status = 200;
  asker.client.objects["/v2/sales/s_1%3D%3D"] =
      gumroad_api_sale("s_1==", is_trial ? json("Oct 1, 2026") : json(nullptr));
  run_for(2, kHour);
  CHECK(asker.waiting() == 0);
  CHECK(asker.shop.order("s_1==")->amount_minor == (is_trial ? 0 : 900));
  CHECK(lines() == (is_trial ? 3U : 2U));
  CHECK(asker.shop.conversions().size() == 1);
}

TEST_CASE("Gumroad: without its API every start of a subscription counts", "[providers][gumroad]") {
  const auto begun = one_sent("gumroad", gumroad_ping("s_1", "&subscription_id=sub_1"));
  CHECK(begun.kind == OrderChange::Kind::purchase);
  CHECK(begun.subscription == SubscriptionRole::first);
}
