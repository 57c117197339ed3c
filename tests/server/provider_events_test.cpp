// SPDX-License-Identifier: Apache-2.0
// What single webhooks of the described providers mean: money by its text and currency, the
// visit's ids by every way they travel, test payments, subscriptions, refunds, what is ignored.
#include "server/core/orders/payment_description.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/providers/event_source.hpp"
#include "server/providers/exact_json.hpp"
#include "server/providers/explain.hpp"
#include "tests/server/provider_scripts.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;
using Kind = OrderChange::Kind;

namespace {

OrderChange whop_payment(const std::string& total, const std::string& currency) {
  return one_sent(
      "whop", R"({"id":"wh_1","type":"payment.succeeded","data":{"id":"pay_1","total":)" + total +
                  R"(,"currency":")" + currency + R"("}})");
}

OrderChange polar_order(std::int64_t total, const std::string& currency,
                        const json& more = json::object()) {
  json order = {{"id", "or_1"}, {"total_amount", total}, {"currency", currency}};
  order.update(more);
  return one_sent("polar", json{{"type", "order.paid"}, {"data", order}}.dump());
}

}  // namespace

TEST_CASE("floats are money by their text, rounded to the currency's unit", "[providers]") {
  CHECK(whop_payment("54.92", "usd").amount_minor == 5492);
  CHECK(whop_payment("0.30000000000000004", "usd").amount_minor == 30);
  CHECK(whop_payment("1.005", "eur").amount_minor == 101);
  CHECK(whop_payment("10", "eur").amount_minor == 1000);
  CHECK(whop_payment("1e2", "eur").amount_minor == 10000);
  CHECK(whop_payment("5000.0", "jpy").amount_minor == 5000);
  CHECK(whop_payment("1.2345", "kwd").amount_minor == 1235);
  CHECK(whop_payment("0", "usd").amount_minor == 0);
  for (const auto& amount :
       {"-1", "1e300", "99999999999999999999", "null", "true", "\"x\"", "{}"}) {
    const auto read =
        sent("whop", R"({"type":"payment.succeeded","data":{"id":"p","currency":"usd","total":)" +
                         std::string(amount) + "}}");
    INFO(amount);
    REQUIRE(!read.ok());
    CHECK(read.error().code == "malformed_body");
  }
}

TEST_CASE("a text cut inside an emoji costs no sale", "[providers]") {
  CHECK(one_sent("whop", R"({"type":"payment.succeeded","data":{"id":"p","currency":"usd",)"
                         R"("total":54.92,"product":{"title":"Film \ud83d"}}})")
            .amount_minor == 5492);
}

TEST_CASE("provider's whole numbers become ISO minor units", "[providers]") {
  CHECK(polar_order(2500, "eur").amount_minor == 2500);
  CHECK(polar_order(2500, "jpy").amount_minor == 2500);
  CHECK(polar_order(2500, "kwd").amount_minor == 25000);
  CHECK(polar_order(500, "isk").amount_minor == 5);
  CHECK(polar_order(550, "isk").amount_minor == 6);
  CHECK(polar_order(5, "mga").amount_minor == 500);
  const auto paystack = one_sent(
      "paystack",
      R"({"event":"charge.success","data":{"reference":"r","amount":500000,"currency":"XOF"}})");
  CHECK(paystack.amount_minor == 5000);
  CHECK(paystack.currency == "XOF");
  const auto paddle = one_sent(
      "paddle",
      R"({"event_id":"e","event_type":"transaction.completed","data":{"id":"txn_1","currency_code":"JPY","details":{"totals":{"grand_total":"5000"}}}})");
  CHECK(paddle.amount_minor == 5000);
}

TEST_CASE("ids of 64 bits and more keep every digit", "[providers]") {
  const auto order = one_sent(
      "shopify", R"({"id":9007199254740993,"total_price":"5000","currency":"JPY"})", "orders/paid");
  CHECK(order.order_id == "9007199254740993");
  CHECK(order.amount_minor == 5000);
  const auto charge =
      one_sent("paystack", R"({"event":"charge.success","data":{"reference":"r","id":)"
                           R"(36893488147419103232,"amount":1,"currency":"NGN"}})");
  CHECK(charge.aliases == std::vector<std::string>{"36893488147419103232"});
}

