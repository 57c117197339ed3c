// SPDX-License-Identifier: Apache-2.0
// Every kept reject goes again through the route by which it came, as of the time it came, with
// what was proven of its sender then; and is kept once the cause is mended.
#include "server/core/access/secret_box.hpp"
#include "server/core/orders/orders.hpp"
#include "server/http/order_routes.hpp"
#include "server/providers/registry.hpp"
#include "tests/server/intake_house.hpp"
#include "tests/server/provider_scripts.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

using Json = nlohmann::json;
constexpr const char* kNewOrigin = "https://new.example";

// All intakes of one site, of browsers, servers and providers.
class RejectHouse : public IntakeHouse {
 public:
  RejectHouse()
      : IntakeHouse(demo_site(),
                    [this](const SiteConfig& of, const WireEvent& event) {
                      return http::stated_event_recorder(orders)(of, event);
                    }),
        orders(*store, store.clock, Shop::takes()),
        checkouts(*store, store.clock, client, Shop::lanes(), [](std::int64_t) {}) {
    const http::OrderRouteParts parts{
        orders,
        *store,
        store.clock,
        [this](std::string_view id) -> std::shared_ptr<const SiteConfig> {
          return id == site->id ? site : nullptr;
        },
        find_provider,
        authorise,
        store.tokens,
        checkouts,
        find_checkout_maker,
        unread,
        store.box};
    std::erase_if(routes_, [](const http::Route& route) {
      return route.pattern.starts_with("/api/rejects");
    });
    for (auto& list : {http::webhook_routes(parts), http::conversion_routes(parts)})
      routes_.insert(routes_.end(), list.begin(), list.end());
    const http::IngestRouteParts ingest_parts{
        ingest, "https://t.shop.example", authorise, unread, {}};
    for (auto& route : http::rejects_routes(ingest_parts, routes_)) routes_.push_back(route);
  }

  http::Reply from(const std::string& origin, const std::string& path, const Json& body,
                   const HeaderList& more = {}) {
    auto made = request(body.dump());
    made.headers[0].second = origin;
    made.headers.insert(made.headers.end(), more.begin(), more.end());
    return send("POST", path, made);
  }
  http::Reply webhook(const std::string& body, const std::string& signature,
                      const std::string& provider = "stripe") {
    http::Request made;
    made.path = "/api/webhook/" + provider + "/demo";
    made.params = {{"provider", provider}, {"site", "demo"}};
    made.headers = {{"Stripe-Signature", signature}, {"stripe-signature", "t=1,v1=00"}};
    made.body = body;
    made.received_ms = store.clock.now_ms();
    return send("POST", "/api/webhook/{provider}/{site}", made);
  }
  // As that provider would send it.
  http::Reply signed_as(const std::string& provider, const std::string& body,
                        const std::string& type = {}, const std::string& key = "delivery_1") {
    http::Request made;
    made.path = "/api/webhook/" + provider + "/demo";
    made.params = {{"provider", provider}, {"site", "demo"}};
    made.headers = signed_headers(provider, body, type, key);
    made.body = body;
    made.received_ms = kNow;
    return send("POST", "/api/webhook/{provider}/{site}", made);
  }
  std::string signature_of(const std::string& body, const std::string& secret) {
    const std::string t = std::to_string(store.clock.now_ms() / 1000);
    const Digest mac = hmac_sha256(secret, t + "." + body);
    return "t=" + t + ",v1=" + to_hex(mac);
  }
  void configure_stripe(std::vector<std::string> secrets) {
    PaymentConfig stripe;
    stripe.provider = "stripe";
    stripe.webhook_secrets = std::move(secrets);
    site->payments = {stripe};
  }
  Json rejects() { return Json::parse(get("/api/rejects").body)["items"]; }
  std::optional<RejectRow> kept_reject(std::int64_t number) {
    return store.get([&](Tables& t) { return t.operations().find_reject("demo", number); });
  }
  // A day later, as an operator would.
  Json replay(std::int64_t number) {
    store.clock.advance(kDay);
    auto made = request();
    made.headers.emplace_back("Authorization", "Bearer good");
    made.params["id"] = std::to_string(number);
    return Json::parse(send("POST", "/api/rejects/{id}/replay", made).body);
  }
  Json replay_only() {
    const auto kept = rejects();
    REQUIRE(kept.size() == 1);
    return replay(kept[0]["id"]);
  }
  std::int64_t revenue() {
    std::int64_t minor = 0;
    for (const auto& row :
         store.get([](Tables& t) {
                return t.orders().list_conversions({"demo", {}, {}, 100, {}});
              })
             .items)
      minor += row.amount_minor;
    return minor;
  }

