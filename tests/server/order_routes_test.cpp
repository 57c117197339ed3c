// SPDX-License-Identifier: Apache-2.0
// The order routes as functions: what comes in, what goes out, what was kept.
#include "server/http/order_routes.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/attribution/late_evidence.hpp"
#include "server/http/unread_tally.hpp"
#include "tests/server/replies.hpp"
#include "tests/server/stripe_fixture.hpp"
#include "throughline/checkout.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <array>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;
using http::Reply;
using http::Request;
using http::Route;

namespace {

class Api {
 public:
  Api() : checkouts(*shop.store, shop.store.clock, client, Shop::lanes(), [](std::int64_t) {}) {
    PaymentConfig stripe;
    stripe.provider = "stripe";
    stripe.webhook_secrets = {"whsec_test_secret"};
    shop.site.payments = {stripe};
    http::OrderRouteParts parts{
        shop.orders,
        *shop.store,
        shop.store.clock,
        [this](std::string_view site_id) {
          return site_id == "demo" ? std::make_shared<const SiteConfig>(shop.site) : nullptr;
        },
        find_provider,
        [](const Request& request, std::string_view scope) -> Outcome<std::string> {
          if (request.header("Authorization") == "Bearer all") return std::string("demo");
          if (request.header("Authorization") == "Bearer reader" && scope == "read")
            return std::string("demo");
          return fail(ErrorKind::unauthenticated, "bad_key", "no such key");
        },
        shop.store.tokens,
        checkouts,
        find_checkout_maker,
        unread,
        shop.store.box,
        [this](const std::string& provider, const std::string& site_id) {
          misaddressed.push_back(provider + " " + site_id);
        }};
    for (auto& list : {http::webhook_routes(parts), http::conversion_routes(parts),
                       http::order_event_routes(parts)})
      routes.insert(routes.end(), list.begin(), list.end());
  }

  Reply webhook(const std::string& body, const std::string& signature,
                const std::string& provider = "stripe", const std::string& site = "demo") {
    Request request;
    request.path = "/api/webhook/" + provider + "/" + site;
    request.params = {{"provider", provider}, {"site", site}};
    request.received_ms = shop.store.clock.now_ms();
    request.headers = {{"Stripe-Signature", signature}, {"Cookie", "secret"}};
    request.body = body;
    return call("POST", "/api/webhook/{provider}/{site}", request);
  }
  Reply signed_webhook(const std::string& body) {
    const std::string t = std::to_string(shop.store.clock.now_ms() / 1000);
    const Digest mac = hmac_sha256("whsec_test_secret", t + "." + body);
    return webhook(body, "t=" + t + ",v1=" + to_hex(mac));
  }
  Reply state(const json& body, const std::string& key = "all") {
    Request request;
    request.path = "/api/conversions";
    request.headers = {{"Authorization", "Bearer " + key}};
    request.body = body.dump();
    request.received_ms = shop.store.clock.now_ms();
    return call("POST", "/api/conversions", request);
  }
  json get(const std::string& pattern, Request request, int status = 200) {
    request.headers = {{"Authorization", "Bearer reader"}};
    const auto reply = call("GET", pattern, request);
    INFO(reply.body);
    CHECK(reply.status == status);
    return json::parse(reply.body);
  }
  Reply call(const std::string& method, const std::string& pattern, const Request& request) {
    for (const auto& route : routes)
      if (route.method == method && route.pattern == pattern) return route.handler(request);
    FAIL("no route " << pattern);
    return {};
  }

  Shop shop;
  NoClient client;
  Checkouts checkouts;
  http::UnreadTally unread{*shop.store};
  std::vector<std::string> misaddressed;
  std::vector<Route> routes;
};

json purchase() {
  return {{"site", "demo"},
          {"kind", "purchase"},
          {"order_id", "A-1"},
          {"amount", "25.00"},
          {"currency", "eur"},
          {"occurred_at", "2026-09-21T14:13:20Z"},
          {"session_id", uuid(id(1001))},
          {"email", "jane@example.com"}};
}

}  // namespace

TEST_CASE("a signed webhook is answered with what it meant", "[http][webhook]") {
  Api api;
  const std::string body = stripe_event("checkout.session.completed", paid_session()).dump(2);
  auto reply = api.signed_webhook(body);
  CHECK(reply.status == 200);
  CHECK(json::parse(reply.body) ==
        json{{"received", true}, {"result", "purchase"}, {"order_id", "pi_1"}});
  reply = api.signed_webhook(body);
  CHECK(reply.status == 200);
  CHECK(json::parse(reply.body)["result"] == "duplicate");
  CHECK(json::parse(reply.body)["order_id"] == "pi_1");
  reply = api.signed_webhook(stripe_event("customer.created", {{"id", "cus_1"}}).dump());
  CHECK(reply.status == 200);
  CHECK(json::parse(reply.body)["result"] == "ignored");
}

