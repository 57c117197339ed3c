// SPDX-License-Identifier: Apache-2.0
// Renewals at providers whose first order names no subscription: they take its path by what else
// names the buyer, whichever is told first.
#include "server/core/attribution/apart_payment.hpp"

#include "server/core/attribution/conversion_path.hpp"
#include "tests/server/lookup_fixture.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <vector>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// By what a payment names its buyer.
struct Names {
  std::string customer = "7", email = "jane@example.com";
  bool ids = false;
};
const Names kFirst = {"7", "jane@example.com", true};

std::string day_text(int day) {
  return write_rfc3339(kNow + day * kDay);
}
json ids_of(const Names& names) {
  return names.ids ? visit_metadata() : json::object();
}
// [{"<name>":key,"value":…}]
json pairs_of(const Names& names, const char* name) {
  json pairs = json::array();
  const json ids = ids_of(names);
  for (const auto& [key, value] : ids.items()) pairs.push_back({{name, key}, {"value", value}});
  return pairs;
}

enum class Part : std::uint8_t { first, renewal, other };

Told shopify_order(int number, int day, Part part, const Names& names) {
  json order = {{"id", number},
                {"total_price", "20.00"},
                {"currency", "EUR"},
                {"financial_status", "paid"},
                {"source_name", part == Part::renewal ? "subscription_contract" : "web"},
                {"created_at", day_text(day)},
                {"email", names.email},
                {"note_attributes", pairs_of(names, "name")}};
  if (!names.customer.empty()) order["customer"] = {{"id", names.customer}};
  return {"orders/paid", order.dump(), std::to_string(number)};
}

Told woocommerce_sale(int number, int day, Part part, const Names& names,
                      const char* total = "20.00") {
  json meta = pairs_of(names, "key");
  if (part == Part::renewal) meta.push_back({{"key", "_subscription_renewal"}, {"value", "500"}});
  const json order = {{"id", number},
                      {"status", "completed"},
                      {"total", total},
                      {"currency", "EUR"},
                      {"customer_id", names.customer.empty() ? 0 : std::stoi(names.customer)},
                      {"date_paid_gmt", day_text(day).substr(0, 19)},
                      {"billing", {{"email", names.email}}},
                      {"refunds", json::array()},
                      {"meta_data", meta}};
  return {"order.updated", order.dump(), std::to_string(number)};
}

Told donation(int number, int day, Part part, const Names& names) {
  json given = {{"action", "new"},
                {"id", number},
                {"amount", "20.0"},
                {"currency", "EUR"},
                {"recurring", part != Part::other},
                {"first_recurring_donation", part == Part::first},
                {"status", "paid"},
                {"donation_date", day_text(day)},
                {"donor", {{"email", names.email}}}};
  if (!names.customer.empty()) given["donor"]["id"] = names.customer;
  std::array<char, 128> buffer{};
  Out token(buffer.data(), buffer.size());
  write_packed_token({id(2001), id(1001), kNow - kMinute}, token);
  if (names.ids) given["utm_content"] = token.view();
  return {"", json::array({given}).dump(), std::to_string(number)};
}

// As the look-up of the payment tells it.
Told debit(int number, int day, Part part, const Names& names) {
  const std::string name = "PM" + std::to_string(number);
  json payment = {{"id", name},
                  {"status", "confirmed"},
                  {"amount", 2000},
                  {"currency", "EUR"},
                  {"created_at", day_text(day)},
                  {"metadata", ids_of(names)},
                  {"links", {{"mandate", "MD1"}}}};
  if (part == Part::renewal) payment["links"]["subscription"] = "SB1";
  json event = {{"id", "EV" + name},
                {"type", "payment"},
                {"resource", payment},
                {"customer", {{"email", names.email}}}};
  if (!names.customer.empty()) event["mandate"] = {{"links", {{"customer", names.customer}}}};
  return {"", json{{"events", {event}}}.dump(), name};
}

struct Seller {
  std::string provider, prefix;  // of an order's id
  std::function<Told(int, int, Part, const Names&)> order;
  std::string id(int number) const { return prefix + std::to_string(number); }
};
const Seller kShopify = {"shopify", "", shopify_order};
const Seller kWooCommerce = {"woocommerce", "",
                             [](int number, int day, Part part, const Names& names) {
                               return woocommerce_sale(number, day, part, names);
                             }};
