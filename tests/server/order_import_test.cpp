// SPDX-License-Identifier: Apache-2.0
// Importing orders: the same sales as the webhooks told, whichever came first and however often,
// page by page, over interruptions and limits.
#include "server/core/orders/order_import.hpp"

#include "server/core/text/rfc3339.hpp"
#include "tests/server/listed_orders.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

class Importer {
 public:
  Importer(const std::string& provider, Lists lists)
      : client(provider, std::move(lists)),
        import(
            *shop.store, shop.store.clock, shop.orders, client,
            [this](std::int64_t ms) {
              pauses.push_back(ms);
              shop.store.clock.advance(ms);
            },
            [this](const ImportNews& news) { was_resumed = was_resumed || news.is_resumed; }),
        config(provider_config(provider)) {
    config.api_key = "key";
    config.account_id = "biz_1";
    config.base_url = "https://api.example";
  }

  Outcome<ImportMark> run(std::int64_t since_ms = kNow - 30 * kDay, bool starts_anew = false) {
    return import.run(shop.site, config, *find_provider_api(config.provider), since_ms,
                      starts_anew);
  }
  std::vector<OrderRow> orders() {
    return shop.store
        .get([](Tables& t) {
          return t.orders().list_orders({"demo", {}, {}, 1000, {}}, std::nullopt);
        })
        .items;
  }
  // All that may not change when the same is told again.
  std::string picture() {
    std::string text;
    for (const auto& order : orders()) {
      text += order.order_id + " " + std::to_string(order.amount_minor) + " " +
              std::to_string(order.refunded_minor) + " " +
              std::to_string(static_cast<int>(order.dispute)) + "\n";
      for (const auto& change : shop.store.get([&](Tables& t) {
             return t.orders().changes_of("demo", order.provider, order.order_id);
           }))
        text += " " + std::to_string(static_cast<int>(change.kind)) + " " +
                std::to_string(change.delta_minor) + "\n";
    }
    return text + std::to_string(shop.conversions().size()) + " conversions, " +
           std::to_string(shop.deliveries().size()) + " deliveries";
  }

  Shop shop;
  ListingProvider client;
  OrderImport import;
  PaymentConfig config;
  std::vector<std::int64_t> pauses;
  bool was_resumed = false;
};

json shop_order(int number, const std::string& total = "10.00") {
  return {{"id", number},
          {"order_key", "wc_order_" + std::to_string(number)},
          {"status", "completed"},
          {"total", total},
          {"currency", "EUR"},
          {"date_paid_gmt", "2026-09-21T14:13:20"},
          {"billing", {{"email", "jane@example.com"}}}};
}
Lists shop_orders(int count) {
  Lists lists;
  for (int i = 1; i <= count; ++i) lists["/wp-json/wc/v3/orders"].push_back(shop_order(i));
  return lists;
}

// Whether its lists say what the buyer brought along.
bool tells_ids(const std::string& provider) {
  return provider != "lemonsqueezy" && provider != "gumroad";
}

Lists stripe_lists() {
  json session = paid_session();
  session["created"] = kNow / 1000 - 600;
  session["livemode"] = true;
  session["payment_intent"] = {{"id", "pi_1"}, {"created", kNow / 1000}};
  json intent = paid_intent();
  intent["status"] = "succeeded";
  json dispute = {{"id", "dp_1"},    {"amount", 2500},   {"currency", "eur"},
                  {"status", "won"}, {"charge", "ch_1"}, {"payment_intent", "pi_1"}};
  json abandoned = paid_intent(900, "2");
  abandoned["status"] = "requires_payment_method";
  Lists lists = {{"/v1/checkout/sessions", {session}},
                 {"/v1/payment_intents", {abandoned, intent}},
                 {"/v1/invoices", {paid_invoice("9", "subscription_cycle")}},
                 {"/v1/refunds", {refund("re_1", 700)}},
                 {"/v1/disputes", {dispute}}};
  for (auto& [path, items] : lists)
    for (auto& item : items) {
      item["livemode"] = true;
      if (!item.contains("created")) item["created"] = kNow / 1000;
    }
  return lists;
}

}  // namespace