TEST_CASE("a sale counts whose buyer's name was cut inside an emoji", "[http][webhook]") {
  Api api;
  json session = paid_session();
  session["customer_details"]["name"] = "Jane CUT";
  std::string body = stripe_event("checkout.session.completed", session).dump();
  body.replace(body.find("CUT"), 3, R"(\ud83d)");
  const auto reply = api.signed_webhook(body);
  INFO(reply.body);
  CHECK(json::parse(reply.body)["result"] == "purchase");

  json stated = purchase();
  stated["items"] = {{{"name", "CUT"}, {"quantity", 1}}};
  Request request;
  request.path = "/api/conversions";
  request.headers = {{"Authorization", "Bearer all"}};
  request.body = stated.dump();
  request.body.replace(request.body.find("CUT"), 3, R"(Film \ud83d)");
  request.received_ms = api.shop.store.clock.now_ms();
  CHECK(api.call("POST", "/api/conversions", request).status == 201);
}

TEST_CASE("refused webhooks say why, and those with a signature are kept", "[http][webhook]") {
  Api api;
  const std::string body = stripe_event("checkout.session.completed", paid_session()).dump();
  CHECK(code_of(api.webhook(body, "t=1790000000,v1=00")) == "bad_signature");
  CHECK(api.webhook(body, "t=1790000000,v1=00").status == 401);
  CHECK(api.shop.store.counter("demo", "webhook_bad_signature") == 2);
  const auto rejects = [&] {
    return api.shop.store.get([](Tables& t) {
      return t.operations().list_rejects({"demo", {}, {}, 100, {}});
    });
  };
  CHECK(rejects().items.size() == 2);

  const auto malformed = api.signed_webhook("{\"id\":\"evt_1\"}");
  CHECK(malformed.status == 200);
  CHECK(json::parse(malformed.body)["result"] == "rejected");
  REQUIRE(rejects().items.size() == 3);
  const auto kept = api.shop.store.get(
      [&](Tables& t) { return t.operations().find_reject("demo", rejects().items[0].id); });
  CHECK(kept->body == "{\"id\":\"evt_1\"}");
  CHECK(kept->sender_json.find("stripe-signature") != std::string::npos);
  CHECK(kept->sender_json.find("secret") == std::string::npos);
  CHECK(api.shop.store.counter("demo", "webhook_rejected") == 1);

  CHECK(code_of(api.webhook(body, "x", "stripe", "nowhere")) == "unknown_site");
  CHECK(api.shop.store.counter("", "webhook_rejected") == 1);
  CHECK(code_of(api.webhook(body, "x", "unheard_of")) == "no_such_provider");
  CHECK(api.shop.store.counter("demo", "webhook_rejected") == 2);
  CHECK(rejects().items.size() == 3);
  api.shop.site.payments.clear();
  const auto unsigned_one = api.webhook(body, "");
  CHECK(code_of(unsigned_one) == "no_such_provider");
  CHECK(unsigned_one.body.find("replay this reject") == std::string::npos);
  CHECK(unsigned_one.body.find("its body was not kept") != std::string::npos);
  REQUIRE(rejects().items.size() == 4);
  CHECK(
      api.shop.store
          .get([&](Tables& t) { return t.operations().find_reject("demo", rejects().items[0].id); })
          ->body.empty());
  const auto unconfigured = api.webhook(body, "x");
  CHECK(unconfigured.status == 404);
  CHECK(code_of(unconfigured) == "no_such_provider");
}

TEST_CASE("an order of which only its empty list of refunds can be read is rejected",
          "[http][webhook]") {
  Api api;
  PaymentConfig shop;
  shop.provider = "woocommerce";
  shop.webhook_secrets = {"woo"};
  api.shop.site.payments.push_back(shop);
  Request request;
  request.path = "/api/webhook/woocommerce/demo";
  request.params = {{"provider", "woocommerce"}, {"site", "demo"}};
  request.received_ms = api.shop.store.clock.now_ms();
  request.body =
      json{
          {"id", 6014},          {"status", "processing"}, {"date_paid_gmt", "2026-09-21T14:13:20"},
          {"total", "1,299.00"}, {"currency", "EUR"},      {"refunds", json::array()}}
          .dump();
  const Digest mac = hmac_sha256("woo", request.body);
  request.headers = {{"X-WC-Webhook-Signature",
                      to_base64({reinterpret_cast<const char*>(mac.data()), mac.size()})},
                     {"X-WC-Webhook-Topic", "order.updated"},
                     {"X-WC-Webhook-Delivery-ID", "d1"}};
  const auto reply = api.call("POST", "/api/webhook/{provider}/{site}", request);
  CHECK(reply.status == 200);
  CHECK(json::parse(reply.body)["result"] == "rejected");
  CHECK(json::parse(reply.body)["reason"] == "malformed_body");
}

