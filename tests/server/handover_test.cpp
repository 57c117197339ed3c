// SPDX-License-Identifier: Apache-2.0
// POST /api/handover: what a hand-over is good for, and everything that it is not good for.
#include "tests/server/intake_house.hpp"

#include <algorithm>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

using Json = nlohmann::json;

constexpr const char* kPay = "https://pay.example";

// A shop whose visitor has a session and a token, and a second domain.
class Shop {
 public:
  Shop() {
    house.site->origins.emplace_back(kPay);
    begun = begin_session(house);
    state = begun["anonymous_id"].get<std::string>() + "." +
            begun["session_id"].get<std::string>() + ".1.2.1.0000000000000001";
  }
  http::Reply post(Json body, const std::string& origin, const std::string& agent = "Agent/1") {
    body["site"] = "demo";
    body["write_key"] = "wk_demo";
    auto request = house.request();
    request.headers = {{"Origin", origin}, {"User-Agent", agent}, {"Host", "t.shop.example"}};
    request.body = body.dump();
    return house.send("POST", "/api/handover", request);
  }
  http::Reply ask(const std::string& to = "pay.example") {
    return post({{"to", to}, {"state", state}, {"token", begun["token"]}}, "https://shop.example");
  }
  std::string made() {
    const auto reply = ask();
    REQUIRE(reply.status == 200);
    return Json::parse(reply.body)["handover"].get<std::string>();
  }
  http::Reply take(const std::string& handover, const std::string& origin = kPay,
                   const std::string& agent = "Agent/1", Json more = Json::object()) {
    more["handover"] = handover;
    if (!more.contains("consent")) more["consent"] = {{"storage", true}};
    return post(more, origin, agent);
  }

  IntakeHouse house;
  Json begun;
  std::string state;
};

}  // namespace

TEST_CASE("the other domain is given the session's line and token", "[handover]") {
  Shop shop;
  const auto handover = shop.made();
  CHECK(handover.find(shop.begun["anonymous_id"].get<std::string>()) == std::string::npos);
  shop.house.store.clock.advance(180'000);

  const auto reply = shop.take(handover);

  REQUIRE(reply.status == 200);
  const auto given = Json::parse(reply.body);
  CHECK(given["state"] == shop.state);
  CHECK(given["token"] == shop.begun["token"]);
}

TEST_CASE("a hand-over is good once, for 180 seconds, on its host, in its browser", "[handover]") {
  Shop shop;
  const auto handover = shop.made();
  CHECK(code_of(shop.take(handover, "https://shop.example")) == "bad_handover");
  CHECK(code_of(shop.take(handover, kPay, "Agent/2")) == "bad_handover");
  CHECK(shop.take(handover).status == 200);
  CHECK(code_of(shop.take(handover)) == "bad_handover");

  const auto late = shop.made();
  shop.house.store.clock.advance(180'001);
  CHECK(code_of(shop.take(late)) == "bad_handover");
}

TEST_CASE("nobody makes a hand-over up", "[handover]") {
  Shop shop;
  auto changed = shop.made();
  changed[30] = changed[30] == 'A' ? 'B' : 'A';
  for (const auto& text : {changed, std::string(), std::string("%"), std::string(5000, 'A'),
                           shop.begun["token"].get<std::string>()})
    CHECK(code_of(shop.take(text)) == "bad_handover");
}

TEST_CASE("a hand-over is made for the site's own hosts and the token's own session",
          "[handover]") {
  Shop shop;
  for (const auto* host : {"evil.example", "notpay.example", "", "example"})
    CHECK(code_of(shop.ask(host)) == "foreign_target");
  shop.begun["token"] = "v1.x";
  CHECK(code_of(shop.ask()) == "bad_token");
  shop.begun["token"] = nullptr;
  CHECK(code_of(shop.ask()) == "missing_token");
  Shop other;
  other.state[0] = other.state[0] == 'a' ? 'b' : 'a';
  CHECK(code_of(other.ask()) == "bad_state");
}

TEST_CASE("without consent on either side there is nothing to hand over", "[handover]") {
  Shop shop;
  const auto handover = shop.made();
  const auto refused = shop.take(handover, kPay, "Agent/1", {{"consent", {{"storage", false}}}});
  CHECK(Json::parse(refused.body) == Json({{"state", nullptr}, {"token", nullptr}}));
  const auto unknown = shop.take(handover, kPay, "Agent/1", {{"consent", Json::object()}});
  CHECK(Json::parse(unknown.body)["state"].is_null());

  shop.house.store.clock.advance(1000);
  REQUIRE(shop.house
              .post("/api/consent", {{"site", "demo"},
                                     {"write_key", "wk_demo"},
                                     {"token", shop.begun["token"]},
                                     {"consent", {{"storage", false}}}})
              .status == 200);
  CHECK(Json::parse(shop.take(handover).body)["state"].is_null());
  CHECK(Json::parse(shop.ask().body)["handover"].is_null());
}

TEST_CASE("who was known on the other domain becomes one visitor with who arrives", "[handover]") {
  Shop shop;
  const auto visitor = parse_uuid(shop.begun["anonymous_id"].get<std::string>()).value();
  const auto own = shop.house.store.tokens.issue(
      {"demo", id(41), id(42), 1, kNow, kNow, kNow, {Choice::granted, Choice::granted}});
  REQUIRE(shop.take(shop.made(), kPay, "Agent/1", {{"token", own}}).status == 200);
  const auto linked = shop.house.store.get(
      [&](Tables& tables) { return tables.events().linked_ids("demo", visitor); });
  CHECK(std::find(linked.begin(), linked.end(), id(41)) != linked.end());
}