TEST_CASE("an import alone makes the sale that the webhooks would have made", "[import]") {
  for (const auto& sale : sale_scripts()) {
    const auto lists = lists_of(sale);
    if (lists.empty()) continue;
    INFO(sale.provider);
    Importer importer(sale.provider, lists);
    const auto done = value_of(importer.run());
    CHECK(done.unreadable == 0);
    CHECK(done.known == 0);
    const auto orders = importer.orders();
    REQUIRE(orders.size() == 1);
    CHECK(orders[0].order_id == sale.order_id);
    CHECK(orders[0].state == OrderState::paid);
    CHECK(orders[0].amount_minor == sale.amount_minor);
    CHECK(orders[0].currency == sale.currency);
    // Paystack's list of refunds names none as its webhooks do.
    CHECK(orders[0].refunded_minor == (sale.provider == "paystack" ? 0 : sale.refunded_minor));
    // Shopify lists no disputes beside its orders.
    if (sale.provider != "shopify") CHECK(orders[0].dispute == sale.dispute);
    REQUIRE(importer.shop.conversions().size() == 1);
    if (tells_ids(sale.provider)) CHECK(importer.shop.conversions()[0].match_type == sale.match);
    CHECK(importer.shop.store.counter("demo", "import_accepted") == done.kept);
  }
}

TEST_CASE("an import after the webhooks, and a second one, change nothing", "[import]") {
  for (const auto& sale : sale_scripts()) {
    const auto lists = lists_of(sale);
    if (lists.empty()) continue;
    INFO(sale.provider);
    Importer importer(sale.provider, lists);
    tell_all(importer.shop, sale.provider, sale.told);
    const auto picture = importer.picture();
    value_of(importer.run());
    CHECK(importer.picture() == picture);
    const auto again = value_of(importer.run());
    CHECK(again.kept == 0);
    CHECK(again.known > 0);
    CHECK(importer.picture() == picture);
  }
}

TEST_CASE("webhooks after an import add nothing to it", "[import]") {
  for (const auto& sale : sale_scripts()) {
    const auto lists = lists_of(sale);
    if (lists.empty()) continue;
    INFO(sale.provider);
    Importer importer(sale.provider, lists);
    value_of(importer.run());
    const auto told_before = importer.shop.deliveries().size();
    tell_all(importer.shop, sale.provider, sale.told);
    const auto orders = importer.orders();
    REQUIRE(orders.size() == 1);
    CHECK(orders[0].amount_minor == sale.amount_minor);
    CHECK(orders[0].refunded_minor == sale.refunded_minor);
    CHECK(importer.shop.conversions().size() == 1);
    // The buyer of the others is known only now; of Paystack's refund nobody heard before.
    if (tells_ids(sale.provider) && sale.provider != "paystack")
      CHECK(importer.shop.deliveries().size() == told_before);
  }
}

TEST_CASE("Stripe's lists are its events", "[import][stripe]") {
  Importer importer("stripe", stripe_lists());
  const auto done = value_of(importer.run());
  CHECK(done.unreadable == 0);
  REQUIRE(importer.orders().size() == 2);
  const auto order = *importer.shop.order("cs_1");
  CHECK(order.order_id == "pi_1");
  CHECK(order.amount_minor == 2500);
  CHECK(order.refunded_minor == 700);
  CHECK(order.dispute == DisputeState::won);
  CHECK(order.live);
  CHECK(importer.shop.conversion("cs_1")->occurred_ms / 1000 == kNow / 1000);
  CHECK(importer.shop.order("in_9")->amount_minor == 1900);
  CHECK(importer.client.sent[0].headers.at("Authorization") == "Bearer key");
  CHECK(importer.client.sent[0].url ==
        "https://api.example/v1/checkout/sessions?limit=100&created%5Bgte%5D=" +
            std::to_string((kNow - 30 * kDay) / 1000) +
            "&status=complete&expand%5B%5D=data.payment_intent");

  const auto picture = importer.picture();
  importer.shop.told(stripe_event("checkout.session.completed", paid_session()));
  importer.shop.told(stripe_event("payment_intent.succeeded", paid_intent()));
  importer.shop.told(stripe_event("refund.created", refund("re_1", 700)));
  CHECK(importer.orders().size() == 2);
  CHECK(importer.shop.order("cs_1")->amount_minor == 2500);
  CHECK(importer.shop.order("cs_1")->refunded_minor == 700);
  CHECK(importer.shop.conversions().size() == 2);
}

