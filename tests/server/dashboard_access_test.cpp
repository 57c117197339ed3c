// SPDX-License-Identifier: Apache-2.0
// Who may do what over HTTP. The list of routes comes from /openapi.json, so that a new route is
// tested from its first day.

#include "tests/server/office.hpp"

#include <set>

using namespace tl::server;
using test::code;
using test::Office;
using Json = nlohmann::json;

namespace {

bool lacks(const OutgoingAnswer& answer, const char* what) {
  return answer.status == 403 && code(answer) == what;
}

}  // namespace

TEST_CASE("a login gives a cookie that scripts and other sites never see", "[login]") {
  Office office;
  const auto answer = office.log_in("owner@film.example", test::kPassword);
  REQUIRE(answer.status == 200);
  const auto& cookie = answer.headers.at("set-cookie");
  CHECK(cookie.starts_with("tl_dashboard="));
  CHECK(cookie.find("; HttpOnly; SameSite=Strict") != std::string::npos);
  CHECK(cookie.find("Secure") == std::string::npos);  // public_url is http here
  const auto body = Json::parse(answer.body);
  CHECK(body.at("user").at("role") == "owner");
  CHECK(body.at("sites").size() == 1);
  CHECK(body.at("sites").at(0).at("id") == "demo");

  CHECK(code(office.log_in("owner@film.example", "not the password")) == "wrong_login");
  CHECK(code(office.ask("POST", "/api/login",
                        {{"Content-Type", "application/json"}, {"Sec-Fetch-Site", "same-site"}},
                        answer.body)) == "foreign_page");
  CHECK(office.ask("POST", "/api/login", {{"Content-Type", "text/plain"}}, "{}").status == 400);
}

TEST_CASE("with https the cookie is Secure", "[login]") {
  test::House house;
  house.config.public_url = "https://t.shop.example";
  house.config.store_url = "sqlite:" + house.folder.file("second.db");
  const auto app = test::value_of(App::prepare(house.config));
  SystemEntropy entropy;
  const SecretBox box(house.config.secret, entropy);
  const auto store =
      test::value_of(open_store(house.config.store_url, box, SystemClock().now_ms()));
  const auto hash = hash_password(test::kPassword, entropy, {1, 1, 1});
  test::require_ok(store->write([&](Tables& tables) -> Outcome<void> {
    TL_TRY(user, put_user(tables, "a@film.example", hash, 1));
    return tables.users().put_role({"demo", user.id, Role::viewer});
  }));
  for (const auto& route : app->routes_for("demo")) {
    if (route.pattern != "/api/login") continue;
    http::Request request;
    request.method = "POST";
    request.headers = {{"Content-Type", "application/json"}};
    request.body = Json{{"email", "a@film.example"}, {"password", test::kPassword}}.dump();
    const auto reply = route.handler(request);
    REQUIRE(reply.status == 200);
    const auto cookie = std::find_if(reply.headers.begin(), reply.headers.end(),
                                     [](const auto& entry) { return entry.first == "Set-Cookie"; });
    CHECK(cookie->second.find("; Secure") != std::string::npos);
  }
}

TEST_CASE("every closed route refuses other sites, no login, and a change without its token",
          "[login]") {
  Office office;
  const auto owner = office.person("owner");
  const auto routes = office.closed_routes();
  REQUIRE(routes.size() >= 14);
  for (const auto& [method, pattern, path, scope, role] : routes) {
    INFO(method << " " << path);
    const std::string body = method == "GET" ? "" : "{}";
    const auto json = std::map<std::string, std::string>{{"Content-Type", "application/json"}};
    CHECK(office.ask(method, path + "?site=demo", json, body).status == 401);
    // A site of one's own is not this one.
    for (const auto* site : {"other", "nowhere"}) {
      const auto status = office.ask(method, path + "?site=" + site, owner.headers(), body).status;
      CHECK((status == 403 || status == 404));
    }
    if (method != "GET")
      CHECK(code(office.ask(method, path + "?site=demo", owner.headers(false), body)) ==
            "bad_csrf_token");
    if (path.find("/sites/") == std::string::npos)
      CHECK(code(office.ask(method, path, owner.headers(), body)) == "missing_site");
  }
}