TEST_CASE("what comes to an address that is none is told now and then", "[http][webhook]") {
  Api api;
  const std::string body = "{}";
  api.webhook(body, "x", "stripe", "nowhere");
  api.webhook(body, "x", "Stripe", "demo");
  CHECK(api.misaddressed == std::vector<std::string>{"stripe nowhere", "Stripe demo"});
  for (int i = 0; i < 100; ++i) api.webhook(body, "x", "stripe", "nowhere");
  CHECK(api.misaddressed.size() == 5);
  api.shop.store.clock.advance(kMinute);
  api.webhook(body, "x", "stripe", "nowhere");
  CHECK(api.misaddressed.size() == 6);
}

TEST_CASE("a stated purchase is new once, then the same, then a conflict", "[http][conversions]") {
  Api api;
  auto reply = api.state(purchase());
  CHECK(reply.status == 201);
  const auto first = json::parse(reply.body);
  CHECK(first["conversion"]["amount_minor"] == 2500);
  CHECK(first["conversion"]["currency"] == "EUR");
  CHECK(first["conversion"]["match_type"] == "session");
  CHECK(first["conversion"]["status"] == "paid");
  reply = api.state(purchase());
  CHECK(reply.status == 200);
  CHECK(json::parse(reply.body)["id"] == first["id"]);
  auto other = purchase();
  other["amount"] = "26.00";
  reply = api.state(other);
  CHECK(reply.status == 409);
  CHECK(code_of(reply) == "conversion_differs");
  CHECK(api.shop.conversions().size() == 1);
  CHECK(api.shop.days().at(0).money.value_minor == 2500);
}

TEST_CASE("a stated refund lowers its order, once", "[http][conversions]") {
  Api api;
  const json refund = {{"kind", "refund"},
                       {"order_id", "A-1"},
                       {"refund_id", "R-1"},
                       {"amount", "5.00"},
                       {"currency", "EUR"}};
  CHECK(code_of(api.state(refund)) == "unknown_order");
  auto nameless = refund;
  nameless.erase("refund_id");
  CHECK(code_of(api.state(nameless)) == "missing_refund_id");
  api.state(purchase());
  CHECK(api.state(refund).status == 201);
  CHECK(api.state(refund).status == 200);
  auto other = refund;
  other["amount"] = "6.00";
  CHECK(api.state(other).status == 409);
  CHECK(api.shop.order("A-1")->refunded_minor == 500);
  other = refund;
  other["refund_id"] = "R-2";
  other["currency"] = "USD";
  CHECK(code_of(api.state(other)) == "currency_differs");
  // An order that a provider told can be refunded by the site as well.
  api.signed_webhook(stripe_event("checkout.session.completed", paid_session()).dump());
  other = refund;
  other["order_id"] = "cs_1";
  CHECK(api.state(other).status == 201);
  CHECK(api.shop.order("pi_1")->refunded_minor == 500);
}

TEST_CASE("a sale that a webhook told is not counted again when stated", "[http][conversions]") {
  Api api;
  api.signed_webhook(stripe_event("checkout.session.completed", paid_session()).dump());
  const auto counted = api.shop.conversion("cs_1");
  REQUIRE(counted);
  for (const char* reference : {"cs_1", "pi_1"}) {
    auto body = purchase();
    body["order_id"] = reference;
    body["amount"] = "26.00";
    const auto reply = api.state(body);
    CHECK(reply.status == 200);
    CHECK(json::parse(reply.body)["id"] == uuid(counted->id));
    CHECK(json::parse(reply.body)["duplicate"] == true);
    CHECK(json::parse(reply.body)["order_id"] == "pi_1");
  }
  CHECK(api.shop.conversions().size() == 1);
  CHECK(api.shop.days().at(0).money.value_minor == 2500);
}

TEST_CASE("a sale that was stated is not counted again by webhooks", "[http][conversions]") {
  Api api;
  auto body = purchase();
  body["order_id"] = "cs_1";
  CHECK(api.state(body).status == 201);
  const auto first = api.shop.conversion("cs_1");
  REQUIRE(first);
  for (const auto& event : {stripe_event("checkout.session.completed", paid_session()),
                            stripe_event("payment_intent.succeeded", paid_intent()),
                            stripe_event("charge.succeeded", paid_charge())}) {
    const auto reply = api.signed_webhook(event.dump());
    CHECK(reply.status == 200);
    CHECK(json::parse(reply.body)["order_id"] == "pi_1");
  }
  CHECK(api.shop.conversions().size() == 1);
  CHECK(api.shop.conversion("cs_1")->id == first->id);
  CHECK(api.state(body).status == 200);

  // A refund names the payment only, and lowers the one order there is.
  const auto reply =
      api.signed_webhook(stripe_event("charge.refunded", refunded_charge(500)).dump());
  CHECK(json::parse(reply.body)["result"] == "refund");
  CHECK(api.shop.order("cs_1")->refunded_minor == 500);
  CHECK(api.shop.conversion("pi_1")->id == first->id);
  CHECK(api.shop.conversions().size() == 1);
  CHECK(api.shop.days().at(0).money.value_minor == 2500);
  CHECK(api.shop.days().at(0).money.net_minor == 2000);
}

