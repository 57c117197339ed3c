// SPDX-License-Identifier: Apache-2.0
// Any order of arrival, with repeats and crashes, ends in the same rows. What may differ is
// history: which of two companions brought a change's delta, and when a delivery was first due.
#include "server/core/text/rfc3339.hpp"
#include "tests/server/provider_scripts.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <sstream>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// One thing that is told of a sale, by a webhook or by the site's own server.
using News = std::function<void(Shop&)>;

News webhook(json event) {
  return [event = std::move(event)](Shop& shop) { REQUIRE(shop.tell(event).ok()); };
}
News statement(const std::string& reference, std::int64_t amount) {
  return [=](Shop& shop) { shop.state(reference, amount); };
}

News of_shop(const std::string& provider, json body, const std::string& key) {
  return [=, text = body.dump()](Shop& shop) {
    tell_all(shop, provider, {{"order.updated", text, key}});
  };
}

// Everything that must not depend on the order of arrival, as text. The id of a conversion is made
// once and kept, so with several names of one sale it is that of whichever was told first.
std::string rows_of(Shop& shop, bool has_one_name) {
  std::ostringstream text;
  for (const auto& o : shop.all_orders()) {
    text << o.provider << ' ' << o.order_id << ' ' << static_cast<int>(o.state) << ' '
         << o.amount_minor << o.currency << ' ' << int{o.amount_rank} << " -" << o.refunded_minor
         << '/' << o.refunded_total_minor << ' ' << static_cast<int>(o.dispute) << ' '
         << o.created_ms << ' ' << o.paid_ms.value_or(0) << ' '
         << (o.session_id ? uuid(*o.session_id) : "-") << ' ' << o.email_hash.has_value()
         << o.phone_hash.has_value() << ' ' << o.customer << ' ' << o.items << ' ' << o.customer_id
         << ' ' << o.user_id << o.ids_stated;
    std::int64_t ledger = 0;
    std::set<std::string> keys;
    for (const auto& change : shop.store.get(
             [&](Tables& t) { return t.orders().changes_of("demo", o.provider, o.order_id); })) {
      ledger += change.delta_minor;
      // A list that is told again is kept once, under the key that was told first.
      if (!change.change_key.starts_with("refunds:")) keys.insert(change.change_key);
    }
    for (const auto& key : keys) text << ' ' << key;
    text << " =" << ledger;
    for (const auto& alias : shop.store.get(
             [&](Tables& t) { return t.orders().aliases_of("demo", o.provider, o.order_id); }))
      // A refund's event id names the total it reached, which partial orders reach differently.
      if (alias.find('_') != std::string::npos) text << ' ' << alias;
    text << '\n';
  }
  for (const auto& c : shop.conversions()) {
    text << (has_one_name ? uuid(c.id) : "") << ' ' << c.provider << ' ' << c.order_id << ' '
         << c.amount_minor << ' ' << c.occurred_ms << ' ' << static_cast<int>(c.match_type) << ' '
         << c.touches << ' ' << c.snapshot << ' ' << c.content << '\n';
    for (const auto& credit : shop.credits(c.id))
      text << credit.model << credit.position << ' ' << static_cast<int>(credit.channel) << ' '
           << credit.value_minor << ' ' << credit.conversions_micro << ' ' << credit.net_minor
           << '\n';
  }
  for (const auto& day : shop.days())
    if (day.conversions_micro != 0)
      text << day.day << ' ' << static_cast<int>(day.source.channel) << ' ' << day.money.value_minor
           << ' ' << day.conversions_micro << ' ' << day.money.net_minor << '\n';
  std::map<std::string, int> sent;
  for (const auto& delivery : shop.deliveries())
    if (delivery.state == DeliveryState::queued) ++sent[delivery.destination + delivery.event_name];
  if (!has_one_name) CHECK(sent["metapurchase"] == 1);
  const auto session = shop.session();
  text << session.converted << session.conversion_value_minor << session.end_reason
       << session.ended_ms.value_or(0) << '\n';
  return text.str();
}

// What the sale may have been worth to destinations before its amount was corrected.
std::int64_t most_told(Shop& shop, const OrderRow& order) {
  std::int64_t most = 0;
  for (const auto& change : shop.store.get([&](Tables& t) {
         return t.orders().changes_of("demo", order.provider, order.order_id);
       }))
    most = std::max(most, read_fact(change).amount_minor);
  return most;
}