TEST_CASE("the visit's ids are found however they travelled", "[providers]") {
  const auto check = [](const OrderChange& change) {
    CHECK(change.anonymous_id == id(2001));
    CHECK(change.session_id == id(1001));
    CHECK(change.checkout_started_ms == kNow - kMinute);
  };
  for (const auto& sale : sale_scripts()) {
    INFO(sale.provider);
    for (const auto& told : sale.told)
      for (const auto& change : value_of(sent(sale.provider, told.body, told.type)))
        if (change.kind == Kind::purchase && sale.provider != "square") check(change);
  }
  std::array<char, 128> buffer{};
  Out token(buffer.data(), buffer.size());
  write_packed_token({id(2001), id(1001), kNow - kMinute}, token);
  check(polar_order(1, "eur", {{"metadata", {{"reference_id", token.view()}}}}));
  // Numbers in place of texts, and metadata that is no object.
  auto numbers = visit_metadata();
  numbers["checkout_started_at"] = kNow - kMinute;
  check(polar_order(1, "eur", {{"metadata", numbers}}));
  for (const auto& junk : {json("{"), json(""), json(0), json(nullptr), json::array(), json(true)})
    CHECK(!one_sent(
               "paystack",
               json{{"event", "charge.success"},
                    {"data",
                     {{"reference", "r"}, {"amount", 1}, {"currency", "NGN"}, {"metadata", junk}}}}
                   .dump())
               .anonymous_id);
}

TEST_CASE("a site's own metadata names count, and those of sites that moved over", "[providers]") {
  const auto id_told_as = [](const char* name, const SiteConfig& site) {
    const std::string body = json{{"type", "order.paid"},
                                  {"data",
                                   {{"id", "o"},
                                    {"total_amount", 1},
                                    {"currency", "eur"},
                                    {"metadata", {{name, uuid(id(2001))}}}}}}
                                 .dump();
    WebhookRequest request;
    request.headers = signed_headers("polar", body, "", "k");
    request.body = body;
    request.now_ms = kNow;
    return value_of(find_provider("polar")->read(request, provider_config("polar"), site))
        .front()
        .anonymous_id;
  };
  SiteConfig site = demo_site();
  CHECK(id_told_as("aurea_anonymous_id", site) == id(2001));
  CHECK_FALSE(id_told_as("shop_visitor", site));
  site.payment_keys["anonymous_id"] = {"shop_visitor"};
  CHECK(id_told_as("shop_visitor", site) == id(2001));
}

TEST_CASE("test payments are marked, by the event or by the endpoint", "[providers]") {
  CHECK(!one_sent("shopify", R"({"id":1,"total_price":"1","currency":"EUR","test":true})",
                  "orders/paid")
             .live);
  CHECK(!one_sent("paystack", R"({"event":"charge.success","data":{"reference":"r","amount":1,)"
                              R"("currency":"NGN","domain":"test"}})")
             .live);
  CHECK(!one_sent("gumroad", "sale_id=s&price=100&test=true").live);
  CHECK(!one_sent("lemonsqueezy",
                  R"({"meta":{"event_name":"order_created","test_mode":true},"data":{"id":"1",)"
                  R"("attributes":{"status":"paid","total":1,"currency":"EUR"}}})")
             .live);
  CHECK(polar_order(1, "eur").live);
  CHECK(!polar_order(1, "eur").tells_live);
  const std::string body =
      R"({"type":"order.paid","data":{"id":"o","total_amount":1,"currency":"eur"}})";
  PaymentConfig sandbox = provider_config("polar");
  sandbox.live = false;
  CHECK(!value_of(read_as("polar", signed_headers("polar", body, "", "k"), body, sandbox))
             .front()
             .live);
}

TEST_CASE("renewals are marked, first payments and single ones told apart", "[providers]") {
  const auto role = [](const char* reason) {
    return polar_order(1, "eur", {{"billing_reason", reason}, {"subscription_id", "sub_1"}})
        .subscription;
  };
  CHECK(role("purchase") == SubscriptionRole::none);
  CHECK(role("subscription_create") == SubscriptionRole::first);
  CHECK(role("subscription_cycle") == SubscriptionRole::renewal);
  CHECK(role("subscription_update") == SubscriptionRole::update);
  const auto paddle = [](const char* origin, const json& subscription) {
    return one_sent("paddle", json{{"event_id", "e"},
                                   {"event_type", "transaction.completed"},
                                   {"data",
                                    {{"id", "txn_1"},
                                     {"origin", origin},
                                     {"subscription_id", subscription},
                                     {"currency_code", "EUR"},
                                     {"details", {{"totals", {{"grand_total", "1"}}}}}}}}
                                  .dump())
        .subscription;
  };
  CHECK(paddle("web", nullptr) == SubscriptionRole::none);
  CHECK(paddle("web", "sub_1") == SubscriptionRole::first);
  CHECK(paddle("subscription_recurring", "sub_1") == SubscriptionRole::renewal);
  const auto whop = [](const json& reason) {
    const auto change = one_sent("whop", json{{"type", "payment.succeeded"},
                                              {"data",
                                               {{"id", "pay_1"},
                                                {"total", 1},
                                                {"currency", "eur"},
                                                {"billing_reason", reason},
                                                {"membership", {{"id", "mem_1"}}}}}}
                                             .dump());
    return std::pair(change.subscription, change.subscription_id);
  };
  // Whatever is bought there makes a membership.
  for (const char* single : {"one_time", "manual"})
    CHECK(whop(single) == std::pair(SubscriptionRole::none, std::string()));
  CHECK(whop("subscription_create") == std::pair(SubscriptionRole::first, std::string("mem_1")));
  CHECK(whop("subscription_cycle") == std::pair(SubscriptionRole::renewal, std::string("mem_1")));
  CHECK(whop(nullptr) == std::pair(SubscriptionRole::none, std::string("mem_1")));
  const auto gumroad = [](const std::string& more) {
    return one_sent("gumroad", "sale_id=s&price=100&" + more).subscription;
  };
  CHECK(gumroad("") == SubscriptionRole::none);
  CHECK(gumroad("subscription_id=x") == SubscriptionRole::first);
  CHECK(gumroad("subscription_id=x&is_recurring_charge=true") == SubscriptionRole::renewal);
  const auto renewal = one_sent(
      "lemonsqueezy",
      R"({"meta":{"event_name":"subscription_payment_success"},"data":{"id":"5","attributes":)"
      R"({"billing_reason":"renewal","subscription_id":9,"total":1900,"currency":"USD"}}})");
  CHECK(renewal.order_id == "subscription-invoices/5");
  CHECK(renewal.subscription == SubscriptionRole::renewal);
  CHECK(renewal.subscription_id == "9");
  const auto charged = [](int paid_count) {
    return one_sent(
               "razorpay",
               json{{"event", "subscription.charged"},
                    {"payload",
                     {{"subscription", {{"entity", {{"id", "sub_1"}, {"paid_count", paid_count}}}}},
                      {"payment",
                       {{"entity", {{"id", "pay_1"}, {"amount", 1}, {"currency", "INR"}}}}}}}}
                   .dump())
        .subscription;
  };
  CHECK(charged(1) == SubscriptionRole::first);
  CHECK(charged(12) == SubscriptionRole::renewal);
}