  Orders orders;
  NoClient client;
  Checkouts checkouts;
};

Json flat_touch() {
  return {{"site", "demo"},
          {"write_key", "wk_demo"},
          {"url", kAd},
          {"consent", {{"storage", true}, {"marketing", true}}}};
}

Json crm_event(const std::string& name, Json properties = Json::object()) {
  return {{"eventName", name},
          {"properties", std::move(properties)},
          {"context",
           {{"page", {{"url", kAd}}},
            {"user", {{"anonymousId", "01900000-0000-4000-8000-000000000001"}}},
            {"consent", {{"storage", true}}}}}};
}

}  // namespace

TEST_CASE("what a foreign page sent is let in once its origin is listed", "[replay]") {
  RejectHouse house;
  house.site->identity_secret = "between the site and us";
  Browser browser;
  browser.open(kAd);
  const auto first = browser.batch({browser.event("page_view")});
  std::string path;
  Json body;
  HeaderList more;
  SECTION("a batch of events") {
    path = "/api/events";
    body = first;
  }
  SECTION("one flat touch") {
    path = GENERATE(as<std::string>{}, "/api/touch", "/api/tracking/marketing-touch");
    body = flat_touch();
  }
  SECTION("events in the CRM shape, whose key is in the headers") {
    path = "/track/events";
    body = {{"events", {crm_event("page_view"), crm_event("page_view")}}};
    more = {{"X-Throughline-Key", "wk_demo"}, {"X-Aurea-Funnel-ID", "demo"}};
  }
  SECTION("contact data, whose token is in a cookie") {
    path = "/api/identify";
    const std::string token = house.kept(first)["token"];
    body = {{"site", "demo"}, {"write_key", "wk_demo"}, {"email", "jane@example.com"}};
    more = {{"Cookie", "tl_tok.demo=" + token}};
  }
  SECTION("a withdrawal") {
    path = "/api/consent";
    const auto begun = house.kept(first);
    body = {{"site", "demo"},
            {"write_key", "wk_demo"},
            {"token", begun["token"]},
            {"consent", {{"storage", false}, {"marketing", false}}}};
  }
  const auto refused = house.from(kNewOrigin, path, body, more);
  CHECK(refused.status == 403);
  CHECK(code_of(refused) == "foreign_origin");
  auto answer = house.replay_only();
  CHECK(answer["status"] == 403);
  CHECK(answer["kept"] == false);
  CHECK(house.rejects()[0]["kept"] == false);
  const auto before = house.store.counter("demo", "accepted");

  house.site->origins.push_back(kNewOrigin);
  house.site->write_key = "wk_rotated";
  answer = house.replay_only();

  INFO(answer.dump());
  CHECK(answer["status"].get<int>() / 100 == 2);
  CHECK(answer["kept"] == true);
  CHECK(house.rejects()[0]["kept"] == true);
  const auto accepted = house.store.counter("demo", "accepted") - before;
  CHECK(accepted == (path == "/track/events" ? 2 : 1));
  if (path == "/api/identify" || path == "/api/consent") return;

  // The sender may come again by itself: it is the same input.
  house.site->write_key = "wk_demo";
  house.store.clock.set(kNow);
  const auto again = Json::parse(house.from(kNewOrigin, path, body, more).body);
  CHECK(again["duplicate"] == (path == "/track/events" ? 2 : 1));
  CHECK(again["accepted"] == 0);
}