const Seller kDonorbox = {"donorbox", "", donation};
const Seller kGoCardless = {"gocardless", "PM", debit};
const std::vector<Seller> kSellers = {kShopify, kWooCommerce, kDonorbox, kGoCardless};

// Every order, or each so many-th of them.
template <class Check>
void in_any_order(const std::string& provider, std::vector<Told> told, Check check,
                  std::size_t step = 1) {
  const auto by_key = [](const Told& a, const Told& b) { return a.key < b.key; };
  std::sort(told.begin(), told.end(), by_key);
  std::size_t place = 0;
  do {
    if (place++ % step != 0) continue;
    std::string order;
    for (const auto& one : told) order += one.key + " ";
    INFO(provider << " told " << order);
    Shop shop;
    tell_all(shop, provider, told);
    check(shop);
    check_audit(shop);
  } while (std::next_permutation(told.begin(), told.end(), by_key));
}

// It has the path of that one, and the visitor's consent.
void check_renews(Shop& shop, const std::string& order, const std::string& first_order,
                  MatchType match = MatchType::subscription) {
  INFO(order << " of " << first_order);
  const auto first = *shop.conversion(first_order), row = *shop.conversion(order);
  CHECK(row.subscription == SubscriptionRole::renewal);
  CHECK(row.match_type == match);
  CHECK(row.anonymous_id == id(2001));
  CHECK(row.touches == 1);
  CHECK(row.first_touch == id(1));
  CHECK(parse_snapshot(row.snapshot).path_of == first.id);
  CHECK(parse_snapshot(row.snapshot).occurred_ms == first.occurred_ms);
  for (const auto& delivery : shop.deliveries())
    if (delivery.event_id == row.id) CHECK(delivery.anonymous_id == id(2001));
}

}  // namespace

TEST_CASE("renewals take the path of the order that began them, beyond the lookback too",
          "[apart]") {
  for (const auto& seller : kSellers)
    in_any_order(
        seller.provider,
        {seller.order(1, 0, Part::first, kFirst), seller.order(2, 31, Part::renewal, kFirst),
         seller.order(3, 62, Part::renewal, Names{})},
        [&](Shop& shop) {
          check_renews(shop, seller.id(2), seller.id(1), MatchType::anonymous_id);
          check_renews(shop, seller.id(3), seller.id(1));
          CHECK(shop.conversion(seller.id(1))->match_type == MatchType::session);
        });
}

TEST_CASE("they find it by customer, else by ids, else by address", "[apart]") {
  const Names unnamed = {"", "other@example.com", false};
  for (const auto& seller : kSellers) {
    if (seller.provider == "gocardless") continue;  // has the customer or nothing
    for (const Names& names : {Names{"7", "other@example.com", false}, Names{"", "", true},
                               Names{"", "jane@example.com", false}})
      in_any_order(
          seller.provider,
          {seller.order(1, 0, Part::first, kFirst), seller.order(2, 31, Part::renewal, names)},
          [&](Shop& shop) {
            check_renews(shop, seller.id(2), seller.id(1),
                         names.ids ? MatchType::anonymous_id : MatchType::subscription);
          });
    in_any_order(
        seller.provider,
        {seller.order(1, 0, Part::first, kFirst), seller.order(2, 31, Part::renewal, unnamed)},
        [&](Shop& shop) {
          CHECK(shop.conversion(seller.id(2))->match_type == MatchType::none);
          CHECK(shop.conversion(seller.id(2))->touches == 0);
        });
  }
}

TEST_CASE("what was bought between two renewals did not begin them", "[apart]") {
  // Where a subscription is named (WooCommerce, GoCardless) or its first payment (Donorbox).
  for (const auto& seller : {kWooCommerce, kDonorbox, kGoCardless})
    in_any_order(
        seller.provider,
        {seller.order(1, 0, Part::first, kFirst), seller.order(2, 31, Part::renewal, Names{}),
         seller.order(3, 40, Part::other, Names{}), seller.order(4, 62, Part::renewal, Names{})},
        [&](Shop& shop) {
          for (const int number : {2, 4}) check_renews(shop, seller.id(number), seller.id(1));
          CHECK(shop.conversion(seller.id(3))->subscription != SubscriptionRole::renewal);
        },
        /*step=*/5);
}

