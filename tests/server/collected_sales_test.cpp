// SPDX-License-Identifier: Apache-2.0
// A sale that a shop and the Stripe account which collected for it both tell.
#include "tests/server/provider_scripts.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// Order 42 at WooCommerce, of 40.00 paid by ch_1, as it stands at `at` on the day of the sale.
Told collected_order(const std::string& at, json refunds = json::array()) {
  const json order = {{"id", 42},
                      {"order_key", "wc_order_1"},
                      {"status", "processing"},
                      {"total", "40.00"},
                      {"currency", "EUR"},
                      {"transaction_id", "ch_1"},
                      {"date_paid_gmt", "2026-09-21T14:13:25"},
                      {"date_modified_gmt", "2026-09-21T" + at},
                      {"refunds", std::move(refunds)}};
  static int deliveries = 0;
  return {"order.updated", order.dump(), "delivery_" + std::to_string(++deliveries)};
}

json shop_refund(int id, const char* total) {
  return {{"id", id}, {"total", total}};
}

}  // namespace

TEST_CASE("a shop's list of refunds says nothing of refunds that others tell",
          "[orders][collected]") {
  Shop shop;
  tell_all(shop, "woocommerce", {collected_order("14:13:25")});
  shop.told(stripe_event("charge.succeeded", paid_charge(4000), 1));
  SECTION("made at Stripe") {
    shop.told(stripe_event("refund.created", refund("re_1", 700), 60));
    shop.told(stripe_event("charge.refunded", refunded_charge(700, 4000), 60));
  }
  SECTION("made at Stripe and stated by the site") {
    shop.told(stripe_event("refund.created", refund("re_1", 700), 60));
    StatedConversion stated;
    stated.kind = "refund";
    stated.reference = "42";
    stated.refund_id = "re_1";
    stated.amount_minor = 700;
    stated.currency = "EUR";
    stated.occurred_ms = kNow + kMinute;
    value_of(shop.orders.receive_stated(shop.site, stated));
  }
  SECTION("stated by the site alone") {
    StatedConversion stated;
    stated.kind = "refund";
    stated.reference = "42";
    stated.refund_id = "R-1";
    stated.amount_minor = 700;
    stated.currency = "EUR";
    stated.occurred_ms = kNow + kMinute;
    value_of(shop.orders.receive_stated(shop.site, stated));
  }
  CHECK(shop.order("42")->refunded_minor == 700);
  tell_all(shop, "woocommerce", {collected_order("16:13:25")});
  CHECK(shop.order("42")->refunded_minor == 700);
  CHECK(shop.days().front().money.net_minor == 3300);
}

TEST_CASE("deleting a refund at the shop takes nothing off what Stripe gave back",
          "[orders][collected]") {
  Shop shop;
  tell_all(shop, "woocommerce", {collected_order("14:13:25")});
  shop.told(stripe_event("charge.succeeded", paid_charge(4000), 1));
  tell_all(shop, "woocommerce",
           {collected_order("14:14:00", json::array({shop_refund(50, "-7.00")}))});
  shop.told(stripe_event("charge.refunded", refunded_charge(700, 4000), 60));
  tell_all(shop, "woocommerce", {collected_order("16:13:25")});
  CHECK(shop.order("42")->refunded_minor == 700);
}

TEST_CASE("what Stripe tells under its invoice alone is the shop's sale", "[orders][collected]") {
  Shop shop;
  shop.told(stripe_event("charge.succeeded", paid_charge(4000), 1));
  shop.told(stripe_event("invoice_payment.paid", paid_by("1", "1"), 2));
  tell_all(shop, "woocommerce", {collected_order("14:13:25")});
  shop.told(stripe_event("invoice.paid", paid_invoice("1", "subscription_cycle", 4000), 2));
  CHECK(shop.all_orders().size() == 1);
  CHECK(shop.order("in_1")->order_id == "42");
  CHECK(shop.conversions().size() == 1);
}

TEST_CASE("a shop's fact from before it ranked above Stripe's does so once it is told again",
          "[orders][collected]") {
  Shop shop;
  tell_all(shop, "woocommerce", {collected_order("14:13:25")});
  // As it was kept then.
  shop.store.put([](Tables& tables) -> Outcome<void> {
    TL_TRY(changes, tables.orders().changes_of("demo", "woocommerce", "42"));
    for (const auto& change : changes) {
      json detail = json::parse(change.detail);
      for (const char* later : {"half", "aliases", "teller"}) detail.erase(later);
      detail["rank"] = 1;
      OrderChangeRow older = change;
      older.detail = detail.dump();
      TL_CHECK(tables.orders().move_change(change, older));
    }
    return {};
  });
  shop.told(stripe_event("payment_intent.succeeded", paid_intent(4100), 1));
  tell_all(shop, "woocommerce", {collected_order("15:13:25")});
  REQUIRE(shop.order("pi_1"));
  CHECK(shop.order("pi_1")->order_id == "42");
  CHECK(shop.order("pi_1")->amount_minor == 4000);
  CHECK(shop.conversions().front().amount_minor == 4000);
}

TEST_CASE("edits of an order that change no refund leave nothing in its ledger",
          "[orders][collected]") {
  Shop shop;
  const auto rows = [&] {
    return shop.store
        .get([](Tables& t) { return t.orders().changes_of("demo", "woocommerce", "42"); })
        .size();
  };
  const json refunds = json::array({shop_refund(50, "-7.00")});
  tell_all(shop, "woocommerce", {collected_order("14:13:25")});
  const auto before = rows();
  for (int minute = 10; minute < 40; ++minute)
    tell_all(shop, "woocommerce", {collected_order("15:" + std::to_string(minute) + ":00")});
  CHECK(rows() == before);
  tell_all(shop, "woocommerce", {collected_order("16:10:00", refunds)});
  CHECK(shop.order("42")->refunded_minor == 700);
  CHECK(rows() == before + 2);
  SECTION("a list from between that comes late is one of many") {
    tell_all(shop, "woocommerce", {collected_order("15:20:30")});
    CHECK(rows() == before + 2);
    CHECK(shop.order("42")->refunded_minor == 700);
  }
  tell_all(shop, "woocommerce", {collected_order("16:20:00", refunds)});
  CHECK(rows() == before + 2);
  tell_all(shop, "woocommerce", {collected_order("16:30:00")});
  CHECK(rows() == before + 3);
  CHECK(shop.order("42")->refunded_minor == 0);
  tell_all(shop, "woocommerce", {collected_order("16:40:00")});
  CHECK(rows() == before + 3);
  // Told once more, as it was before it was deleted.
  tell_all(shop, "woocommerce", {collected_order("16:20:00", refunds)});
  CHECK(rows() == before + 3);
  CHECK(shop.order("42")->refunded_minor == 0);
}