TEST_CASE("a key opens its own site, and what its scopes say", "[keys]") {
  Office office;
  const auto bearer = [](const std::string& key) {
    return std::map<std::string, std::string>{{"Authorization", "Bearer " + key},
                                              {"Content-Type", "application/json"}};
  };
  const auto all = bearer(office.add_key("read,write,admin")),
             read = bearer(office.add_key("read")), write = bearer(office.add_key("write"));
  for (const auto& [method, pattern, path, scope, role] : office.closed_routes()) {
    INFO(method << " " << path);
    const std::string body = method == "GET" ? "" : "{}";
    for (const auto* site : {"other", "nowhere"}) {
      const auto status = office.ask(method, path + "?site=" + site, all, body).status;
      CHECK((status == 403 || status == 404));
    }
    if (path == "/api/live") continue;  // does not end
    // As it is described, and a key that reads changes nothing.
    CHECK(lacks(office.ask(method, path, read, body), "missing_scope") == (scope != "read"));
    CHECK(lacks(office.ask(method, path, write, body), "missing_scope") == (scope != "write"));
    CHECK((method == "GET" || scope != "read"));
  }
}

TEST_CASE("a secret key is taken in the headers of other trackers, where it may write", "[keys]") {
  Office office;
  const auto told = [&](const char* header, const std::string& key, const std::string& order) {
    const Json sale = {
        {"eventName", "checkout_completed"},
        {"properties", {{"order_id", order}, {"amount", "25"}, {"currency", "EUR"}}}};
    return office.ask(
        "POST", "/track/events",
        {{header, key}, {"X-Aurea-Funnel-ID", "demo"}, {"Content-Type", "application/json"}},
        Json{{"events", {sale}}}.dump());
  };
  const std::string key = office.add_key("read,write");
  const std::map<std::string, std::string> reader = {{"Authorization", "Bearer " + key}};
  for (const char* header : {"X-Aurea-API-Key", "X-Throughline-Key"}) {
    const std::string order = std::string("of ") + header;
    INFO(order);
    CHECK(told(header, key, order).status == 200);
    CHECK(office.get("/api/conversions?kind=purchase", reader).body.find(order) !=
          std::string::npos);
    // The public key tells of a sale, and makes none.
    CHECK(told(header, "wk_demo", "hearsay").status == 200);
    CHECK(code(told(header, office.add_key("read"), "hearsay")) == "wrong_key");
    CHECK(code(told(header, key + "0", "hearsay")) == "wrong_key");
  }
  CHECK(office.get("/api/conversions", reader).body.find("hearsay") == std::string::npos);
}

TEST_CASE("a viewer changes nothing and an analyst nobody", "[login]") {
  Office office;
  const auto viewer = office.person("viewer"), analyst = office.person("analyst");
  const std::set<std::string> people = {"/api/users",      "/api/users/1", "/api/audit-log",
                                        "/api/erasures",   "/api/exports", "/api/delete-user",
                                        "/api/export-user"};
  for (const auto& [method, pattern, path, scope, role] : office.closed_routes()) {
    INFO(method << " " << path);
    if (path == "/api/live") continue;  // does not end
    const std::string body = method == "GET" ? "" : "{}";
    const auto of_viewer = office.ask(method, path + "?site=demo", viewer.headers(), body);
    if (method != "GET" || people.contains(path)) {
      CHECK((of_viewer.status == 403 || of_viewer.status == 404));
    } else {
      CHECK(of_viewer.status != 403);
    }
    const auto of_analyst = office.ask(method, path + "?site=demo", analyst.headers(), body);
    if (people.contains(path)) CHECK(code(of_analyst) == "missing_role");
    // As it is described. (The site of a path is told before the role.)
    if (path.find("/sites/") != std::string::npos) continue;
    CHECK(lacks(of_viewer, "missing_role") == (role != "viewer"));
    CHECK(lacks(of_analyst, "missing_role") == (role != "viewer" && role != "analyst"));
  }
}

TEST_CASE("money enters by servers alone, whatever a person's role", "[login]") {
  Office office;
  const auto answer =
      office.ask("POST", "/api/conversions?site=demo", office.person("owner").headers(),
                 R"({"kind":"purchase","order_id":"1","amount":"1","currency":"EUR"})");
  CHECK(answer.status == 403);
  CHECK(code(answer) == "missing_role");
}