TEST_CASE("stated consent is kept or refused, never dropped", "[http][conversions]") {
  struct Row {
    json consent;
    Choice marketing;
  };
  const Row rows[] = {
      {{{"storage", true}, {"marketing", true}}, Choice::granted},
      {{{"storage", true}, {"marketing", true}, {"opted_out_of_sale", false}}, Choice::granted},
      {{{"storage", true}, {"marketing", true}, {"opted_out_of_sale", true}}, Choice::denied},
      {{{"opted_out_of_sale", true}}, Choice::denied}};
  for (const auto& row : rows) {
    INFO(row.consent.dump());
    Api api;
    auto body = purchase();
    body["consent"] = row.consent;
    CHECK(api.state(body).status == 201);
    CHECK(api.shop.order("A-1")->stated_consent.marketing == row.marketing);
  }
  for (const json& consent :
       {json{{"marketing", true}, {"ad_personalisation", false}}, json{{"marketting", false}},
        json{{"marketing", "no"}}, json{{"opted_out_of_sale", 1}}}) {
    INFO(consent.dump());
    Api api;
    auto body = purchase();
    body["consent"] = consent;
    const auto reply = api.state(body);
    CHECK(reply.status == 400);
    CHECK(code_of(reply) == "bad_consent");
    CHECK(api.shop.conversions().empty());
  }
}

TEST_CASE("leads, signups and own conversions need an id and no money", "[http][conversions]") {
  Api api;
  const json lead = {{"kind", "lead"},
                     {"id", "L-1"},
                     {"session_id", uuid(id(1001))},
                     {"email", "jane@example.com"}};
  CHECK(api.state(lead).status == 201);
  CHECK(api.state(lead).status == 200);
  auto other = lead;
  other["phone"] = "+420777123456";
  CHECK(api.state(other).status == 409);
  other = lead;
  other["kind"] = "signup";
  CHECK(api.state(other).status == 201);
  CHECK(api.shop.conversions().size() == 2);
  CHECK_FALSE(api.shop.session().converted);
}

TEST_CASE("a statement that is wrong says where", "[http][conversions]") {
  Api api;
  struct Row {
    const char* key;
    json value;
    const char* code;
  };
  const Row rows[] = {
      {"kind", "sale", "bad_kind"},
      {"order_id", nullptr, "missing_order_id"},
      {"order_id", 17, "bad_order_id"},
      {"amount", nullptr, "missing_amount"},
      {"amount", 25.5, "bad_amount"},
      {"amount", "25.005", "bad_amount"},
      {"amount", "-1", "bad_amount"},
      {"amount_minor", 2501, "bad_amount"},
      {"currency", nullptr, "missing_currency"},
      {"currency", "euro", "bad_currency"},
      {"occurred_at", "yesterday", "bad_occurred_at"},
      {"occurred_at", "2030-01-01", "future_occurred_at"},
      // The beginning of time, seconds in place of milliseconds, too large a number.
      {"occurred_at", 0, "bad_occurred_at"},
      {"occurred_at", "1970-01-01T00:00:00Z", "bad_occurred_at"},
      {"occurred_at", kNow / 1000, "bad_occurred_at"},
      {"occurred_at", std::uint64_t{1} << 63, "future_occurred_at"},
      {"order_id", std::string(256, 'x'), "bad_order_id"},
      {"order_id", std::string("A\0B", 3), "bad_order_id"},
      {"order_id", "A\nB", "bad_order_id"},
      {"user_id", "u\x7f", "bad_user_id"},
      {"email", "x", "bad_email"},
      {"email", "jane@shop", "bad_email"},
      {"email", std::string(63, 'a'), "bad_email"},
      {"email", 7, "bad_email"},
      {"items", json::array({{{"id", "a\tb"}}}), "bad_id"},
      {"items", json::array({{{"id", "a"}, {"quantity", -5}}}), "bad_items"},
      {"items", json::array({{{"id", "a"}, {"price_minor", -1}}}), "bad_items"},
      {"session_id", "17", "bad_session_id"},
      {"consent", "yes", "bad_consent"},
      {"items", "none", "bad_items"},
      {"site", "other", "wrong_site"}};
  for (const auto& row : rows) {
    auto body = purchase();
    body[row.key] = row.value;
    INFO(row.key << " = " << row.value.dump());
    const auto reply = api.state(body);
    CHECK(reply.status >= 400);
    CHECK(code_of(reply) == row.code);
  }
  CHECK(api.state(purchase(), "reader").status == 401);
  CHECK(api.shop.conversions().empty());
}

