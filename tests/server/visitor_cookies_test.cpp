// SPDX-License-Identifier: Apache-2.0
// Sites of one server may share its host, and so its cookies: each has its own, by its id in their
// names, and takes over one of a former name only where its own key signed it.

#include "tests/server/intake_house.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

using Json = nlohmann::json;

const std::string kOlder = "01900000-0000-7000-8000-000000000001";

std::vector<std::string> cookies_set(const http::Reply& reply) {
  std::vector<std::string> names;
  for (const auto& [name, value] : reply.headers)
    if (name == "Set-Cookie")
      names.push_back((value.find("Max-Age=0") != std::string::npos ? "-" : "") +
                      value.substr(0, value.find('=')));
  return names;
}

std::string token_for(IntakeHouse& house, const std::string& site) {
  return house.store.tokens.issue(
      {site, parse_uuid(kOlder).value(), id(2), 1, kNow, kNow, kNow, {}});
}

using Names = std::vector<std::string>;
const Names kSet = {"tl_aid.demo", "tl_tok.demo", "tl.demo"};
const Names kGone = {"-tl_aid.demo", "-tl_tok.demo", "-tl.demo"};

Names with_former_gone(Names names) {
  names.insert(names.end(), {"-tl_aid", "-tl_tok"});
  return names;
}

}  // namespace

TEST_CASE("a visitor known by cookies of former names is taken over, if the site's own",
          "[intake][cookies]") {
  IntakeHouse house;
  const std::string site = GENERATE(as<std::string>{}, "demo", "other");
  const bool is_ours = site == "demo";
  auto batch = given_batch();
  const bool decides = GENERATE(true, false);
  if (!decides) {
    batch["rv"] = 0;
    for (const char* name : {"id", "aid", "sid", "why", "touch"}) batch["e"][0].erase(name);
    batch["e"][0]["ev"].erase("prev");
  }
  auto request = house.request(batch.dump());
  request.headers.emplace_back("Cookie", "tl_aid=" + kOlder + "; tl_tok=" + token_for(house, site));

  const auto reply = house.send("POST", "/api/events", request);

  REQUIRE(reply.status == 202);
  CHECK((Json::parse(reply.body)["anonymous_id"] == kOlder) == is_ours);
  CHECK(cookies_set(reply) == (is_ours ? with_former_gone(kSet) : kSet));
}

TEST_CASE("the script's cookie of the former name goes where it has the visitor's id, and no other",
          "[intake][consent][cookies]") {
  IntakeHouse house;
  const auto begun = begin_session(house);
  const std::string visitor = begun["anonymous_id"];
  const std::string token = "tl_tok.demo=" + begun["token"].get<std::string>();
  const std::string holds =
      std::array{visitor, kOlder, std::string("no state")}[GENERATE(0U, 1U, 2U)];
  const bool is_refusal = GENERATE(true, false);
  const bool is_named = GENERATE(true, false);
  if (is_named) house.site->cookie_visible = "tl";
  const std::string line =
      "." + uuid(id(2)) + "." + std::to_string(kNow) + "." + std::to_string(kNow) + ".1";
  auto request = house.request(given_batch().dump());
  if (is_refusal)
    request = house.request(Json({{"site", "demo"},
                                  {"write_key", "wk_demo"},
                                  {"consent", {{"storage", false}, {"marketing", false}}}})
                                .dump());
  request.headers.emplace_back("Cookie", token + "; tl=" + holds + line);

  const auto reply = house.send("POST", is_refusal ? "/api/consent" : "/api/events", request);

  REQUIRE(reply.status < 300);
  auto expected = is_refusal ? kGone : kSet;
  if (is_named) expected.back() = is_refusal ? "-tl" : "tl";
  if (!is_named && holds == visitor) expected.emplace_back("-tl");
  CHECK(cookies_set(reply) == expected);
}

TEST_CASE("a site's own cookies count beside another site's", "[intake][cookies]") {
  IntakeHouse house;
  auto request = house.request(given_batch().dump());
  request.headers.emplace_back(
      "Cookie", "tl_aid.other=" + uuid(id(7)) + "; tl_tok.other=" + token_for(house, "other") +
                    "; tl_aid.demo=" + kOlder + "; tl_tok.demo=" + token_for(house, "demo"));
  const auto reply = house.send("POST", "/api/events", request);
  CHECK(Json::parse(reply.body)["anonymous_id"] == kOlder);
  CHECK(cookies_set(reply) == kSet);
}

TEST_CASE("a refusal is taken by the site's cookie, whatever token the page has",
          "[consent][cookies]") {
  IntakeHouse house;
  const auto begun = begin_session(house);
  const std::string own = begun["token"];
  const std::string former = GENERATE(as<std::string>{}, "demo", "other", "");
  Json body = {{"site", "demo"},
               {"write_key", "wk_demo"},
               {"token", token_for(house, "other")},
               {"consent", {{"storage", false}, {"marketing", false}}}};
  const bool names_another = GENERATE(true, false);
  if (names_another) body["anonymous_id"] = kOlder;
  auto request = house.request(body.dump());
  std::string cookies = "tl_tok.demo=" + own;
  if (former == "demo") cookies = "tl_tok=" + own + "; tl_aid=" + kOlder;
  if (former == "other") cookies += "; tl_tok=" + token_for(house, "other") + "; tl_aid=" + kOlder;
  request.headers.emplace_back("Cookie", cookies);

  const auto reply = house.send("POST", "/api/consent", request);

  INFO(reply.body);
  REQUIRE(reply.status == 200);
  const auto visitor = parse_uuid(begun["anonymous_id"].get<std::string>()).value();
  const auto held = house.store.get(
      [&](Tables& tables) { return tables.people().find_consent("demo", visitor); });
  REQUIRE(held.has_value());
  CHECK_FALSE(permits_ids(held->consent));
  CHECK(cookies_set(reply) == (former == "demo" ? with_former_gone(kGone) : kGone));

  request.headers.pop_back();
  const auto unproven = house.send("POST", "/api/consent", request);
  CHECK(unproven.status == 401);
  CHECK(code_of(unproven) == "bad_token");
}