TEST_CASE("companions and unknown events are ignored with their reason", "[providers]") {
  const auto reason = [](const std::string& provider, const std::string& body,
                         const std::string& type = {}) {
    const auto change = one_sent(provider, body, type);
    return change.kind == Kind::ignored ? change.reason : "not ignored";
  };
  CHECK(reason("whop", R"({"type":"membership.activated","data":{"id":"m"}})") ==
        "secondary_event");
  CHECK(reason("whop", R"({"type":"course.finished","data":{"id":"m"}})") == "unknown_type");
  CHECK(reason("whop", R"({"action":"payment_pending","data":{"id":"p","currency":null}})") ==
        "unpaid");
  CHECK(reason("polar", R"({"type":"order.created","data":{"id":"o","status":"paid"}})") ==
        "secondary_event");
  CHECK(reason("shopify", R"({"id":1})", "orders/cancelled") == "secondary_event");
  CHECK(
      reason("paddle",
             R"({"event_id":"e","event_type":"adjustment.created","data":{"action":"credit"}})") ==
      "secondary_event");
  CHECK(reason("woocommerce", R"({"id":1,"status":"completed","date_paid_gmt":null})",
               "order.updated") == "unpaid");
  CHECK(reason("razorpay", R"({"event":"payment_link.paid","payload":{}})") == "secondary_event");
  CHECK(reason("gumroad", "resource_name=cancellation&subscription_id=x") == "secondary_event");
}

TEST_CASE("WooCommerce's ping on saving a webhook is no payment and no forgery", "[providers]") {
  const auto ping =
      value_of(read_as("woocommerce", {}, "webhook_id=7", provider_config("woocommerce")));
  REQUIRE(ping.size() == 1);
  CHECK(ping.front().reason == "ping");
  CHECK(
      read_as("woocommerce", {}, R"({"id":1,"status":"completed"})", provider_config("woocommerce"))
          .error()
          .code == "missing_header");
}

TEST_CASE("one WooCommerce order tells its payment and all its refunds", "[providers]") {
  const auto sale = woocommerce_sale();
  const auto changes = value_of(sent("woocommerce", sale.told.back().body, "order.updated"));
  REQUIRE(changes.size() == 4);
  CHECK(changes[0].kind == Kind::purchase);
  CHECK(changes[0].customer.name == "Zoë Ž");
  CHECK(changes[0].customer_id.empty());  // 0 is a guest
  CHECK(changes[0].occurred_ms == kNow + 999);
  REQUIRE(changes[0].items.size() == 1);
  CHECK(changes[0].items[0].price_minor == 995);
  CHECK(changes[0].items[0].quantity == 2);
  CHECK(changes[1].refund_amount_minor == 500);
  CHECK(changes[2].refund_id == "51");
  CHECK(changes[2].order_id == "42");
  CHECK(changes[3].kind == Kind::enrich);
  CHECK(changes[3].listed_refunds->ids == std::vector<std::string>{"50", "51"});
  // A list of which one has no name says nothing of those that are not in it.
  json order = parse_exact_json(sale.told.back().body);
  order["refunds"][0].erase("id");
  for (const auto& change : value_of(sent("woocommerce", order.dump(), "order.updated")))
    CHECK(!change.listed_refunds);
}