TEST_CASE("a logout ends the cookie everywhere", "[login]") {
  Office office;
  const auto viewer = office.person("viewer");
  CHECK(office.get("/api/me", viewer.headers()).status == 200);
  CHECK(office.get("/api/sessions?site=demo", viewer.headers()).status == 200);
  CHECK(office.ask("POST", "/api/logout", viewer.headers(), "{}").status == 200);
  CHECK(code(office.get("/api/me", viewer.headers())) == "login_over");
  CHECK(code(office.get("/api/sessions?site=demo", viewer.headers())) == "login_over");
}

TEST_CASE("failed logins are throttled with Retry-After", "[login]") {
  Office office;
  for (int i = 0; i < 5; ++i)
    CHECK(code(office.log_in("viewer@film.example", "not the password")) == "wrong_login");
  // The first wait is two seconds, less than a slow machine needs for a try; each failure doubles
  // it.
  auto refused = office.log_in("viewer@film.example", "not the password");
  for (int i = 0; i < 8 && refused.status != 429; ++i)
    refused = office.log_in("viewer@film.example", "not the password");
  CHECK(refused.status == 429);
  CHECK(refused.headers.contains("retry-after"));
  CHECK(office.log_in("owner@film.example", test::kPassword).status == 200);
}

TEST_CASE("an owner gives, changes and takes access, and the log tells it", "[login]") {
  Office office;
  const auto owner = office.person("owner");
  const auto headers = owner.headers();
  const auto give = [&](const char* body) {
    return office.ask("POST", "/api/users?site=demo", headers, body);
  };
  CHECK(code(give(R"({"email":"new@film.example","role":"viewer"})")) == "missing_password");
  CHECK(code(give(R"({"email":"new@film.example","role":"boss"})")) == "bad_role");
  CHECK(code(give(R"({"email":"owner@film.example","role":"viewer"})")) == "last_owner");
  const auto added =
      give(R"({"email":"new@film.example","role":"viewer","password":"a first password"})");
  REQUIRE(added.status == 200);
  CHECK(office.log_in("new@film.example", "a first password").status == 200);
  // An account that exists keeps its password: it may serve other sites.
  REQUIRE(give(R"({"email":"new@film.example","role":"analyst","password":"a stolen password"})")
              .status == 200);
  CHECK(code(office.log_in("new@film.example", "a stolen password")) == "wrong_login");

  const auto id = std::to_string(Json::parse(added.body).at("id").get<int>());
  CHECK(office.ask("DELETE", "/api/users/" + id + "?site=demo", headers, "{}").status == 200);
  CHECK(code(office.ask("DELETE", "/api/users/" + id + "?site=demo", headers, "{}")) ==
        "unknown_user");
  const auto log = Json::parse(office.get("/api/audit-log?site=demo", headers).body);
  std::multiset<std::string> actions;
  for (const auto& row : log.at("items")) actions.insert(row.at("action").get<std::string>());
  CHECK(actions.count("user_changed") == 2);
  CHECK(actions.count("user_removed") == 1);
  CHECK(actions.count("login") >= 1);
}

TEST_CASE("an erasure stands in the log, what one would erase does not", "[login][erasure]") {
  Office office;
  const auto headers = office.person("owner").headers();
  const auto erase = [&](bool is_dry_run) {
    const Json body = {{"email", "ann@example.com"}, {"dry_run", is_dry_run}};
    return office.ask("POST", "/api/erasures?site=demo", headers, body.dump()).status;
  };
  const auto told = [&] {
    const auto log = office.get("/api/audit-log?site=demo", headers).body;
    return log.find("person_erased") != std::string::npos;
  };
  REQUIRE(erase(true) == 200);
  CHECK_FALSE(told());
  REQUIRE(erase(false) == 200);
  CHECK(told());
}

TEST_CASE("the install page says what is missing", "[login]") {
  Office office;
  const auto facts =
      Json::parse(office.get("/api/install?site=demo", office.person("viewer").headers()).body);
  CHECK(facts.at("write_key") == "wk_demo");
  std::map<std::string, std::string> states;
  for (const auto& check : facts.at("checks"))
    states[check.at("id").get<std::string>()] = check.at("state").get<std::string>();
  CHECK(states.at("script") == "missing");
  CHECK(states.at("payments") == "missing");
  CHECK(states.at("public_url") == "warn");
  CHECK(states.at("rejects") == "ok");
}