TEST_CASE("what is replayed after a withdrawal undoes none of it", "[replay][consent]") {
  RejectHouse house;
  const bool is_of_storage = GENERATE(true, false);
  Browser browser;
  browser.open(kAd);
  const auto begun = house.kept(browser.batch({browser.event("page_view")}));
  browser.token = begun["token"];
  house.store.clock.advance(1000);
  const auto choice = [&](bool storage, bool marketing) {
    return Json{{"site", "demo"},
                {"write_key", "wk_demo"},
                {"token", begun["token"]},
                {"t", house.store.clock.now_ms()},
                {"consent", {{"storage", storage}, {"marketing", marketing}}}};
  };
  browser.now_ms = house.store.clock.now_ms();
  const bool is_event = GENERATE(true, false);
  // Its way takes longer than the withdrawal's.
  const Json body = is_event ? browser.batch({browser.event("click")}) : choice(true, true);
  house.store.clock.advance(300);
  const auto refused = choice(!is_of_storage, false);
  REQUIRE(house.from("https://shop.example", "/api/consent", refused).status == 200);
  house.store.clock.advance(2000);
  CHECK(house.from(kNewOrigin, is_event ? "/api/events" : "/api/consent", body).status == 403);
  house.site->origins.push_back(kNewOrigin);

  house.replay_only();

  const auto visitor = parse_uuid(begun["anonymous_id"].get<std::string>()).value();
  const auto record =
      house.store.get([&](Tables& t) { return t.people().find_consent("demo", visitor); });
  CHECK(permits_ids(record->consent) != is_of_storage);
  CHECK_FALSE(permits_marketing(record->consent));
}

TEST_CASE("one event of a CRM batch keeps its place when it is replayed alone", "[replay]") {
  RejectHouse house;
  house.site->currency = "";
  const Json body = {
      {"events",
       {crm_event("checkout_completed", {{"order_id", "A-1"}, {"amount", "25.00"}}),
        crm_event("checkout_completed", {{"order_id", "A-2"}, {"amount", "9.00"}})}}};
  const auto reply = house.from("", "/track/events", body, {{"Authorization", "Bearer good"}});
  CHECK(reply.status == 200);
  CHECK(Json::parse(reply.body)["rejected"].size() == 2);
  REQUIRE(house.rejects().size() == 2);
  CHECK(house.rejects()[0]["code"] == "missing_currency");
  const std::int64_t number = house.rejects()[0]["id"];
  CHECK(house.replay(number)["kept"] == false);

  house.site->currency = "EUR";
  for (const auto& reject : house.rejects()) CHECK(house.replay(reject["id"])["kept"] == true);

  CHECK(house.revenue() == 3400);
  CHECK(house.store.counter("demo", "accepted") == 2);
  house.store.clock.set(kNow);
  const auto again = house.from("", "/track/events", body, {{"Authorization", "Bearer good"}});
  CHECK(Json::parse(again.body)["duplicate"] == 2);
  CHECK(house.revenue() == 3400);
}