TEST_CASE("a refund that WooCommerce deleted is none, whichever way it is told", "[providers]") {
  const auto sale = woocommerce_sale();
  json order = parse_exact_json(sale.told.back().body);
  Shop shop;
  int told = 0;
  const auto tell = [&] {
    shop.store.clock.advance(kMinute);
    InboxEntry entry;
    entry.provider = "woocommerce";
    entry.event_key = std::to_string(++told);
    const auto changes = value_of(
        read_as("woocommerce", signed_headers("woocommerce", order.dump(), "order.updated", ""),
                order.dump(), provider_config("woocommerce"), shop.store.clock.now_ms()));
    value_of(shop.orders.receive_webhook(shop.site, entry, changes));
  };
  tell();
  CHECK(shop.order("42")->refunded_minor == 700);
  order["refunds"].erase(0);
  SECTION("deleting it does not change the order's date") {}
  SECTION("another change tells it") {
    order["date_modified_gmt"] = "2026-09-23T10:00:00";
  }
  tell();
  CHECK(shop.order("42")->refunded_minor == 200);
  order["refunds"] = json::array();
  tell();
  CHECK(shop.order("42")->refunded_minor == 0);
  CHECK(shop.conversions().size() == 1);
  CHECK(shop.days().front().money.net_minor == 1990);
}

TEST_CASE("an order that is paid in parts is their sum, whichever comes first",
          "[providers][razorpay]") {
  const auto told = [](const char* key, const char* type, const char* payment, int amount,
                       const json& more = json::object()) {
    json payload = {{"payment",
                     {{"entity",
                       {{"id", payment},
                        {"order_id", "order_1"},
                        {"amount", amount},
                        {"currency", "INR"},
                        {"created_at", kNow / 1000}}}}}};
    payload.update(more);
    return Told{"", json{{"event", type}, {"payload", payload}}.dump(), key};
  };
  const json paid_order = {
      {"order", {{"entity", {{"id", "order_1"}, {"amount_paid", 2500}, {"currency", "INR"}}}}}};
  std::vector<Told> parts = {told("1", "payment.captured", "pay_1", 1000),
                             told("2", "payment.captured", "pay_2", 1500),
                             told("3", "order.paid", "pay_2", 1500, paid_order)};
  const auto by_key = [](const Told& a, const Told& b) { return a.key < b.key; };
  do {
    Shop shop;
    tell_all(shop, "razorpay", parts);
    REQUIRE(shop.all_orders().size() == 1);
    CHECK(shop.order("pay_1")->amount_minor == 2500);
    CHECK(shop.conversions().size() == 1);
  } while (std::next_permutation(parts.begin(), parts.end(), by_key));
  for (const bool is_order : {true, false}) {
    Shop shop;
    tell_all(shop, "razorpay", is_order ? std::vector{parts[2]} : std::vector{parts[0], parts[1]});
    CHECK(shop.order("order_1")->amount_minor == 2500);
  }
}

TEST_CASE("a donation that is told first when a part went back is a sale all the same",
          "[providers][donorbox]") {
  const auto donation = [](const char* refunded) {
    return Told{"",
                json::array({{{"action", "update"},
                              {"id", 71},
                              {"status", "paid"},
                              {"amount", "100.0"},
                              {"amount_refunded", refunded},
                              {"currency", "EUR"},
                              {"donation_date", "2026-09-21T14:13:20Z"},
                              {"donor", {{"email", "jane@example.com"}}}}})
                    .dump(),
                ""};
  };
  Shop shop;
  tell_all(shop, "donorbox", {donation("40.0")});
  CHECK(shop.order("71")->amount_minor == 10000);
  CHECK(shop.order("71")->refunded_minor == 4000);
  CHECK(shop.conversions().size() == 1);
  tell_all(shop, "donorbox", {donation("100.0"), donation("40.0")});
  CHECK(shop.order("71")->refunded_minor == 10000);
}

TEST_CASE("a delivery's key is the provider's own, else the body's hash", "[providers]") {
  CHECK(polar_order(1, "eur").event_key == "delivery_1");
  const auto sale = lemonsqueezy_sale();
  const auto first = one_sent("lemonsqueezy", sale.told[0].body);
  CHECK(first.event_key.starts_with("sha256:"));
  CHECK(one_sent("lemonsqueezy", sale.told[0].body).event_key == first.event_key);
  CHECK(one_sent("lemonsqueezy", sale.told[2].body).event_key != first.event_key);
  CHECK(one_sent("paystack", paystack_sale().told[0].body).event_key == "charge.success:ref_1");
}

