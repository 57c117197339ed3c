// SPDX-License-Identifier: Apache-2.0
// Erasure and export over HTTP: who may ask, how the person is named, what is answered.
#include "server/http/privacy_handler.hpp"
#include "tests/server/month.hpp"
#include "tests/server/replies.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// Ann came once, said her address, and bought with it.
class PrivacyHouse : public MonthWorld {
 public:
  PrivacyHouse() : MonthWorld("Europe/Prague") {
    visit(11, 111, kMonth, TrafficSource{Channel::email, "letter", "", "", "/"});
    identify(11, "ann@example.com", kMonth);
    StatedConversion bought;
    bought.kind = "purchase";
    bought.reference = "o-1";
    bought.amount_minor = 900;
    bought.currency = "EUR";
    bought.occurred_ms = kMonth + kDay;
    bought.customer.email = "ann@example.com";
    bought.anonymous_id = id(11);
    bought.digest = sha256(bought.reference);
    state(bought);
    const SiteLookup find = [this](std::string_view site_id) -> std::shared_ptr<const SiteConfig> {
      return site_id == "demo" ? site : nullptr;
    };
    const http::Authorise authorise = [this](const http::Request&, std::string_view scope) {
      asked_scope = scope;
      return allowed;
    };
    routes_ =
        http::privacy_routes({*store, store.clock, store.entropy, store.box, find, authorise});
  }
  http::Reply send(const std::string& method, const std::string& path, const std::string& body,
                   std::vector<std::pair<std::string, std::string>> query = {}) {
    http::Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.query = std::move(query);
    for (const auto& route : routes_)
      if (route.method == method && route.pattern == path) return route.handler(request);
    throw std::runtime_error("no route " + path);
  }
  json post(const std::string& path, const json& body) {
    const auto reply = send("POST", path, body.dump());
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    return json::parse(reply.body);
  }
  std::string code(const std::string& method, const std::string& path, const std::string& body) {
    return json::parse(send(method, path, body).body).at("error").at("code");
  }

  Outcome<std::string> allowed = std::string("demo");
  std::string asked_scope;

 private:
  std::vector<http::Route> routes_;
};

}  // namespace

TEST_CASE("an erasure is named in the body and answers with its receipt", "[erasure]") {
  PrivacyHouse house;
  const json ann = {{"site", "demo"}, {"email", "ann@example.com"}};
  auto dry = ann;
  dry["dry_run"] = true;
  const json would = house.post("/api/erasures", dry);
  CHECK(would["erased"] == false);
  CHECK(would["receipt"].is_null());
  CHECK(would["counts"]["sessions"] == 1);
  CHECK(house.asked_scope == "admin");
  CHECK(house.post("/api/exports", ann)["sessions"].size() == 1);

  const json done = house.post("/api/erasures", ann);
  CHECK(done["erased"] == true);
  CHECK(done["receipt"] == 1);
  CHECK(done["counts"] == would["counts"]);
  CHECK(house.post("/api/exports", ann)["sessions"].empty());
}

TEST_CASE("the older forms name the person in the query", "[erasure]") {
  PrivacyHouse house;
  const std::vector<std::pair<std::string, std::string>> ann = {{"email", "ann@example.com"}};
  const auto held = house.send("GET", "/api/export-user", "", ann);
  CHECK(json::parse(held.body)["sessions"].size() == 1);
  CHECK(house.asked_scope == "admin");
  const auto erased = house.send("DELETE", "/api/delete-user", "", ann);
  CHECK(json::parse(erased.body)["receipt"] == 1);
  CHECK(house.asked_scope == "admin");
}

TEST_CASE("an erasure without a right, a person or a site is refused", "[erasure]") {
  PrivacyHouse house;
  for (const char* path : {"/api/erasures", "/api/exports"}) {
    INFO(path);
    CHECK(house.code("POST", path, "{}") == "bad_person");
    CHECK(house.code("POST", path, "[]") == "malformed_json");
    CHECK(house.code("POST", path, R"({"email":"a@example.com","phone":"+420777123456"})") ==
          "bad_person");
    CHECK(house.code("POST", path, R"({"anonymous_id":"no uuid"})") == "bad_uuid");
    CHECK(house.code("POST", path, R"({"site":"other","email":"a@example.com"})") == "wrong_site");
  }
  house.allowed = fail(ErrorKind::forbidden, "missing_scope", "no");
  CHECK(house.code("POST", "/api/erasures", R"({"email":"ann@example.com"})") == "missing_scope");
  house.allowed = std::string("gone");
  CHECK(house.code("POST", "/api/erasures", R"({"email":"ann@example.com"})") == "unknown_site");
}
