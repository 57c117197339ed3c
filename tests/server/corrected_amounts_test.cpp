// SPDX-License-Identifier: Apache-2.0
// A payment that is told again with another amount: which of them the sale is worth.
#include "server/core/orders/order_fold.hpp"
#include "server/core/text/rfc3339.hpp"
#include "tests/server/provider_scripts.hpp"

#include <algorithm>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

std::string time_text(std::int64_t t_ms) {
  return write_rfc3339(t_ms).substr(0, 19);
}

// An order of 2026-09-21 as its shop tells it, changed `minutes` later. Below 0: nobody says when.
Told shop_order(const std::string& provider, const std::string& total, int minutes) {
  json order = {{"id", 42}, {"currency", "EUR"}, {"line_items", json::array()}};
  order["line_items"].push_back({{"product_id", 1}, {"name", "for " + total}, {"quantity", 1}});
  const std::string changed = time_text(kNow + minutes * kMinute);
  const std::string key = total + "@" + std::to_string(minutes);
  if (provider == "woocommerce") {
    order["total"] = total;
    order["status"] = "processing";
    order["date_paid_gmt"] = time_text(kNow);
    if (minutes >= 0) order["date_modified_gmt"] = changed;
    return {"order.updated", order.dump(), key};
  }
  order["total_price"] = total;
  order["processed_at"] = time_text(kNow) + "Z";
  if (minutes >= 0) order["updated_at"] = changed + "Z";
  return {"orders/paid", order.dump(), key};
}

// A payment of 2026-09-21 towards an invoice, told `seconds` later.
Told invoice_payment(const std::string& payment, std::int64_t amount, int seconds) {
  const std::int64_t paid_s = kNow / 1000;
  const json event = {
      {"id", payment + std::to_string(amount)},
      {"event_type", "payment_succeeded"},
      {"occurred_at", paid_s + seconds},
      {"content",
       {{"invoice", {{"id", "inv_1"}}},
        {"transaction",
         {{"id", payment}, {"amount", amount}, {"currency_code", "EUR"}, {"date", paid_s}}}}}};
  return {"", event.dump(), ""};
}

void check_worth(Shop& shop, std::int64_t amount) {
  const auto orders = shop.all_orders();
  REQUIRE(orders.size() == 1);
  CHECK(orders.front().amount_minor == amount);
  REQUIRE(shop.conversions().size() == 1);
  CHECK(shop.conversions().front().amount_minor == amount);
  check_audit(shop);
}

}  // namespace

TEST_CASE("of several amounts of an order the shop's latest word counts", "[orders][amount]") {
  const std::vector<std::pair<std::string, std::string>> totals = {{"9.00", "25.00"},
                                                                   {"25.00", "9.00"},
                                                                   {"12.00", "10.00"},
                                                                   {"10.00", "12.00"},
                                                                   {"100.00", "120.00"}};
  for (const std::string provider : {"woocommerce", "shopify"})
    for (const auto& [first, last] : totals)
      for (const bool is_reversed : {false, true}) {
        INFO(provider << " " << first << " then " << last << (is_reversed ? ", reversed" : ""));
        std::vector<Told> told = {shop_order(provider, first, 0), shop_order(provider, last, 5)};
        if (is_reversed) std::reverse(told.begin(), told.end());
        Shop shop;
        for (const auto& news : told) {
          tell_all(shop, provider, {news});
          shop.store.clock.advance(kMinute);
        }
        check_worth(shop, *round_decimal_amount(last, "EUR"));
        CHECK(shop.order("42")->items.find("for " + last) != std::string::npos);
      }
}

TEST_CASE("an amount that is changed back counts again", "[orders][amount]") {
  std::vector<int> places = {0, 1, 2};
  do {
    const std::vector<Told> told = {shop_order("woocommerce", "9.00", 0),
                                    shop_order("woocommerce", "25.00", 5),
                                    shop_order("woocommerce", "9.00", 9)};
    Shop shop;
    for (const int at : places) {
      tell_all(shop, "woocommerce", {told[static_cast<std::size_t>(at)]});
      shop.store.clock.advance(kMinute);
    }
    check_worth(shop, 900);
  } while (std::next_permutation(places.begin(), places.end()));
}

TEST_CASE("where nobody says when an amount was changed the last that came counts",
          "[orders][amount]") {
  for (const auto& [first, last] : {std::pair{"9.00", "25.00"}, {"25.00", "9.00"}}) {
    Shop shop;
    tell_all(shop, "woocommerce", {shop_order("woocommerce", first, -1)});
    shop.store.clock.advance(kMinute);
    tell_all(shop, "woocommerce", {shop_order("woocommerce", last, -1)});
    check_worth(shop, *round_decimal_amount(last, "EUR"));
  }
}

TEST_CASE("an amount that comes back counts again where nobody says when it was changed",
          "[orders][amount]") {
  Shop shop;
  int deliveries = 0;
  for (const auto& [total, amount] : {std::pair{"10.00", 1000},
                                      {"12.00", 1200},
                                      {"10.00", 1000},
                                      {"10.00", 1000},
                                      {"12.00", 1200},
                                      {"10.00", 1000}}) {
    Told told = shop_order("woocommerce", total, -1);
    told.key = std::to_string(++deliveries);
    tell_all(shop, "woocommerce", {told});
    shop.store.clock.advance(kMinute);
    CHECK(shop.order("42")->amount_minor == amount);
  }
  check_worth(shop, 1000);
}

TEST_CASE("of several amounts of a moment the greatest counts, as a number", "[orders][amount]") {
  Shop shop;
  tell_all(shop, "woocommerce",
           {shop_order("woocommerce", "100.00", -1), shop_order("woocommerce", "20.00", -1)});
  check_worth(shop, 10'000);
}

TEST_CASE("a part of a sale that is told again counts once, with the latest amount",
          "[orders][amount]") {
  std::vector<Told> told = {invoice_payment("txn_1", 800, 0), invoice_payment("txn_1", 1000, 9),
                            invoice_payment("txn_2", 1200, 5)};
  for (int turn = 0; turn < 3; ++turn) {
    std::rotate(told.begin(), told.begin() + 1, told.end());
    Shop shop;
    tell_all(shop, "chargebee", told);
    check_worth(shop, 2200);
  }
}