TEST_CASE("sources and conditions find what they say and nothing else", "[providers]") {
  const json event = parse_exact_json(
      R"({"a":{"b/c":"x","n":1.50,"t":true,"list":[{"k":"v"}]},"empty":"","none":null})");
  WebhookRequest request;
  request.headers = {{"X-Type", " sale "}};
  const EventPlace place{request, event, *value_at(event, "/a")};
  CHECK(text_of(place, "/b~1c") == "x");
  CHECK(text_of(place, "/n") == "1.50");
  CHECK(text_of(place, "/t") == "true");
  CHECK(text_of(place, "/list/0/k") == "v");
  CHECK(text_of(place, "/list/1/k").empty());
  CHECK(text_of(place, "/list/x").empty());
  CHECK(text_of(place, "root:/a/b~1c") == "x");
  CHECK(text_of(place, "header:x-type") == "sale");
  CHECK(text_of(place, "=fixed") == "fixed");
  CHECK(text_of(place, "{/n}-{header:X-Type}") == "1.50-sale");
  CHECK(text_of(place, "{/n}-{/missing}").empty());
  CHECK(text_of(place, "b").empty());
  CHECK(holds(place, "/n"));
  CHECK(!holds(place, "root:/empty"));
  CHECK(!holds(place, "root:/none"));
  CHECK(holds(place, "/t=false|true"));
  CHECK(!holds(place, "/t!=true"));
  CHECK(holds(place, "/missing!=true"));
  CHECK(holds(place, "header:X-Type=sa*"));
  for (const auto* wrong : {"data/id", "", "=", "header:", "{/a", "{a}", "/a + b"})
    CHECK(!source_complaint(wrong).empty());
  for (const auto* right :
       {"/", "/data/id", "root:/live", "header:X", "=x", "{/a} {/b}", "/a + /b"})
    CHECK(source_complaint(right).empty());
  CHECK(condition_complaint("/a!=b").empty());
  CHECK(!condition_complaint("a=b").empty());
}

TEST_CASE("a refund at Shopify counts in the shop's currency", "[providers]") {
  json transaction = {{"kind", "refund"},
                      {"status", "success"},
                      {"amount", "11.00"},
                      {"currency", "USD"},
                      {"amount_set",
                       {{"shop_money", {{"amount", "10.00"}, {"currency_code", "EUR"}}},
                        {"presentment_money", {{"amount", "11.00"}, {"currency_code", "USD"}}}}}};
  const auto told = [&] {
    const json refund = {{"id", 11}, {"order_id", 1}, {"transactions", {transaction}}};
    return value_of(sent("shopify", refund.dump(), "refunds/create")).front();
  };
  CHECK(told().currency == "EUR");
  CHECK(told().refund_amount_minor == 1000);
  transaction.erase("amount_set");
  CHECK(told().currency == "USD");
  CHECK(told().refund_amount_minor == 1100);
}

TEST_CASE("a renewal at Shopify is known by how its source begins", "[providers]") {
  const auto role = [](const std::string& source) {
    const json order = {{"id", 1},
                        {"total_price", "10.00"},
                        {"currency", "EUR"},
                        {"financial_status", "paid"},
                        {"source_name", source}};
    return value_of(sent("shopify", order.dump(), "orders/paid")).front().subscription;
  };
  CHECK(role("subscription_contract_checkout_one") == SubscriptionRole::renewal);
  CHECK(role("subscription_contract") == SubscriptionRole::renewal);
  CHECK(role("web") == SubscriptionRole::none);
}

TEST_CASE("Paystack's custom fields count in metadata that is text too", "[providers]") {
  const json metadata = {{"custom_fields",
                          {{{"display_name", "Anonymous id"},
                            {"variable_name", "anonymous_id"},
                            {"value", uuid(id(2001))}}}}};
  for (const json& given : {metadata, json(metadata.dump())}) {
    const json event = {
        {"event", "charge.success"},
        {"data", {{"reference", "r"}, {"amount", 1}, {"currency", "NGN"}, {"metadata", given}}}};
    CHECK(one_sent("paystack", event.dump()).anonymous_id == id(2001));
  }
}

TEST_CASE("another card saved at Paddle is no sale", "[providers]") {
  const auto told = [](const std::string& origin) {
    return one_sent("paddle", json{{"event_id", "e"},
                                   {"event_type", "transaction.completed"},
                                   {"data",
                                    {{"id", "txn_1"},
                                     {"origin", origin},
                                     {"subscription_id", "sub_1"},
                                     {"currency_code", "EUR"},
                                     {"details", {{"totals", {{"grand_total", "0"}}}}}}}}
                                  .dump())
        .kind;
  };
  CHECK(told("subscription_payment_method_change") == Kind::ignored);
  CHECK(told("subscription_recurring") == Kind::purchase);
}