std::string after(std::vector<News> told, std::uint32_t seed, bool has_one_name) {
  Shop shop;
  std::mt19937 random(seed);
  const std::size_t once = told.size();
  for (std::size_t i = 0; i < once; ++i)
    if (random() % 2 == 0) told.push_back(told[i]);
  if (seed != 0) {
    std::shuffle(told.begin(), told.end(), random);
    shop.mortal.is_killed = [&random] { return random() % 8 == 0; };
  }
  for (const auto& news : told) news(shop);
  for (const auto& order : shop.all_orders())
    CHECK(shop.told_back(order) <= most_told(shop, order));
  std::string rows = rows_of(shop, has_one_name);
  if (seed % 16 == 0) check_audit(shop);
  return rows;
}

void require_same_rows(const std::vector<News>& told, std::uint32_t seeds,
                       bool has_one_name = true) {
  const std::string expected = after(told, 0, has_one_name);
  INFO(expected);
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    INFO("seed " << seed);
    const std::string rows = after(told, seed, has_one_name);
    REQUIRE(rows == expected);
  }
}

}  // namespace

TEST_CASE("a sale, its companions and refunds end alike in any order", "[orders][shuffle]") {
  const std::vector<News> told = {
      webhook(stripe_event("checkout.session.completed", paid_session(), 2)),
      webhook(stripe_event("payment_intent.succeeded", paid_intent(), 1)),
      webhook(stripe_event("charge.succeeded", paid_charge(), 1)),
      webhook(stripe_event("charge.refunded", refunded_charge(700), 60)),
      webhook(stripe_event("refund.created", refund("re_1", 700), 60)),
      webhook(stripe_event("refund.created", refund("re_2", 800), 90)),
      webhook(stripe_event("refund.updated", refund("re_2", 800), 91)),
  };
  require_same_rows(told, 200);
}

TEST_CASE("a late payment with a dispute ends alike in any order", "[orders][shuffle]") {
  auto unpaid = paid_session();
  unpaid["payment_status"] = "unpaid";
  const json dispute = {
      {"id", "dp_1"},     {"amount", 2500},           {"currency", "eur"},
      {"charge", "ch_1"}, {"payment_intent", "pi_1"}, {"status", "needs_response"}};
  json lost = dispute;
  lost["status"] = "lost";
  const std::vector<News> told = {
      webhook(stripe_event("checkout.session.completed", unpaid, 2)),
      webhook(stripe_event("checkout.session.async_payment_succeeded", paid_session(), 86400)),
      webhook(stripe_event("payment_intent.succeeded", paid_intent(2600), 86399)),
      webhook(stripe_event("charge.refunded", refunded_charge(2500), 90000)),
      webhook(stripe_event("charge.dispute.created", dispute, 95000)),
      webhook(stripe_event("charge.dispute.closed", lost, 99000)),
  };
  require_same_rows(told, 200);
}

TEST_CASE("a disputed part, refunds that settle it and a chargeback that is reversed end alike",
          "[orders][shuffle]") {
  const auto dispute = [](const char* dispute_id, std::int64_t amount, const char* status) {
    return json{{"id", dispute_id}, {"amount", amount},         {"currency", "eur"},
                {"charge", "ch_1"}, {"payment_intent", "pi_1"}, {"status", status}};
  };
  const std::vector<News> told = {
      webhook(stripe_event("checkout.session.completed", paid_session(), 2)),
      webhook(stripe_event("charge.dispute.created", dispute("dp_1", 1000, "needs_response"), 50)),
      webhook(stripe_event("refund.created", refund("re_1", 300), 60)),
      webhook(stripe_event("refund.created", refund("re_2", 400), 70)),
      webhook(stripe_event("charge.dispute.closed", dispute("dp_1", 1000, "lost"), 80)),
      webhook(stripe_event("charge.dispute.closed", dispute("dp_2", 1500, "lost"), 90)),
      webhook(stripe_event("charge.dispute.funds_reinstated", dispute("dp_2", 1500, "won"), 99)),
  };
  require_same_rows(told, 100);
}

TEST_CASE("a sale that the site states beside its webhooks ends alike in any order",
          "[orders][shuffle]") {
  // Until the session joins them nothing says that cs_1 and pi_1 are one sale. The provider's
  // amount counts, whatever the site stated.
  const std::vector<News> told = {
      webhook(stripe_event("payment_intent.succeeded", paid_intent(), 1)),
      statement("cs_1", 2600),
      webhook(stripe_event("checkout.session.completed", paid_session(), 2)),
      webhook(stripe_event("charge.refunded", refunded_charge(700), 60)),
      webhook(stripe_event("refund.created", refund("re_1", 700), 60)),
  };
  require_same_rows(told, 200, /*has_one_name=*/false);
}