TEST_CASE("a CRM event without a time is the same order when it is sent again", "[replay]") {
  RejectHouse house;
  auto event = crm_event("checkout_completed",
                         {{"order_id", "A-1"}, {"amount", "25.00"}, {"currency", "EUR"}});
  event.erase("timestamp");
  for (int i = 0; i < 2; ++i) {
    const auto reply =
        house.from("", "/track/events", {{"events", {event}}}, {{"Authorization", "Bearer good"}});
    CHECK(Json::parse(reply.body)["rejected"].empty());
    house.store.clock.advance(30'000);
  }
  CHECK(house.revenue() == 2500);
  CHECK(house.rejects().empty());
}

TEST_CASE("a completed checkout is kept without an e-mail that nobody can read, and says so",
          "[replay]") {
  RejectHouse house;
  const Json events = {
      crm_event("checkout_completed", {{"order_id", "A-1"}, {"amount", "25.00"}, {"email", 5}}),
      crm_event("checkout_completed",
                {{"order_id", "A-2"}, {"amount", "9.00"}, {"email", "jane@"}, {"phone", "?"}}),
      crm_event("checkout_completed",
                {{"order_id", "A-3"}, {"amount", "1.00"}, {"email", "jane\x01@example.com"}})};
  const auto reply =
      house.from("", "/track/events", {{"events", events}}, {{"Authorization", "Bearer good"}});
  CHECK(Json::parse(reply.body)["rejected"].empty());
  CHECK(house.rejects().empty());
  CHECK(house.revenue() == 3500);
  CHECK(header_of(reply, "X-Throughline").find("bad_email") != std::string::npos);
  CHECK(header_of(reply, "X-Throughline").find("bad_phone") != std::string::npos);
}

TEST_CASE("a server's order is kept although nobody said consent", "[replay]") {
  RejectHouse house;
  auto event = crm_event("checkout_completed", {{"order_id", "A-1"}, {"amount", "much"}});
  event["context"].erase("consent");
  house.from("", "/track/events", {{"events", {event}}}, {{"Authorization", "Bearer good"}});
  CHECK(house.replay_only()["answer"]["rejected"][0]["code"] == "bad_amount");
}

TEST_CASE("a webhook signed by a secret that was missing goes through when it is added",
          "[replay][webhook]") {
  RejectHouse house;
  const bool is_configured = GENERATE(true, false);
  if (is_configured) house.configure_stripe({"whsec_old"});
  const std::string body = stripe_event("checkout.session.completed", paid_session()).dump(1);

  const auto refused = house.webhook(body, house.signature_of(body, "whsec_new"));

  CHECK(refused.status == (is_configured ? 401 : 404));
  CHECK(code_of(refused) == (is_configured ? "bad_signature" : "no_such_provider"));
  CHECK(house.replay_only()["kept"] == false);
  house.configure_stripe({"whsec_old", "whsec_new"});
  const auto answer = house.replay_only();
  INFO(answer.dump());
  CHECK(answer["status"] == 200);
  CHECK(answer["kept"] == true);
  CHECK(answer["answer"]["result"] == "purchase");
  CHECK(house.replay_only()["answer"]["result"] == "duplicate");
  CHECK(house.revenue() == 2500);
}

TEST_CASE("a replayed webhook is verified as of the time it came", "[replay][webhook]") {
  RejectHouse house;
  house.configure_stripe({"whsec_one"});
  const std::string body = stripe_event("checkout.session.completed", paid_session()).dump();
  const std::string signature = house.signature_of(body, "whsec_one");
  house.store.clock.advance(301'000);
  CHECK(code_of(house.webhook(body, signature)) == "stale_timestamp");

  CHECK(house.replay_only()["answer"]["error"]["code"] == "stale_timestamp");
  house.site->payments[0].tolerance_s = 301;
  CHECK(house.replay_only()["kept"] == true);
}

TEST_CASE("a signed webhook that makes no sense is replayed through its route",
          "[replay][webhook]") {
  RejectHouse house;
  house.configure_stripe({"whsec_one"});
  const std::string body = GENERATE(as<std::string>{},
                                    R"({"id":"evt_1","name":")"
                                    "\xff\xfe"
                                    R"("})",
                                    "[]", "");
  CHECK(house.webhook(body, house.signature_of(body, "whsec_one")).status == 200);
  if (body.empty()) return;  // nothing to send again
  const auto answer = house.replay_only();
  CHECK(answer["status"] == 400);
  CHECK(answer["answer"]["error"]["code"] == "malformed_body");
}

TEST_CASE("what a password or token proved when it came needs no proof again",
          "[replay][webhook]") {
  RejectHouse house;
  PaymentConfig gumroad;
  gumroad.provider = "gumroad";
  gumroad.webhook_secrets = {"the-token"};
  house.site->payments = {gumroad};
  const auto ping = [&](const std::string& token, const std::string& body) {
    http::Request made;
    made.path = "/api/webhook/gumroad/demo";
    made.params = {{"provider", "gumroad"}, {"site", "demo"}};
    made.query = {{"token", token}};
    made.body = body;
    made.received_ms = house.store.clock.now_ms();
    return house.send("POST", "/api/webhook/{provider}/{site}", made);
  };
  SECTION("the right one: its sense is read again") {
    for (int i = 0; i < 2; ++i)
      CHECK(ping("the-token", "resource_name=sale&sale_id=s1&price=x&currency=usd").status == 200);
    CHECK(house.rejects()[0]["code"] == "malformed_body");
    CHECK(house.replay_only()["answer"]["error"]["code"] == "malformed_body");
  }
  SECTION("a wrong one: it is right once the configuration says so") {
    CHECK(ping("guess", "resource_name=sale&sale_id=s1&price=100&currency=usd").status == 401);
    CHECK(house.replay_only()["kept"] == false);
    house.site->payments[0].webhook_secrets = {"guessed", "the-token"};
    CHECK(house.replay_only()["answer"]["error"]["code"] == "bad_signature");
    house.site->payments[0].webhook_secrets = {"the-token", "guess"};
    CHECK(house.replay_only()["kept"] == true);
    CHECK(house.revenue() == 100);
  }
}