TEST_CASE("a stated sale counts without a phone number that nobody can read, and says so",
          "[http][conversions]") {
  Api api;
  auto body = purchase();
  body["email"] = std::string(64, 'a');  // a hash of one
  body["phone"] = "ask Jane";

  const auto reply = api.state(body);
  CHECK(reply.status == 201);
  CHECK(header_of(reply, "X-Throughline") == "bad_phone");
  CHECK(header_of(api.state(body), "X-Throughline") == "duplicate, bad_phone");

  body["order_id"] = "A-2";
  body["phone"] = "601 123 456";  // Czech, as the site is
  CHECK(header_of(api.state(body), "X-Throughline").empty());
  CHECK(api.shop.conversions().size() == 2);
}

TEST_CASE(
    "a stated sale of a visitor without consent is credited to the channel that the page named",
    "[http][conversions][coarse]") {
  Api api;
  api.shop.site.coarse_handover = true;
  api.shop.site.coarse_campaigns = {"spring"};
  auto body = purchase();
  body.erase("session_id");
  body.erase("email");
  body["client_reference_id"] = "tl0_paid_search_Z29vZ2xl_c3ByaW5n";
  const auto reply = api.state(body);
  REQUIRE(reply.status == 201);
  const auto item = json::parse(reply.body)["conversion"];
  CHECK(item["match_type"] == "coarse");
  CHECK(api.state(body).status == 200);

  body["kind"] = "signup";
  body["id"] = "S-1";
  CHECK(json::parse(api.state(body).body)["conversion"]["match_type"] == "coarse");
  body["client_reference_id"] = "tl0_email__";
  CHECK(api.state(body).status == 409);

  std::string credited;
  for (const auto& row : api.shop.conversions())
    for (const auto& credit :
         api.shop.store.get([&](Tables& t) { return t.orders().credits_of("demo", row.id); }))
      if (credit.model == "linear" && credit.touch_id)
        credited += std::string(channel_name(credit.channel)) + " " + credit.source + " " +
                    credit.campaign + " " + std::to_string(credit.value_minor) + ", ";
  CHECK(credited.find("paid_search google spring 2500, ") != std::string::npos);
  for (const auto& row : api.shop.conversions())
    api.shop.store.put([&](Tables& t) { return restate_conversion(t, api.shop.site, row, kNow); });
  for (const auto& row : api.shop.conversions()) CHECK(row.match_type == MatchType::coarse);
  // No id of anybody: neither in the answer nor in any row.
  for (const char* name : {"session_id", "anonymous_id", "first_touch", "last_touch"}) {
    INFO(name);
    CHECK(item[name].is_null());
  }
  SQLite::Database database(api.shop.store.path(), SQLite::OPEN_READONLY);
  for (const char* rows :
       {"event", "contact", "contact_claim", "contact_proof", "consent_state", "consent_receipt",
        "delivery WHERE anonymous_id IS NOT NULL",
        "orders WHERE anonymous_id IS NOT NULL OR session_id IS NOT NULL OR email_hash IS NOT NULL",
        "conversion WHERE anonymous_id IS NOT NULL OR session_id IS NOT NULL",
        "conversion_key WHERE substr(key, 1, 1) = 'v' OR substr(key, 1, 1) = 's'"}) {
    INFO(rows);
    CHECK(database.execAndGet(std::string("SELECT count(*) FROM ") + rows).getInt() == 0);
  }
}

TEST_CASE("a stated sale takes the ids that the page handed over, and loses nothing by a bad token",
          "[http][conversions]") {
  Api api;
  auto body = purchase();
  body.erase("email");
  body.erase("session_id");
  const auto match_of = [&](const std::string& order, const std::string& token) {
    body["order_id"] = order;
    body["client_reference_id"] = token;
    const auto reply = api.state(body);
    INFO(reply.body);
    REQUIRE(reply.status == 201);
    return json::parse(reply.body)["conversion"]["match_type"].get<std::string>();
  };
  std::array<char, 100> buffer{};
  Out token(buffer.data(), buffer.size());
  write_packed_token({id(2001), id(1001), kNow - kMinute}, token);
  CHECK(match_of("A-1", std::string(token.view())) == "session");
  CHECK(match_of("A-2", "tl1_nonsense") == "none");
  // The site has not turned it on.
  CHECK(match_of("A-3", "tl0_email__") == "none");
}

TEST_CASE("an id of the longest length is taken, one byte more is named with the limit",
          "[http][conversions]") {
  Api api;
  auto body = purchase();
  body["order_id"] = std::string(255, 'x');
  CHECK(api.state(body).status == 201);
  body["order_id"] = std::string(256, 'x');
  const auto reply = api.state(body);
  CHECK(reply.body.find("\\\"order_id\\\" is longer than 255 bytes") != std::string::npos);
}