TEST_CASE("a sale stated under two names and told by webhooks ends alike in any order",
          "[orders][shuffle]") {
  const std::vector<News> told = {
      statement("pi_1", 2400),
      statement("cs_1", 2600),
      webhook(stripe_event("payment_intent.succeeded", paid_intent(), 1)),
      webhook(stripe_event("charge.succeeded", paid_charge(), 1)),
      webhook(stripe_event("checkout.session.completed", paid_session(), 2)),
  };
  require_same_rows(told, 200, /*has_one_name=*/false);
}

TEST_CASE("a donation that Stripe tells too is one sale in any order", "[orders][shuffle]") {
  const auto donation = [](const char* action, const char* refunded) {
    return json::array({{{"action", action},
                         {"id", 31},
                         {"amount", "40.0"},
                         {"currency", "eur"},
                         {"amount_refunded", refunded},
                         {"donation_date", "2026-09-21T14:13:25Z"},
                         {"stripe_charge_id", "ch_1"},
                         {"donor", {{"id", 5}, {"email", "jane@example.com"}}}}});
  };
  const std::vector<News> told = {
      of_shop("donorbox", donation("new", "0.0"), ""),
      webhook(stripe_event("payment_intent.succeeded", paid_intent(4000), 1)),
      webhook(stripe_event("charge.succeeded", paid_charge(4000), 1)),
      webhook(stripe_event("invoice_payment.paid", paid_by("1", "1"), 2)),
      webhook(stripe_event("invoice.paid", paid_invoice("1", "subscription_cycle", 4000), 2)),
      webhook(stripe_event("charge.refunded", refunded_charge(700, 4000), 60)),
      webhook(stripe_event("refund.created", refund("re_1", 700), 60)),
      of_shop("donorbox", donation("update", "7.0"), ""),
  };
  require_same_rows(told, 40, /*has_one_name=*/false);
  Shop shop;
  for (const auto& news : told) news(shop);
  REQUIRE(shop.all_orders().size() == 1);
  const OrderRow order = shop.all_orders().front();
  CHECK(order.provider == "donorbox");
  CHECK(order.order_id == "31");
  CHECK(order.amount_minor == 4000);
  CHECK(order.refunded_minor == 700);
  CHECK(shop.order("pi_1")->order_id == "31");
  CHECK(shop.conversions().size() == 1);
}

TEST_CASE("a WooCommerce order that Stripe tells too is one sale in any order",
          "[orders][shuffle]") {
  const auto order = [](const char* at, json refunds) {
    return json{{"id", 42},
                {"order_key", "wc_order_1"},
                {"status", "processing"},
                {"total", "40.00"},
                {"currency", "EUR"},
                {"transaction_id", "ch_1"},
                {"date_paid_gmt", "2026-09-21T14:13:25"},
                {"date_modified_gmt", at},
                {"billing", {{"email", "jane@example.com"}}},
                {"refunds", std::move(refunds)}};
  };
  const json first = {{"id", 50}, {"total", "-7.00"}}, second = {{"id", 51}, {"total", "-3.00"}};
  const std::vector<News> told = {
      of_shop("woocommerce", order("2026-09-21T14:13:25", json::array()), "1"),
      webhook(stripe_event("payment_intent.succeeded", paid_intent(4000), 1)),
      webhook(stripe_event("charge.succeeded", paid_charge(4000), 1)),
      webhook(stripe_event("refund.created", refund("re_1", 700), 60)),
      of_shop("woocommerce", order("2026-09-21T15:13:25", json::array({first, second})), "2"),
      of_shop("woocommerce", order("2026-09-21T16:13:25", json::array({first})), "3"),
      of_shop("woocommerce", order("2026-09-21T17:13:25", json::array({first})), "6"),
      of_shop("woocommerce", order("2026-09-21T14:53:25", json::array()), "7"),
      webhook(stripe_event("checkout.session.completed", paid_session(4000, "2"), 2)),
      of_shop("woocommerce",
              json{{"id", 43},
                   {"status", "completed"},
                   {"total", "40.00"},
                   {"currency", "EUR"},
                   {"transaction_id", "cash"},
                   {"date_paid_gmt", "2026-09-21T14:13:25"}},
              "4"),
      of_shop("woocommerce",
              json{{"id", 44},
                   {"status", "completed"},
                   {"total", "40.00"},
                   {"currency", "EUR"},
                   {"transaction_id", "cash"},
                   {"date_paid_gmt", "2026-09-21T14:13:25"}},
              "5"),
  };
  Shop shop;
  for (const auto& news : told) news(shop);
  CHECK(shop.all_orders().size() == 4);  // of two shops' payments in cash, and one of Stripe alone
  const OrderRow sale = *shop.order("ch_1");
  CHECK(sale.provider == "woocommerce");
  CHECK(sale.order_id == "42");
  CHECK(sale.refunded_minor == 700);
  CHECK(shop.order("pi_2")->provider == "stripe");
  CHECK(shop.conversions().size() == 4);
  require_same_rows(std::vector<News>(told.begin(), told.begin() + 8), 40,
                    /*has_one_name=*/false);
}