TEST_CASE("a password that was missing here lets in what came with it, and is not kept",
          "[replay][webhook]") {
  RejectHouse house;
  house.site->payments = {provider_config("chargebee")};
  house.site->payments[0].webhook_secrets = {"user:old"};
  const std::string body =
      R"({"id":"ev_1","event_type":"payment_succeeded","content":{"transaction":{"id":"txn_1",)"
      R"("amount":2500,"currency_code":"EUR"}}})";
  CHECK(house.signed_as("chargebee", body).status == 401);
  const auto kept = house.kept_reject(house.rejects()[0]["id"]);
  CHECK(kept->sender_json.find(kProviderSecret) == std::string::npos);
  CHECK(kept->sender_json.find(to_base64(std::string(kProviderSecret))) == std::string::npos);
  CHECK(house.replay_only()["answer"]["error"]["code"] == "bad_signature");
  house.site->payments[0].webhook_secrets = {kProviderSecret};
  CHECK(house.replay_only()["kept"] == true);
  CHECK(house.revenue() == 2500);
}

TEST_CASE("a token in a header of its own is kept beside nothing that came with it", "[webhook]") {
  RejectHouse house;
  auto tickets = std::make_shared<PaymentDescription>();
  tickets->name = "custom_tickets";
  tickets->signatures = {{SignatureRule::Kind::token, {}, "X-Api-Token"}};
  tickets->event_type = {"/type"};
  PaymentConfig config;
  config.provider = "custom_tickets";
  config.webhook_secrets = {"the-right-token"};
  config.custom = tickets;
  house.site->payments = {config};
  const auto send = [&](const std::string& token, const std::string& body) {
    http::Request made;
    made.path = "/api/webhook/custom_tickets/demo";
    made.params = {{"provider", "custom_tickets"}, {"site", "demo"}};
    made.headers = {{"X-Api-Token", token}, {"X-Other", "stays"}};
    made.body = body;
    made.received_ms = house.store.clock.now_ms();
    return house.send("POST", "/api/webhook/{provider}/{site}", made);
  };
  CHECK(send("a-wrong-token", R"({"type":"paid"})").status == 401);
  CHECK(send("the-right-token", "no JSON").status == 200);
  for (const auto& reject : house.rejects()) {
    const auto kept = house.kept_reject(reject["id"]);
    CHECK(kept->sender_json.find("stays") != std::string::npos);
    CHECK(kept->sender_json.find("-token\"") == std::string::npos);
  }
  CHECK(send("the-right-token", R"({"type":"paid"})").status == 200);
  const auto inbox =
      house.store.get([](Tables& t) { return t.privacy().inbox_after("demo", 0, 10); });
  REQUIRE(inbox.size() == 1);
  CHECK(inbox[0].entry.headers_json.find("stays") != std::string::npos);
  CHECK(inbox[0].entry.headers_json.find("the-right-token") == std::string::npos);
}

TEST_CASE("of webhooks without a signature one line a day says that they come",
          "[replay][webhook]") {
  RejectHouse house;
  house.configure_stripe({"whsec_one"});
  for (const char* signature : {"", "", "v1=00", "t=x,v1=00"})
    CHECK(house.webhook("{}", signature).status == 401);
  CHECK(house.store.counter("demo", "webhook_bad_signature") == 4);
  const auto rejects = house.rejects();
  REQUIRE(rejects.size() == 2);
  CHECK(rejects[0]["code"] == "malformed_header");
  CHECK(rejects[1]["code"] == "missing_header");
  CHECK(house.replay(rejects[0]["id"])["error"]["code"] == "reject_without_body");  // a day later
  CHECK(house.webhook("{}", "").status == 401);
  CHECK(house.rejects().size() == 3);
  for (const char* name : {"custom_a", "custom_b", "custom_c"})
    CHECK(house.webhook("{}", "", name).status == 404);
  CHECK(house.rejects().size() == 4);
}