TEST_CASE("a signed webhook with an id that is none is kept among the rejects, whole",
          "[http][webhook]") {
  Api api;
  const auto sessions_of = [](const std::string& intent) {
    auto session = paid_session();
    session["payment_intent"] = intent;
    return stripe_event("checkout.session.completed", session).dump();
  };
  for (const auto& intent : {std::string(5000, 'p'), std::string("pi_\0x", 5)}) {
    const std::string body = sessions_of(intent);
    const auto reply = api.signed_webhook(body);
    INFO(reply.body);
    CHECK(reply.status == 200);
    CHECK(json::parse(reply.body)["reason"] == "malformed_body");
    const auto rejects = api.shop.store.get([](Tables& t) {
      return t.operations().list_rejects({"demo", {}, {}, 100, {}});
    });
    const auto kept = api.shop.store.get(
        [&](Tables& t) { return t.operations().find_reject("demo", rejects.items[0].id); });
    CHECK(kept->body == body);
    CHECK(kept->message.find("order id") != std::string::npos);
  }
  CHECK(api.shop.conversions().empty());
}

TEST_CASE("a list whose end lies before its beginning is refused with both",
          "[http][conversions]") {
  Api api;
  const auto list = [&](const std::string& from, const std::string& to) {
    Request request;
    request.query = {{"from", from}, {"to", to}};
    request.headers = {{"Authorization", "Bearer reader"}};
    return api.call("GET", "/api/conversions", request);
  };
  CHECK(list("2026-09-21", "2026-09-21").status == 200);
  CHECK(list("2026-09-21T10:00:00Z", "2026-09-21").status == 200);
  for (const auto& [from, to] : {std::pair("2026-09-22", "2026-09-21"),
                                 std::pair("2026-09-21T10:00:01Z", "2026-09-21T10:00:00Z")}) {
    const auto reply = list(from, to);
    CHECK(reply.status == 400);
    CHECK(code_of(reply) == "bad_time");
    CHECK(reply.body.find("from=" + std::string(from) + " is after to=" + to) != std::string::npos);
  }
}

TEST_CASE("amounts keep the currency's decimals", "[http][conversions]") {
  Api api;
  struct Row {
    const char* amount;
    const char* currency;
    std::int64_t minor;
  };
  int number = 0;
  for (const auto& row :
       {Row{"5000", "JPY", 5000}, Row{"12.345", "KWD", 12345}, Row{"0.29", "EUR", 29}}) {
    auto body = purchase();
    body["order_id"] = "O-" + std::to_string(++number);
    body["amount"] = row.amount;
    body["currency"] = row.currency;
    CHECK(json::parse(api.state(body).body)["conversion"]["amount_minor"] == row.minor);
  }
}

TEST_CASE("the list shows conversions and pending orders, page by page", "[http][conversions]") {
  Api api;
  for (int i = 0; i < 5; ++i) {
    auto body = purchase();
    body["order_id"] = "O-" + std::to_string(i);
    body["occurred_at"] = kNow - i * kHour;
    api.state(body);
    auto session = paid_session(2500, "p" + std::to_string(i));
    session["payment_status"] = "unpaid";
    api.shop.told(stripe_event("checkout.session.completed", session, -i * 3600 - 1800));
  }
  Request all;
  const auto everything = api.get("/api/conversions", all)["items"];
  REQUIRE(everything.size() == 10);
  CHECK(everything[1]["status"] == "pending");

  for (const int limit : {1, 2, 3, 4, 7, 10}) {
    json collected = json::array();
    std::string cursor;
    for (int page = 0; page < 11; ++page) {
      Request request;
      request.query = {{"limit", std::to_string(limit)}, {"cursor", cursor}};
      const auto answer = api.get("/api/conversions", request);
      for (const auto& item : answer["items"]) collected.push_back(item);
      if (answer["next_cursor"].is_null()) break;
      cursor = answer["next_cursor"];
    }
    INFO("limit " << limit);
    CHECK(collected == everything);
  }
  Request bad;
  bad.query = {{"from", "soon"}};
  api.get("/api/conversions", bad, 400);
}