TEST_CASE("a lead is no order, and refused pages are named", "[login]") {
  Office office;
  auto sites = office.config.sites;
  sites[0].origins = {"https://film.example"};
  PaymentConfig stripe;
  stripe.provider = "stripe";
  sites[0].payments = {stripe};
  office.app->reload(sites);
  const auto headers = office.person("viewer").headers();
  const auto found = [&](const std::string& id) {
    const auto facts = Json::parse(office.get("/api/install?site=demo", headers).body);
    for (const auto& check : facts.at("checks"))
      if (check.at("id") == id)
        return check.at("state").get<std::string>() + " " + check.at("message").get<std::string>();
    return std::string();
  };
  const auto lead = [&](const std::string& origin) {
    return office
        .ask("POST", "/api/webhook/lead",
             {{"Content-Type", "application/json"}, {"Origin", origin}},
             R"({"site":"demo","write_key":"wk_demo","email":"ann@mail.example"})")
        .status;
  };

  CHECK(lead("https://film.example") == 200);
  CHECK(lead("https://copied.example") == 403);
  CHECK(lead("https://mirror.example") == 403);
  CHECK(lead("https://mirror.example") == 403);

  CHECK(found("payments").starts_with("missing No order yet."));
  CHECK(found("matching").starts_with("warn Of the last 1 conversion 0 % belong to a visit."));
  const std::string origins = found("origins");
  CHECK(
      origins.starts_with("warn 3 requests of the last week came from pages that may not send: "
                          "https://mirror.example, https://copied.example."));
  CHECK(origins.find("film.example") == origins.npos);
  CHECK(found("rejects").starts_with("warn Refused in the last seven days: 3 requests;"));
}

TEST_CASE("the install page says that no checkout can be made", "[login]") {
  Office office;
  auto sites = office.config.sites;
  PaymentConfig stripe;
  stripe.provider = "stripe";
  stripe.api_key = "sk_test_1";
  stripe.base_url = "http://127.0.0.1:1";
  sites[0].payments = {stripe};
  CheckoutItem film;
  film.id = "film";
  film.price = "price_1";
  sites[0].checkouts = {film};
  office.app->reload(sites);
  const auto headers = office.person("viewer").headers();
  const auto found = [&] {
    const auto facts = Json::parse(office.get("/api/install?site=demo", headers).body);
    for (const auto& check : facts.at("checks"))
      if (check.at("id") == "checkouts")
        return check.at("state").get<std::string>() + " " + check.at("message").get<std::string>();
    return std::string();
  };
  CHECK(found().starts_with("ok "));

  const auto answer =
      office.ask("POST", "/api/checkout/stripe", {{"Content-Type", "application/json"}},
                 Json{{"site", "demo"}, {"write_key", "wk_demo"}, {"item", "film"}}.dump());

  CHECK(answer.status == 503);
  CHECK(answer.body.find("127.0.0.1") == answer.body.npos);
  CHECK(found().starts_with("missing Checkouts fail, 1 in a row, the first just now: "));
  CHECK(found().find("provider_unreachable") != std::string::npos);
}

TEST_CASE("destinations have the names that people know, and say what they delivered", "[login]") {
  Office office;
  auto sites = office.config.sites;
  sites[0].destinations = {{"ga4", "ga4", {}, {}}, {"webhook", "webhook:2", {}, {}}};
  office.app->reload(sites);
  SystemEntropy entropy;
  const SecretBox box(office.config.secret, entropy);
  const auto store = test::value_of(open_store(office.config.store_url, box, 1));
  test::require_ok(store->write([](Tables& tables) -> Outcome<void> {
    DeliveryRow row;
    row.site_id = "demo";
    row.destination = "ga4";
    row.event_name = "purchase";
    row.state = DeliveryState::delivered;
    for (std::uint8_t each = 1; each <= 3; ++each) {
      row.event_id.bytes[0] = each;
      TL_CHECK(tables.outbox().enqueue(row));
    }
    TL_TRY(capped, tables.outbox().count_in_state("demo", "ga4", DeliveryState::delivered, 2));
    CHECK(capped == 2);
    return {};
  }));

  const auto viewer = office.person("viewer").headers();
  const auto me = Json::parse(office.get("/api/me", viewer).body);
  CHECK(me.at("sites").at(0).at("destinations") ==
        Json{{"ga4", "GA4"}, {"webhook:2", "Webhook 2"}});
  const auto facts = Json::parse(office.get("/api/install?site=demo", viewer).body);
  const auto& lane = facts.at("destinations").at(0);
  CHECK(lane.at("deliveries").at("delivered") == 3);
  CHECK(lane.at("deliveries").at("queued") == 0);
}