TEST_CASE("a listed dispute is not decided when it was opened", "[providers]") {
  const auto razorpay = [](const char* type, const char* status) {
    return one_sent("razorpay", json{{"event", type},
                                     {"payload",
                                      {{"dispute",
                                        {{"entity",
                                          {{"id", "disp_1"},
                                           {"payment_id", "pay_1"},
                                           {"amount", 900},
                                           {"currency", "INR"},
                                           {"status", status},
                                           {"created_at", kNow / 1000 - 9 * 86'400}}}}}}}}
                                    .dump());
  };
  const auto lost = razorpay("payment.dispute.closed", "lost");
  CHECK(lost.dispute == DisputeState::lost);
  CHECK(lost.occurred_ms == kNow);
  CHECK(lost.begun_ms.value_or(0) / 1000 == (kNow - 9 * kDay) / 1000);
  CHECK(razorpay("payment.dispute.created", "open").occurred_ms / 1000 == (kNow - 9 * kDay) / 1000);

  const auto square =
      one_sent("square", json{{"type", "dispute.state.updated"},
                              {"data",
                               {{"object",
                                 {{"dispute",
                                   {{"id", "dp_1"},
                                    {"state", "LOST"},
                                    {"amount_money", {{"amount", 900}, {"currency", "EUR"}}},
                                    {"disputed_payment", {{"payment_id", "pay_1"}}},
                                    {"created_at", "2026-09-01T10:00:00Z"},
                                    {"updated_at", "2026-09-11T10:00:00Z"}}}}}}}}
                             .dump());
  const auto in_seconds = [](const char* text) { return *parse_rfc3339(text) / 1000; };
  CHECK(square.occurred_ms / 1000 == in_seconds("2026-09-11T10:00:00Z"));
  CHECK(square.begun_ms.value_or(0) / 1000 == in_seconds("2026-09-01T10:00:00Z"));
}

TEST_CASE("where orders cannot be imported a provider says what to do", "[providers]") {
  for (const auto& name : provider_names()) {
    INFO(name);
    CHECK(find_provider(name)->missed_orders_advice().empty() ==
          (find_provider_api(name) != nullptr));
  }
}

TEST_CASE("an inquiry at Square disputes nothing", "[providers]") {
  const auto kind_of = [](const std::string& state) {
    return one_sent("square", json{{"type", "dispute.created"},
                                   {"event_id", "ev_1"},
                                   {"created_at", "2026-09-21T14:13:20Z"},
                                   {"data",
                                    {{"object",
                                      {{"dispute",
                                        {{"id", "dp_1"},
                                         {"state", state},
                                         {"amount_money", {{"amount", 900}, {"currency", "EUR"}}},
                                         {"disputed_payment", {{"payment_id", "pay_1"}}}}}}}}}}
                                  .dump())
        .kind;
  };
  CHECK(kind_of("EVIDENCE_REQUIRED") == Kind::dispute);
  for (const char* state : {"INQUIRY_EVIDENCE_REQUIRED", "INQUIRY_PROCESSING", "INQUIRY_CLOSED"})
    CHECK(kind_of(state) == Kind::ignored);
}

TEST_CASE("a dispute at PayPal takes what goes back to the buyer from the seller", "[providers]") {
  const auto decided = [](const char* outcome, json amount_refunded = nullptr) {
    json told = {{"outcome_code", outcome}};
    if (!amount_refunded.is_null()) told["amount_refunded"] = std::move(amount_refunded);
    return one_sent("paypal",
                    json{{"id", "WH-1"},
                         {"event_type", "CUSTOMER.DISPUTE.RESOLVED"},
                         {"resource",
                          {{"dispute_id", "PP-D-1"},
                           {"create_time", "2026-09-25T10:00:00.000Z"},
                           {"update_time", "2026-10-05T10:00:00.000Z"},
                           {"dispute_amount", {{"value", "25.00"}, {"currency_code", "USD"}}},
                           {"dispute_outcome", std::move(told)},
                           {"disputed_transactions", {{{"seller_transaction_id", "cap_1"}}}}}}}
                        .dump());
  };
  CHECK(decided("RESOLVED_BUYER_FAVOUR").dispute == DisputeState::lost);
  CHECK(decided("RESOLVED_BUYER_FAVOUR").amount_minor == 2500);
  CHECK(decided("RESOLVED_BUYER_FAVOUR").begun_ms == parse_rfc3339("2026-09-25T10:00:00.000Z"));
  CHECK(decided("RESOLVED_BUYER_FAVOUR").occurred_ms == parse_rfc3339("2026-10-05T10:00:00.000Z"));
  const auto in_part =
      decided("RESOLVED_BUYER_FAVOUR", {{"value", "10.00"}, {"currency_code", "USD"}});
  CHECK(in_part.dispute == DisputeState::lost);
  CHECK(in_part.amount_minor == 1000);
  CHECK(in_part.currency == "USD");
  CHECK(decided("RESOLVED_WITH_PAYOUT", {{"value", "25.00"}, {"currency_code", "USD"}}).dispute ==
        DisputeState::won);
}

TEST_CASE("Gumroad's cents are of dollars, and a refund of a part does not say how much",
          "[providers]") {
  const std::string sale = "sale_id=s1&price=2500&currency=eur";
  CHECK(one_sent("gumroad", sale).currency == "USD");
  const auto refunded = [&](const char* whole) {
    return one_sent("gumroad", sale + "&resource_name=refund&refunded=" + whole);
  };
  CHECK(refunded("true").refunded_total_minor == 2500);
  CHECK(refunded("false").kind == OrderChange::Kind::ignored);
  CHECK(refunded("false").reason == "part_refunded");
}

TEST_CASE("a Gumroad link that the script decorated brings the token back", "[providers]") {
  const auto told = one_sent("gumroad",
                             "resource_name=sale&sale_id=s1&price=2500&currency=eur&url_params%5B"
                             "client_reference_id%5D=tl1_" +
                                 uuid(id(2001)) + "_" + uuid(id(1001)) + "_mt0abc12");
  CHECK(told.anonymous_id == id(2001));
  CHECK(told.session_id == id(1001));
}

TEST_CASE("a lost dispute is dated at its decision, or when that was told", "[providers]") {
  const auto opened_ms = parse_rfc3339("2026-09-25T10:00:00.000Z");
  const auto lost_ms = parse_rfc3339("2026-10-05T10:00:00.000Z");
  const auto paystack = [](const char* type, json resolved_at) {
    return one_sent("paystack", json{{"event", type},
                                     {"data",
                                      {{"id", 7},
                                       {"resolution", "merchant-accepted"},
                                       {"created_at", "2026-09-25T10:00:00.000Z"},
                                       {"resolvedAt", std::move(resolved_at)},
                                       {"currency", "NGN"},
                                       {"refund_amount", 5000},
                                       {"transaction", {{"reference", "r"}}}}}}
                                    .dump());
  };
  const auto shopify = [](const char* status, json finalized_on) {
    return value_of(sent("shopify",
                         json{{"id", 7},
                              {"order_id", 1},
                              {"status", status},
                              {"amount", "50.00"},
                              {"currency", "EUR"},
                              {"initiated_at", "2026-09-25T10:00:00.000Z"},
                              {"finalized_on", std::move(finalized_on)}}
                             .dump(),
                         "disputes/update"))
        .front();
  };
  for (const auto& told : {paystack("charge.dispute.resolve", "2026-10-05T10:00:00.000Z"),
                           shopify("lost", "2026-10-05T10:00:00.000Z")}) {
    CHECK(told.dispute == DisputeState::lost);
    CHECK(told.begun_ms == opened_ms);
    CHECK(told.occurred_ms == lost_ms);
  }
  for (const auto& told :
       {paystack("charge.dispute.resolve", nullptr), shopify("accepted", nullptr)}) {
    CHECK(told.begun_ms == opened_ms);
    CHECK(told.occurred_ms == kNow);
  }
  for (const auto& told :
       {paystack("charge.dispute.create", nullptr), shopify("needs_response", nullptr)})
    CHECK(told.occurred_ms == opened_ms);
}

TEST_CASE("a capture at PayPal is reversed when it is, not when it was made", "[providers]") {
  const json capture = {{"id", "cap_1"},
                        {"amount", {{"value", "25.00"}, {"currency_code", "USD"}}},
                        {"create_time", "2026-09-21T14:13:20Z"},
                        {"update_time", "2026-10-01T10:00:00.000Z"}};
  const auto reversed = one_sent("paypal", json{{"id", "WH-1"},
                                                {"event_type", "PAYMENT.CAPTURE.REVERSED"},
                                                {"create_time", "2026-10-01T10:00:05.000Z"},
                                                {"resource", capture}}
                                               .dump());
  CHECK(reversed.refund_amount_minor == 2500);
  CHECK(reversed.occurred_ms == *parse_rfc3339("2026-10-01T10:00:00.000Z"));
}

TEST_CASE("an inquiry at Whop and a warning at Paddle dispute nothing", "[providers]") {
  const auto whop = [](const std::string& type, const std::string& status) {
    return one_sent("whop", json{{"type", type},
                                 {"data",
                                  {{"id", "dspt_1"},
                                   {"status", status},
                                   {"amount", 9.0},
                                   {"currency", "usd"},
                                   {"payment", {{"id", "pay_1"}}}}}}
                                .dump());
  };
  CHECK(whop("dispute.created", "needs_response").kind == Kind::dispute);
  CHECK(whop("dispute.updated", "won").kind == Kind::dispute_closed);
  for (const char* type : {"dispute.created", "dispute_updated"})
    for (const char* status :
         {"warning_needs_response", "warning_under_review", "warning_closed"}) {
      INFO(type << " " << status);
      CHECK(whop(type, status).kind == Kind::ignored);
      CHECK(whop(type, status).reason == "inquiry");
    }
  CHECK(whop("dispute_alert.created", "").kind == Kind::ignored);

  const auto paddle = [](const std::string& action) {
    return one_sent("paddle", json{{"event_id", "ntf_1"},
                                   {"event_type", "adjustment.created"},
                                   {"data",
                                    {{"id", "adj_1"},
                                     {"action", action},
                                     {"status", "approved"},
                                     {"transaction_id", "txn_1"},
                                     {"currency_code", "USD"},
                                     {"totals", {{"total", "900"}}}}}}
                                  .dump());
  };
  CHECK(paddle("chargeback").dispute == DisputeState::lost);
  CHECK(paddle("chargeback_reverse").dispute == DisputeState::won);
  CHECK(paddle("chargeback_warning").kind == Kind::ignored);
  CHECK(paddle("chargeback_warning_reverse").kind == Kind::ignored);
}

TEST_CASE("what moves no money of a sale is none of ours, and no reject", "[providers]") {
  const auto is_ignored = [](const std::string& provider, const json& body,
                             const std::string& type = {}) {
    const auto change = one_sent(provider, body.dump(), type);
    return change.kind == Kind::ignored && change.reason == "secondary_event";
  };
  CHECK(is_ignored("shopify", {{"id", 1}, {"order_id", 2}, {"transactions", json::array()}},
                   "refunds/create"));
  const json dispute = {{"id", 1}, {"order_id", nullptr}, {"amount", "9.00"}, {"currency", "EUR"}};
  CHECK(is_ignored("shopify", dispute, "disputes/create"));
  json decided = dispute;
  decided["status"] = "lost";
  CHECK(is_ignored("shopify", decided, "disputes/update"));
  const auto square = [](const char* type, const char* name, json object) {
    return json{
        {"event_id", "ev"}, {"type", type}, {"data", {{"object", {{name, std::move(object)}}}}}};
  };
  CHECK(is_ignored("square", square("dispute.evidence.created", "dispute",
                                    {{"id", "dp_1"}, {"state", "EVIDENCE_REQUIRED"}})));
  CHECK(is_ignored("square", square("refund.created", "refund",
                                    {{"id", "re_1"},
                                     {"status", "COMPLETED"},
                                     {"amount_money", {{"amount", 900}, {"currency", "EUR"}}}})));
  for (const auto& transactions : {json(nullptr), json::array(), json::array({json::object()})})
    CHECK(is_ignored("paypal",
                     {{"id", "WH-1"},
                      {"event_type", "CUSTOMER.DISPUTE.CREATED"},
                      {"resource",
                       {{"dispute_id", "PP-D-1"},
                        {"disputed_transactions", transactions},
                        {"dispute_amount", {{"value", "9.00"}, {"currency_code", "EUR"}}}}}}));
}

TEST_CASE("a number that no computer holds loses no sale", "[providers]") {
  const auto sale = [](const std::string& junk) {
    return one_sent("whop", R"({"type":"payment.succeeded","data":{"id":"p","currency":"usd",)"
                            R"("total":54.92,"note":"1e999 \" 1e999","junk":)" +
                                junk + "}}");
  };
  for (const auto& junk : {"1e400", "[-1E+4000,1]", "{\"a\":[0.1e999]}"}) {
    INFO(junk);
    CHECK(sale(junk).amount_minor == 5492);
  }
  CHECK(sale(std::string(400, '9')).amount_minor == 5492);
  CHECK(!sent("whop", R"({"type":"payment.succeeded","data":{"id":"p","a":1e400)").ok());
  CHECK(!sent("whop", R"({"type":"payment.succeeded","data":{"id":"p","currency":"usd",)"
                      R"("total":1e400}})")
             .ok());
}

TEST_CASE("Adyen: explain says of a capture that nothing goes back", "[providers][explain]") {
  const auto explained = [](const char* code) {
    const json line = {{"provider", "adyen"},
                       {"secrets", provider_config("adyen").webhook_secrets},
                       {"now", kNow / 1000},
                       {"body", adyen_body({adyen_item(code, "psp_2", "psp_1", 2500)})}};
    return json::parse(explain_webhook(line.dump()));
  };
  const auto captured = explained("CAPTURE");
  CHECK(captured["kind"] == "ignored");
  CHECK(captured["reason"] == "secondary_event");
  CHECK_FALSE(captured.contains("refund_amount_minor"));
  CHECK(explained("CAPTURE_FAILED")["refund_amount_minor"] == 2500);
}

TEST_CASE("WooCommerce: explain says what pings and other resources are", "[providers][explain]") {
  const auto explained = [](const std::string& body, const std::string& type) {
    json line = {{"provider", "woocommerce"},
                 {"secrets", provider_config("woocommerce").webhook_secrets},
                 {"now", kNow / 1000},
                 {"body", body}};
    for (const auto& [name, value] : signed_headers("woocommerce", body, type, "1"))
      if (!type.empty()) line["headers"][name] = value;
    return json::parse(explain_webhook(line.dump()))["reason"];
  };
  CHECK(explained("webhook_id=7", "") == "ping");
  CHECK(explained(R"({"action":"woocommerce_ping"})", "action.woocommerce_ping") ==
        "secondary_event");
  CHECK(explained("[]", "order.updated") == "malformed_body");
}