TEST_CASE("as a file the list is the whole range, with amounts as people write them",
          "[http][conversions][csv]") {
  Api api;
  api.state(purchase());
  constexpr int kSignups = 1100;  // more than two pages
  api.shop.store.put([&](Tables& tables) -> Outcome<void> {
    for (int i = 0; i < kSignups; ++i) {
      ConversionRow row;
      row.site_id = "demo";
      row.id = id(100'000 + static_cast<std::uint64_t>(i));
      row.kind = "signup";
      row.provider = "api";
      row.order_id = "signup-" + std::to_string(i);
      row.currency = "EUR";
      row.occurred_ms = kNow - kDay - i;
      TL_CHECK(tables.orders().insert_conversion(row));
    }
    return {};
  });
  const auto ask = [&](std::vector<std::pair<std::string, std::string>> query) {
    Request request;
    request.headers = {{"Authorization", "Bearer reader"}};
    request.query = std::move(query);
    request.query.emplace_back("format", "csv");
    return api.call("GET", "/api/conversions", request);
  };
  const auto reply = ask({});
  CHECK(header_of(reply, "Content-Disposition") == "attachment; filename=\"demo-conversions.csv\"");
  const std::string csv = streamed(reply);
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 2 + kSignups);
  CHECK(csv.starts_with("id,kind,provider,order_id,occurred_at,amount,refunded,currency,"));
  CHECK(csv.find(",purchase,api,A-1,2026-09-21T14:13:20.000Z,25.00,0.00,EUR,2500,0,paid,") !=
        std::string::npos);
  CHECK(csv.find(",signup-0,") < csv.find(",signup-1099,"));
  const std::string day = streamed(ask({{"from", "2026-09-21"}, {"to", "2026-09-21"}}));
  CHECK(std::count(day.begin(), day.end(), '\n') == 2);
  const std::string none = streamed(ask({{"kind", "lead"}}));
  CHECK(none == csv.substr(0, csv.find('\n') + 1));

  for (const auto& query : std::vector<std::pair<std::string, std::string>>{
           {"limit", "10"}, {"cursor", "x"}, {"kind", "nonsense"}}) {
    INFO(query.first);
    CHECK(ask({query}).status == 400);
  }
  // Whoever goes away is not read for.
  int pieces = 0;
  CHECK_FALSE(reply.stream([&](std::string_view) { return ++pieces < 2; }));
  CHECK(pieces == 2);
}

TEST_CASE("a sale says which of its buyer's contacts nobody could read", "[http][conversions]") {
  Api api;
  json session = paid_session();
  session["customer_details"]["email"] = "jane at example.com";
  const auto reply = api.signed_webhook(stripe_event("checkout.session.completed", session).dump());
  CHECK(json::parse(reply.body)["result"] == "purchase");
  CHECK(header_of(reply, "X-Throughline") == "bad_email");
  Request request;
  request.params = {{"id", "cs_1"}};
  CHECK(api.get("/api/conversions/{id}", request)["order"]["unreadable"] == json{"email"});

  // Another event of the sale may know better.
  auto intent = paid_intent();
  intent["receipt_email"] = "jane@example.com";
  api.signed_webhook(stripe_event("payment_intent.succeeded", intent).dump());
  CHECK(api.get("/api/conversions/{id}", request)["order"]["unreadable"].empty());
}

TEST_CASE("one conversion shows every model's credits and its path", "[http][conversions]") {
  Api api;
  api.signed_webhook(stripe_event("checkout.session.completed", paid_session()).dump());
  Request request;
  request.params = {{"id", uuid(api.shop.conversions().at(0).id)}};
  const auto shown = api.get("/api/conversions/{id}", request);
  CHECK(shown["credits"].size() == 12);
  for (const auto& [model, credits] : shown["credits"].items()) {
    std::int64_t sum = 0;
    for (const auto& credit : credits) sum += credit["value_minor"].get<std::int64_t>();
    INFO(model);
    CHECK(sum == 2500);
  }
  CHECK(shown["snapshot"]["path"].size() == 1);
  CHECK(shown["first_touch"]["channel"] == "paid_social");
  CHECK(shown["checkout_duration_s"] == 60);
  CHECK(shown["order"]["aliases"] == json{"cs_1"});
  request.params = {{"id", "cs_1"}};
  CHECK(api.get("/api/conversions/{id}", request)["id"] == shown["id"]);
  request.params = {{"id", "cs_404"}};
  CHECK(api.get("/api/conversions/{id}", request, 404)["error"]["code"] == "unknown_conversion");
}

TEST_CASE("an order of a bot says that it is one, in the list too", "[http][conversions]") {
  Api api;
  SessionRow session = given_session(5, kNow - kHour);
  TouchRow touch = given_touch(9, Channel::paid_search, kNow - kHour);
  session.id = touch.session_id = id(1005);
  session.anonymous_id = touch.anonymous_id = id(3001);
  session.first_touch = session.last_touch = touch.id;
  session.is_bot = touch.is_bot = true;
  api.shop.store.put([&](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.events().put_session(session));
    TL_CHECK(tables.events().insert_touch(touch));
    return {};
  });
  auto body = purchase();
  body["email"] = "robot@example.com";
  body["session_id"] = uuid(id(1005));
  api.state(body);
  api.signed_webhook(stripe_event("checkout.session.completed", paid_session()).dump());

  std::map<std::string, bool> is_bot;
  const auto list = api.get("/api/conversions", {});
  for (const auto& item : list["items"]) is_bot[item["provider"]] = item["bot"];
  INFO(list.dump());
  CHECK(is_bot == std::map<std::string, bool>{{"api", true}, {"stripe", false}});
}