TEST_CASE("an order that its shop changes, and one that is paid in parts, end alike in any order",
          "[orders][shuffle][amount][parts]") {
  const auto order = [](const char* total, const char* changed, json refunds = json::array()) {
    return json{{"id", 42},
                {"status", "processing"},
                {"total", total},
                {"currency", "EUR"},
                {"date_paid_gmt", "2026-09-21T14:13:25"},
                {"date_modified_gmt", changed},
                {"billing", {{"email", "jane@example.com"}}},
                {"line_items", {{{"product_id", 1}, {"name", total}}}},
                {"refunds", std::move(refunds)}};
  };
  const json given_back = {{{"id", 50}, {"total", "-7.00"}}};
  require_same_rows(
      {
          of_shop("woocommerce", order("9.00", "2026-09-21T14:13:25"), "1"),
          of_shop("woocommerce", order("120.00", "2026-09-21T15:13:25"), "2"),
          of_shop("woocommerce", order("100.00", "2026-09-21T16:13:25", given_back), "3"),
          of_shop("woocommerce", order("120.00", "2026-09-21T17:13:25", given_back), "4"),
      },
      40);

  const auto payment = [](const char* event, const char* type, const char* id, int amount, int at) {
    return json{{"id", event},
                {"event_type", type},
                {"occurred_at", kNow / 1000 + at},
                {"content",
                 {{"invoice", {{"id", "inv_1"}}},
                  {"transaction",
                   {{"id", id},
                    {"amount", amount},
                    {"currency_code", "EUR"},
                    {"status", "success"},
                    {"date", kNow / 1000 + at % 10}}}}}};
  };
  require_same_rows(
      {
          of_shop("chargebee", payment("1", "payment_succeeded", "t_1", 800, 0), ""),
          of_shop("chargebee", payment("2", "payment_succeeded", "t_1", 900, 10), ""),
          of_shop("chargebee", payment("3", "payment_succeeded", "t_2", 1200, 6), ""),
          of_shop("chargebee", payment("4", "payment_refunded", "r_1", 1000, 9), ""),
      },
      40);
}

TEST_CASE("renewals of a subscription that names no first payment end alike in any order",
          "[orders][shuffle]") {
  const auto order = [](int number, int day, json meta, const char* refund = nullptr) {
    json refunds = json::array();
    if (refund != nullptr) refunds.push_back({{"id", 90}, {"total", refund}});
    const int changed = refund == nullptr ? day : day + 1;
    return json{{"id", number},
                {"status", "completed"},
                {"total", "20.00"},
                {"currency", "EUR"},
                {"customer_id", 7},
                {"date_paid_gmt", write_rfc3339(kNow + day * kDay).substr(0, 19)},
                {"date_modified_gmt", write_rfc3339(kNow + changed * kDay).substr(0, 19)},
                {"billing", {{"email", "jane@example.com"}}},
                {"refunds", refunds},
                {"meta_data", std::move(meta)}};
  };
  const json renewal = {{"key", "_subscription_renewal"}, {"value", "500"}};
  json ids = json::array(), renewal_with_ids = json::array({renewal});
  const json visit = visit_metadata();
  for (const auto& [key, value] : visit.items()) {
    ids.push_back({{"key", key}, {"value", value}});
    renewal_with_ids.push_back(ids.back());
  }
  const std::vector<News> told = {
      of_shop("woocommerce", order(1, 0, ids), "1"),
      of_shop("woocommerce", order(2, 31, json::array({renewal})), "2"),
      of_shop("woocommerce", order(3, 40, json::array()), "3"),
      of_shop("woocommerce", order(4, 62, renewal_with_ids), "4"),
      of_shop("woocommerce", order(4, 62, renewal_with_ids, "-7.00"), "5"),
  };
  Shop shop;
  for (const auto& news : told) news(shop);
  for (const char* number : {"2", "4"}) CHECK(shop.conversion(number)->touches == 1);
  require_same_rows(told, 24);
}