TEST_CASE("a run that was stopped goes on at its page", "[import]") {
  Importer importer("woocommerce", shop_orders(5));
  importer.client.trouble = [](const OutgoingRequest& request) {
    return answered_with(request.url.ends_with("&page=3") ? 500 : 200, "down");
  };
  const auto stopped = importer.run();
  REQUIRE_FALSE(stopped.ok());
  CHECK(stopped.error().code == "provider_failed");
  CHECK(importer.pauses.size() == 4);
  CHECK(importer.orders().size() == 2);

  importer.client.trouble = nullptr;
  importer.client.sent.clear();
  const auto done = value_of(importer.run());
  CHECK(importer.was_resumed);
  CHECK(importer.client.sent.front().url.ends_with("&page=3"));
  CHECK(done.kept == 5);
  CHECK(done.known == 5);  // this client lists them all as what came since the run began
  CHECK(importer.orders().size() == 5);

  // What is done is forgotten: the next run begins with the first page.
  importer.client.sent.clear();
  CHECK(value_of(importer.run()).known == 5);
  CHECK(importer.client.sent.front().url.find("&page=") == std::string::npos);
}

TEST_CASE("every way of paging goes on where a run was stopped", "[import]") {
  const auto many = [](const std::string& provider, json item) {
    std::vector<json> items;
    for (int i = 1; i <= 4; ++i) {
      item["id"] = provider == "donorbox" ? json(i) : json("x" + std::to_string(i));
      if (provider == "paystack") item["reference"] = "ref" + std::to_string(i);
      if (provider == "chargebee")
        for (const char* kind : {"invoice", "transaction"})
          item["content"][kind]["id"] = kind + std::to_string(i);
      if (provider == "razorpay") item["order_id"] = "order" + std::to_string(i);
      items.push_back(item);
    }
    return items;
  };
  for (const auto& sale : sale_scripts()) {
    const bool is_new = sale.provider == "gumroad" || sale.provider == "paystack" ||
                        sale.provider == "razorpay" || sale.provider == "square" ||
                        sale.provider == "chargebee" || sale.provider == "donorbox";
    if (!is_new) continue;
    INFO(sale.provider);
    const auto lists = lists_of(sale);
    const auto& [path, items] = *std::find_if(lists.begin(), lists.end(), [](const auto& list) {
      return list.first.find("dispute") == std::string::npos &&
             list.first.find("refund") == std::string::npos;
    });
    Importer importer(sale.provider, {{path, many(sale.provider, items.front())}});
    int asked = 0;
    importer.client.trouble = [&](const OutgoingRequest&) {
      return answered_with(++asked > 2 ? 401 : 200, "");
    };
    REQUIRE(importer.run().error().code == "provider_refused_key");
    CHECK(importer.orders().size() == 2);
    importer.client.trouble = nullptr;
    importer.client.sent.clear();
    const auto done = value_of(importer.run());
    CHECK(importer.was_resumed);
    CHECK(done.unreadable == 0);
    CHECK(importer.orders().size() == 4);
  }
}

namespace {

// The first six were there when the run began.
std::vector<json> polar_orders(int newest) {
  std::vector<json> orders;
  for (int number = newest; number > 0; --number)
    orders.push_back({{"id", "or_" + std::to_string(number)},
                      {"status", "paid"},
                      {"total_amount", 100},
                      {"currency", "eur"},
                      {"billing_reason", "purchase"},
                      {"created_at", write_rfc3339(number > 6 ? kNow + number * kMinute
                                                              : kNow - (9 - number) * kDay)}});
  return orders;
}

}  // namespace

TEST_CASE("a resumed run reads what came since it began, also at the top of its list", "[import]") {
  Importer importer("polar", {{"/v1/orders/", polar_orders(6)}});
  importer.client.trouble = [](const OutgoingRequest& request) {
    return answered_with(request.url.ends_with("page=3") ? 401 : 200, "");
  };
  CHECK(importer.run().error().code == "provider_refused_key");
  // Meanwhile three more were paid, and shift the rest.
  ListingProvider later("polar", {{"/v1/orders/", polar_orders(9)}});
  OrderImport again(
      *importer.shop.store, importer.shop.store.clock, importer.shop.orders, later,
      [](std::int64_t) {}, [](const ImportNews&) {});
  importer.shop.store.clock.advance(kDay);
  value_of(again.run(importer.shop.site, importer.config, *find_provider_api("polar"),
                     kNow - 30 * kDay, false));
  CHECK(importer.orders().size() == 9);
}