TEST_CASE("a webhook over the limit shows in its site's reject log", "[http][webhook]") {
  Api api;
  Request request;
  request.path = "/api/webhook/stripe/demo";
  request.params = {{"provider", "stripe"}, {"site", "demo"}};
  request.headers = {{"Content-Length", "1048577"}};
  request.received_ms = api.shop.store.clock.now_ms();
  const auto route = std::find_if(api.routes.begin(), api.routes.end(), [](const Route& each) {
    return each.pattern == "/api/webhook/{provider}/{site}";
  });
  route->keep_unread(request, fail(ErrorKind::too_large, "body_too_large", "too large"));
  route->keep_unread(request, fail(ErrorKind::limited, "rate_limited", "too many"));
  request.params["site"] = "nobody";
  route->keep_unread(request, fail(ErrorKind::too_large, "body_too_large", "too large"));
  CHECK(api.shop.store.counter("demo", "webhook_rejected") == 1);
  CHECK(api.shop.store.counter("", "webhook_rejected") == 2);
  const auto rejects = api.shop.store.get([](Tables& t) {
    ListQuery query;
    query.site_id = "demo";
    return t.operations().list_rejects(query);
  });
  REQUIRE(rejects.items.size() == 1);
  CHECK(rejects.items[0].code == "body_too_large");
  CHECK(rejects.items[0].bytes == 1048577);
  CHECK(rejects.items[0].body.empty());
}

TEST_CASE("a statement over the limit that has a key is kept, up to what is read", "[http]") {
  Api api;
  auto body = purchase();
  body["items"] = {{{"name", std::string(300 * 1024, 'x')}}};
  CHECK(code_of(api.state(body)) == "body_too_large");
  CHECK(code_of(api.state(body, "none")) == "bad_key");
  const auto rejects = [&] {
    return api.shop.store
        .get([](Tables& t) {
          return t.operations().list_rejects({"demo", {}, {}, 100, {}});
        })
        .items;
  };
  REQUIRE(rejects().size() == 1);
  CHECK(rejects()[0].bytes >= static_cast<std::int64_t>(body.dump().size()));
  const auto number = rejects()[0].id;
  const auto row =
      api.shop.store.get([&](Tables& t) { return t.operations().find_reject("demo", number); });
  REQUIRE(row);
  CHECK(row->body == body.dump());
  CHECK(api.shop.store.counter("demo", "conversion_rejected") == 1);

  // What is longer is not read: its head alone says whose it is.
  const auto route = std::find_if(api.routes.begin(), api.routes.end(), [](const Route& each) {
    return each.method == "POST" && each.pattern == "/api/conversions";
  });
  CHECK(route->most_read() == 1024 * 1024);
  Request request;
  request.path = "/api/conversions";
  request.received_ms = api.shop.store.clock.now_ms();
  const auto too_large = fail(ErrorKind::too_large, "body_too_large", "too large");
  for (const char* key : {"Bearer all", "Bearer none", ""}) {
    request.headers = {{"Content-Length", "1048577"}, {"Authorization", key}};
    route->keep_unread(request, too_large);
  }
  request.headers = {{"Authorization", "Bearer all"}};
  route->keep_unread(request, fail(ErrorKind::limited, "rate_limited", "too many"));
  CHECK(api.shop.store.counter("", "rejected") == 3);
  REQUIRE(rejects().size() == 2);
  CHECK(rejects()[0].bytes == 1048577);
}

TEST_CASE("the thank-you page learns the event id once the order is paid", "[http][order-event]") {
  Api api;
  Request request;
  request.query = {{"site", "demo"}, {"ref", "cs_1"}};
  CHECK(api.get("/api/order-event", request, 404)["error"]["code"] == "not_yet_known");
  api.signed_webhook(stripe_event("charge.succeeded", paid_charge()).dump());
  api.get("/api/order-event", request, 404);
  api.signed_webhook(stripe_event("checkout.session.completed", paid_session()).dump());
  const auto answer = api.get("/api/order-event", request);
  CHECK(answer == json{{"event_id", uuid(api.shop.conversions().at(0).id)},
                       {"kind", "purchase"},
                       {"live", true}});
  for (const char* reference : {"pi_1", "ch_1"}) {
    request.query = {{"site", "demo"}, {"ref", reference}};
    CHECK(api.get("/api/order-event", request) == answer);
  }
  for (const auto& reference : {std::string(), std::string(256, 'x')}) {
    request.query = {{"site", "demo"}, {"ref", reference}};
    CHECK(api.get("/api/order-event", request, 400)["error"]["code"] == "bad_reference");
  }
  // A subscription's id means the order that began it, however many renewed it.
  api.signed_webhook(stripe_event("invoice.paid", paid_invoice("8", "subscription_create")).dump());
  request.query = {{"site", "demo"}, {"ref", "in_8"}};
  const auto first = api.get("/api/order-event", request);
  auto renewal = paid_invoice("9", "subscription_cycle");
  renewal["status_transitions"]["paid_at"] = kNow / 1000 + 30 * 86400;
  api.signed_webhook(stripe_event("invoice.paid", renewal).dump());
  request.query = {{"site", "demo"}, {"ref", "sub_1"}};
  CHECK(api.get("/api/order-event", request) == first);
  request.query = {{"site", "x"}, {"ref", "cs_1"}};
  api.get("/api/order-event", request, 404);
}