TEST_CASE("an order with ids goes before later ones of the account, nobody's begins nothing",
          "[apart]") {
  in_any_order("shopify",
               {shopify_order(1, 0, Part::first, kFirst),
                shopify_order(2, 31, Part::other, {"7", "who@example.com", false}),
                shopify_order(3, 62, Part::renewal, {"7", "", false})},
               [](Shop& shop) { check_renews(shop, "3", "1"); });
  Shop shop;
  tell_all(shop, "shopify",
           {shopify_order(1, 0, Part::first, {"8", "", false}),
            shopify_order(2, 31, Part::renewal, {"8", "", false})});
  CHECK(shop.conversion("2")->match_type == MatchType::none);
}

TEST_CASE("GoCardless: a subscription that no payment began has its own first", "[apart]") {
  in_any_order("gocardless",
               {debit(2, 31, Part::renewal, Names{}), debit(3, 62, Part::renewal, Names{}),
                debit(1, -500, Part::other, Names{})},
               [](Shop& shop) {
                 CHECK(shop.conversion("PM1")->subscription == SubscriptionRole::none);
                 CHECK(shop.conversion("PM2")->subscription == SubscriptionRole::first);
                 CHECK(shop.conversion("PM3")->subscription == SubscriptionRole::renewal);
               });
}

TEST_CASE("WooCommerce: the first charge after a trial is the first payment", "[apart][trial]") {
  in_any_order("woocommerce",
               {woocommerce_sale(1, 0, Part::first, kFirst, "0.00"),
                woocommerce_sale(2, 31, Part::renewal, Names{}),
                woocommerce_sale(3, 62, Part::renewal, Names{})},
               [](Shop& shop) {
                 check_renews(shop, "3", "1");
                 const auto charged = *shop.conversion("2");
                 CHECK(charged.subscription == SubscriptionRole::first);
                 CHECK(parse_snapshot(charged.snapshot).path_of == shop.conversion("1")->id);
               });
}

TEST_CASE("a subscription that names its first payment is led by it", "[apart]") {
  json invoice = paid_invoice("2", "subscription_create");
  invoice["customer"] = "cus_7";
  json renewal = paid_invoice("3", "subscription_cycle");
  renewal["customer"] = "cus_7";
  renewal["status_transitions"]["paid_at"] = (kNow + 31 * kDay) / 1000;
  renewal["parent"]["subscription_details"]["metadata"] = json::object();
  json session = paid_session(2500, "1");
  session["customer"] = "cus_7";
  Shop shop;
  for (const auto& event : {stripe_event("checkout.session.completed", session),
                            stripe_event("invoice.paid", invoice, 60),
                            stripe_event("invoice.paid", renewal, 31 * 86400)})
    REQUIRE(shop.tell(event).ok());
  CHECK(parse_snapshot(shop.conversion("in_3")->snapshot).path_of == shop.conversion("in_2")->id);
  check_audit(shop);
}

TEST_CASE("an account of too many visitors began nothing", "[apart]") {
  Shop shop;
  tell_all(shop, "woocommerce",
           {woocommerce_sale(1, 0, Part::first, {"7", "till@example.com", true}),
            woocommerce_sale(2, 31, Part::renewal, {"7", "till2@example.com", false})});
  check_renews(shop, "2", "1");
  for (int number = 10; number < 26; ++number) {
    const auto visitor = static_cast<std::uint64_t>(4000 + number);
    json order = json::parse(woocommerce_sale(number, 1, Part::other, {"7", "", false}).body);
    shop.store.put([&](Tables& t) {
      auto session = given_session(visitor, kNow - kHour);
      session.anonymous_id = id(visitor);
      return t.events().put_session(session);
    });
    order["meta_data"] = json::array({{{"key", "anonymous_id"}, {"value", uuid(id(visitor))}}});
    tell_all(shop, "woocommerce", {{"order.updated", order.dump(), std::to_string(number)}});
  }
  CHECK(shop.conversion("2")->match_type == MatchType::none);
  check_audit(shop);
}