TEST_CASE("a resumed run reads what came since it began, also in lists that were done",
          "[import]") {
  const auto order = [](int number, std::int64_t created_ms) {
    return json{{"id", std::to_string(number)},
                {"attributes",
                 {{"status", "paid"},
                  {"total", 100},
                  {"currency", "EUR"},
                  {"created_at", write_rfc3339(created_ms)}}}};
  };
  const json first = order(1, kNow - kDay), second = order(2, kNow + kMinute);
  Importer importer("lemonsqueezy", {{"/v1/orders", {first}}});
  importer.client.trouble = [](const OutgoingRequest& request) {
    return answered_with(
        request.url.find("/subscription-invoices") == std::string::npos ? 200 : 401, "");
  };
  CHECK(importer.run().error().code == "provider_refused_key");
  ListingProvider later("lemonsqueezy", {{"/v1/orders", {second, first}}});
  OrderImport again(
      *importer.shop.store, importer.shop.store.clock, importer.shop.orders, later,
      [](std::int64_t) {}, [](const ImportNews&) {});
  value_of(again.run(importer.shop.site, importer.config, *find_provider_api("lemonsqueezy"),
                     kNow - 30 * kDay, false));
  CHECK(importer.orders().size() == 2);
}

TEST_CASE("a stopped run with another date, or told to, begins anew", "[import]") {
  Importer importer("woocommerce", shop_orders(3));
  const auto stop_at_the_end = [](const OutgoingRequest& request) {
    return answered_with(request.url.ends_with("&page=3") ? 401 : 200, "");
  };
  importer.client.trouble = stop_at_the_end;
  CHECK(importer.run().error().code == "provider_refused_key");
  importer.client.trouble = nullptr;
  const bool is_other_date = GENERATE(true, false);
  const auto done =
      value_of(importer.run(is_other_date ? kNow - 60 * kDay : kNow - 30 * kDay, !is_other_date));
  CHECK_FALSE(importer.was_resumed);
  CHECK(done.items == 3);
  CHECK(done.known == 2);
}

TEST_CASE("a stopped run of another account, or elsewhere, begins anew", "[import]") {
  Importer importer("woocommerce", shop_orders(3));
  importer.client.trouble = [](const OutgoingRequest& request) {
    return answered_with(request.url.ends_with("&page=3") ? 401 : 200, "");
  };
  CHECK(importer.run().error().code == "provider_refused_key");
  importer.client.trouble = nullptr;
  (GENERATE(true, false) ? importer.config.account_id : importer.config.base_url) += "2";
  const auto done = value_of(importer.run());
  CHECK_FALSE(importer.was_resumed);
  CHECK(done.items == 3);
}

TEST_CASE("a busy provider is waited for as long as it says", "[import]") {
  Importer importer("woocommerce", shop_orders(1));
  int asked = 0;
  importer.client.trouble = [&](const OutgoingRequest&) {
    auto answer = answered_with(++asked <= 2 ? 429 : 200, "slow down");
    answer.headers["retry-after"] = "7";
    return answer;
  };
  CHECK(value_of(importer.run()).kept == 1);
  CHECK(importer.pauses == std::vector<std::int64_t>{7000, 7000});
}