TEST_CASE("what is signed and makes no sense is answered with 200 and kept once",
          "[replay][webhook]") {
  RejectHouse house;
  for (const auto& [provider, body] : std::vector<std::pair<std::string, std::string>>{
           {"shopify", R"({"id":1,"total_price":"x","currency":"EUR"})"},
           {"gocardless", R"({"events":[]})"},
           {"polar", "[]"}}) {
    INFO(provider);
    house.site->payments = {provider_config(provider)};
    const std::size_t before = house.rejects().size();
    for (int i = 0; i < 3; ++i) {
      const auto answer = house.signed_as(provider, body, "orders/paid");
      CHECK(answer.status == 200);
      CHECK(Json::parse(answer.body) ==
            Json{{"received", true}, {"result", "rejected"}, {"reason", "malformed_body"}});
      CHECK(header_of(answer, "X-Throughline") == "malformed_body");
    }
    CHECK(house.rejects().size() == before + 1);
    house.signed_as(provider, body, "orders/paid", "delivery_2");
    CHECK(house.rejects().size() == before + (provider == "gocardless" ? 1 : 2));
  }
  house.configure_stripe({"whsec_one"});
  const std::size_t before = house.rejects().size();
  for (const char* waiting : {"1", "2"}) {
    const std::string body = R"({"id":"evt_1","pending_webhooks":)" + std::string(waiting) + "}";
    CHECK(house.webhook(body, house.signature_of(body, "whsec_one")).status == 200);
  }
  CHECK(house.rejects().size() == before + 1);
}

TEST_CASE("of a delivery of several events the good are taken and a bad one is kept alone",
          "[replay][webhook]") {
  RejectHouse house;
  const auto donation = [](int id, const char* amount) {
    return Json{{"id", id}, {"amount", amount}, {"currency", "EUR"}, {"action", "new"}};
  };
  house.site->payments = {provider_config("donorbox")};
  const std::string body =
      Json::array({donation(1, "25.00"), donation(2, "x"), donation(3, "3.00"), donation(4, "y")})
          .dump();
  auto answer = house.signed_as("donorbox", body);
  CHECK(Json::parse(answer.body)["result"] == "purchase");
  CHECK(header_of(answer, "X-Throughline") == "malformed_body");
  CHECK(house.revenue() == 2800);
  answer = house.signed_as("donorbox", body);
  CHECK(Json::parse(answer.body)["result"] == "duplicate");
  REQUIRE(house.rejects().size() == 2);
  const auto kept = house.kept_reject(house.rejects()[1]["id"]);
  CHECK(Json::parse(kept->body) == Json::array({donation(2, "x")}));
  CHECK(house.replay(kept->id)["answer"]["error"]["code"] == "malformed_body");
}

TEST_CASE("a WooCommerce order counts although one of its refunds makes no sense",
          "[replay][webhook]") {
  RejectHouse house;
  house.site->payments = {provider_config("woocommerce")};
  Json order = {{"id", 7},
                {"total", "25.00"},
                {"currency", "EUR"},
                {"status", "processing"},
                {"date_paid_gmt", "2026-09-21T14:13:20"},
                {"date_modified_gmt", "2026-09-21T15:00:00"},
                {"refunds", {{{"id", 1}, {"total", "-3.00"}}, {{"id", 2}, {"total", "much"}}}}};
  CHECK(house.signed_as("woocommerce", order.dump(), "order.updated").status == 200);
  CHECK(house.revenue() == 2500);
  const auto refunded = [&] {
    return house.store
        .get([](Tables& t) { return t.orders().find_order_by_reference("demo", "7"); })
        ->refunded_minor;
  };
  CHECK(refunded() == 300);
  CHECK(house.replay_only()["kept"] == false);
  // As an update that reads it would.
  auto reject = house.kept_reject(house.rejects()[0]["id"]);
  order["refunds"][1]["total"] = "-4.00";
  reject->body = order.dump();
  house.store.put([&](Tables& t) -> Outcome<void> {
    TL_CHECK(t.operations().delete_reject("demo", reject->id));
    TL_TRY(number, t.operations().insert_reject(*reject));
    static_cast<void>(number);
    return {};
  });
  CHECK(house.replay_only()["kept"] == true);
  CHECK(refunded() == 700);
}

TEST_CASE("a refund that came before its order is stated again by replay",
          "[replay][conversions]") {
  RejectHouse house;
  const HeaderList key = {{"Authorization", "Bearer good"}};
  const Json refund = {{"kind", "refund"},
                       {"order_id", "A-1"},
                       {"refund_id", "R-1"},
                       {"amount", "5.00"},
                       {"currency", "EUR"}};
  CHECK(code_of(house.from("", "/api/conversions", refund, key)) == "unknown_order");
  CHECK(house.replay_only()["kept"] == false);
  CHECK(house
            .from("", "/api/conversions",
                  {{"order_id", "A-1"}, {"amount", "25.00"}, {"currency", "EUR"}}, key)
            .status == 201);
  const auto answer = house.replay_only();
  CHECK(answer["status"] == 201);
  CHECK(answer["kept"] == true);
  CHECK(
      house.store.get([](Tables& t) { return t.orders().find_order_by_reference("demo", "A-1"); })
          ->refunded_minor == 500);
  // Without the key nothing is kept.
  CHECK(house.from("", "/api/conversions", refund, {}).status == 401);
  CHECK(house.rejects().size() == 1);
}