TEST_CASE("what stops an import is named", "[import]") {
  Importer importer("woocommerce", shop_orders(1));
  const auto code = [&] {
    const auto done = importer.run();
    return done.ok() ? "ok" : done.error().code;
  };
  int status = 403;
  std::string body = "no";
  importer.client.trouble = [&](const OutgoingRequest&) { return answered_with(status, body); };
  CHECK(code() == "provider_refused_key");
  status = 404;
  CHECK(code() == "not_at_provider");
  status = 422;
  CHECK(code() == "provider_refused_request");
  importer.client.trouble = [](const OutgoingRequest&) { return OutgoingAnswer{}; };
  CHECK(code() == "provider_unreachable");
  importer.client.trouble = nullptr;
  importer.config.base_url = "";
  CHECK(code() == "missing_setting");
  importer.config.base_url = "https://shop.example";
  importer.config.api_key = "";
  CHECK(code() == "missing_setting");

  Importer whop("whop", {});
  whop.config.account_id = "";
  CHECK(whop.run().error().code == "missing_setting");

  Importer page("polar", {});  // answers of another kind: a list where an object should be
  page.config.base_url = "https://shop.example";
  ListingProvider stranger("woocommerce", {});
  OrderImport import(
      *page.shop.store, page.shop.store.clock, page.shop.orders, stranger, [](std::int64_t) {},
      [](const ImportNews&) {});
  const auto done =
      import.run(page.shop.site, page.config, *find_provider_api("polar"), kNow - kDay, false);
  CHECK(done.error().code == "unreadable_answer");
}

TEST_CASE("an item that makes no sense stops no other", "[import]") {
  auto lists = shop_orders(3);
  lists.begin()->second[1]["currency"] = "?";
  Importer importer("woocommerce", lists);
  const auto done = value_of(importer.run());
  CHECK(done.items == 3);
  CHECK(done.unreadable == 1);
  CHECK(importer.orders().size() == 2);
}

TEST_CASE("newest-first lists are read as far back as asked", "[import]") {
  std::vector<json> orders;
  for (int day = 20; day > 10; --day)
    orders.push_back({{"id", "or_" + std::to_string(day)},
                      {"status", "paid"},
                      {"total_amount", 100},
                      {"currency", "eur"},
                      {"billing_reason", "purchase"},
                      {"created_at", "2026-09-" + std::to_string(day) + "T12:00:00Z"}});
  Importer importer("polar", {{"/v1/orders/", orders}});
  const auto since_ms = kNow - 6 * kDay;  // the 15th, 14:13
  CHECK(value_of(importer.run(since_ms)).items == 5);
  CHECK(importer.orders().size() == 5);
  CHECK(importer.client.sent.size() == 6);
}

TEST_CASE("a free trial of Gumroad's costs nothing, its later charges do", "[import][gumroad]") {
  json trial = lists_of(gumroad_sale()).begin()->second.front();
  for (const char* member : {"refunded", "disputed", "dispute_won"}) trial[member] = false;
  trial["subscription_id"] = "sub_1";
  trial["free_trial_ends_on"] = "Oct 1, 2026";  // of every sale of the subscription
  trial["recurring_charge"] = false;
  json charged = trial;
  charged["id"] = "s_2";
  charged["created_at"] = "2026-10-01T14:13:20Z";
  charged["recurring_charge"] = true;
  Importer importer("gumroad", {{"/v2/sales", {charged, trial}}});
  const auto done = value_of(importer.run());
  CHECK(done.items == 2);
  REQUIRE(importer.orders().size() == 2);
  CHECK(importer.shop.order("s_1")->amount_minor == 0);
  CHECK(importer.shop.order("s_2")->amount_minor == 2500);
  CHECK(importer.shop.order("s_2")->currency == "USD");
  CHECK(importer.shop.conversion("s_2")->subscription == SubscriptionRole::first);
}

TEST_CASE("a listed sale of a buyer whom the key may not see is asked for no further",
          "[import][paddle]") {
  Importer importer("paddle", lists_of(paddle_sale()));
  const auto mark = value_of(importer.run());
  CHECK(mark.kept > 0);
  CHECK(importer.orders().front().email_hash == std::nullopt);
  CHECK(importer.shop.store.get(
            [](Tables& t) { return t.fetches().count_lookups("demo", "paddle", true, 0); }) == 0);
}

TEST_CASE("an imported order that is too old is kept and sent to nobody late", "[import]") {
  Lists lists = shop_orders(1);
  lists.begin()->second[0]["date_paid_gmt"] = "2025-01-02T03:04:05";
  Importer importer("woocommerce", lists);
  value_of(importer.run(kNow - 900 * kDay));
  REQUIRE(importer.shop.conversions().size() == 1);
  // The outbox decides by the sale's own time (delivery_schedule.hpp), not by the import's.
  for (const auto& delivery : importer.shop.deliveries())
    CHECK(delivery.occurred_ms == importer.shop.conversions()[0].occurred_ms);
}