TEST_CASE("of a delivery at Adyen the good items are taken and a bad one is kept alone",
          "[replay][webhook]") {
  RejectHouse house;
  house.site->payments = {provider_config("adyen")};
  json bad = adyen_item("AUTHORISATION", "psp_2", "", 1000);
  std::string code = "bad_signature";
  SECTION("signed by a key that is missing here") {
    bad["NotificationRequestItem"]["additionalData"]["hmacSignature"] = mac_base64("other", "x");
  }
  SECTION("signed, and in no currency") {
    bad = adyen_item("AUTHORISATION", "psp_2", "", 1000, "true", "E1");
    code = "malformed_body";
  }
  const auto answer = house.webhook(adyen_body({adyen_item("AUTHORISATION", "psp_1", "", 2500), bad,
                                                adyen_item("AUTHORISATION", "psp_3", "", 300)}),
                                    "", "adyen");
  CHECK(answer.status == 200);
  CHECK(answer.body == "[accepted]");
  CHECK(house.revenue() == 2800);
  REQUIRE(house.rejects().size() == 1);
  CHECK(house.rejects()[0]["code"] == code);
  const auto replayed = house.replay_only();
  CHECK(replayed["kept"] == false);
  CHECK(replayed["answer"]["error"]["code"] == code);
  if (code == "bad_signature") {
    const auto signed_again = adyen_item("AUTHORISATION", "psp_2", "", 1000);
    house.site->payments[0].webhook_secrets.push_back(to_hex(std::string("other")));
    CHECK(house.replay_only()["kept"] == false);  // what was signed is not what is said
    CHECK(house.webhook(adyen_body({signed_again}), "", "adyen").status == 200);
    CHECK(house.revenue() == 3800);
  }
}

TEST_CASE("what holds up Adyen's queue and never gets right is answered as kept",
          "[replay][webhook]") {
  RejectHouse house;
  house.site->payments = {provider_config("adyen")};
  const auto senseless = adyen_item("AUTHORISATION", "psp_1", "", 1000, "true", "E1");
  auto answer = house.webhook(adyen_body({senseless}), "", "adyen");
  CHECK(answer.status == 200);
  CHECK(answer.body == "[accepted]");
  CHECK(header_of(answer, "X-Throughline") == "malformed_body");
  CHECK(house.rejects().size() == 1);
  CHECK(house.store.counter("demo", "webhook_rejected") == 1);
  house.site->payments[0].webhook_secrets = {"00"};
  answer = house.webhook(adyen_body({senseless}), "", "adyen");
  CHECK(answer.status == 401);
  CHECK(code_of(answer) == "bad_signature");
}

TEST_CASE("GoCardless hears that a delivery does not prove itself in its own status", "[webhook]") {
  RejectHouse house;
  house.site->payments = {provider_config("gocardless")};
  const auto answer = house.webhook(R"({"events":[]})", "", "gocardless");
  CHECK(answer.status == 498);
  CHECK(code_of(answer) == "missing_header");
}

TEST_CASE("an address that sends many unsigned notices has to wait, others have not",
          "[webhook][mollie]") {
  RejectHouse house;
  house.site->payments = {provider_config("mollie")};
  const auto notice = [&](int number, const std::string& address) {
    http::Request made;
    made.path = "/api/webhook/mollie/demo";
    made.params = {{"provider", "mollie"}, {"site", "demo"}};
    made.body = "id=tr_" + std::to_string(number);
    made.client_ip = address;
    made.received_ms = kNow;
    return house.send("POST", "/api/webhook/{provider}/{site}", made);
  };
  for (int i = 0; i < 50; ++i) REQUIRE(notice(i, "192.0.2.7").status == 200);
  CHECK(code_of(notice(50, "192.0.2.7")) == "rate_limited");
  CHECK(notice(51, "192.0.2.8").status == 200);
  const std::string body = R"({"id":"event_1","type":"payment.paid","entityId":"tr_1"})";
  CHECK(house.signed_as("mollie", body).status == 200);
}
