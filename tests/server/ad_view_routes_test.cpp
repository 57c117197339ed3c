// SPDX-License-Identifier: Apache-2.0
// POST /api/views: who may tell of seen ads, and how.
#include "tests/server/intake_house.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;
using Json = nlohmann::json;

namespace {

http::Reply tell(IntakeHouse& house, const Json& body, const char* key = "Bearer good") {
  auto request = house.request(body.dump());
  request.headers.emplace_back("Authorization", key);
  return house.send("POST", "/api/views", request);
}

Json view_of(const Json& visitor, std::int64_t t_ms) {
  return {{"id", "imp-1"},      {"anonymous_id", visitor}, {"t", t_ms},
          {"source", "google"}, {"medium", "display"},     {"campaign", "autumn"}};
}

}  // namespace

TEST_CASE("seen ads of a known visitor are kept once, and shown as seen", "[views]") {
  IntakeHouse house;
  const auto begun = begin_session(house);
  const auto now = house.store.clock.now_ms();
  const Json body = {{"site", "demo"}, {"views", {view_of(begun["anonymous_id"], now - kHour)}}};
  const auto reply = tell(house, body);
  INFO(reply.body);
  REQUIRE(reply.status == 200);
  CHECK(Json::parse(reply.body) == Json{{"accepted", 1}, {"duplicate", 0}, {"consent_refused", 0}});
  CHECK(header_of(reply, "X-Throughline").empty());
  const auto again = tell(house, body);
  CHECK(Json::parse(again.body)["duplicate"] == 1);
  CHECK(header_of(again, "X-Throughline") == "duplicate");

  const auto visitor = Json::parse(
      house.get("/api/visitors/{anonymous_id}", {{"anonymous_id", begun["anonymous_id"]}}).body);
  REQUIRE(visitor["touches"].size() == 2);
  CHECK(visitor["touches"][0]["kind"] == "view");
  CHECK(visitor["touches"][0]["channel"] == "display");
  CHECK(visitor["touches"][0]["campaign"] == "autumn");
  CHECK(visitor["touches"][1]["kind"] == "click");

  auto with_stranger = body;
  with_stranger["views"].push_back(view_of(uuid(id(5)), now - kHour));
  const auto stranger = tell(house, with_stranger);
  CHECK(Json::parse(stranger.body)["consent_refused"] == 1);
  CHECK(header_of(stranger, "X-Throughline") == "duplicate, consent_refused");
}

TEST_CASE("a campaign value of a seen ad is kept whole up to its limit", "[views]") {
  IntakeHouse house;
  const auto begun = begin_session(house);
  auto view = view_of(begun["anonymous_id"], house.store.clock.now_ms() - kHour);
  view["campaign"] = std::string(253, 'x') + "\u00e9";
  REQUIRE(tell(house, {{"views", {view}}}).status == 200);
  const auto visitor = Json::parse(
      house.get("/api/visitors/{anonymous_id}", {{"anonymous_id", begun["anonymous_id"]}}).body);
  CHECK(visitor["touches"][0]["campaign"] == view["campaign"]);
}

TEST_CASE("of a request with one wrong view nothing is kept", "[views]") {
  IntakeHouse house;
  const auto begun = begin_session(house);
  const auto now = house.store.clock.now_ms();
  struct Case {
    const char* field;
    Json value;
    const char* code;
  };
  for (const auto& [field, value, code] :
       {Case{"id", "", "missing_id"}, Case{"anonymous_id", "7", "bad_uuid"},
        Case{"t", now + 1, "bad_time"}, Case{"t", "soon", "bad_time"},
        Case{"t", nullptr, "bad_time"}, Case{"source", "", "missing_source"},
        Case{"source", "  ", "missing_source"}, Case{"source", "(not set)", "missing_source"},
        Case{"source", "None", "missing_source"}, Case{"source", "{{site}}", "missing_source"},
        Case{"campaign", std::string(256, 'x'), "bad_field"}}) {
    INFO(field << " " << value.dump());
    auto wrong = view_of(begun["anonymous_id"], now - kHour);
    wrong[field] = value;
    const auto reply =
        tell(house, {{"views", {view_of(begun["anonymous_id"], now - kHour), wrong}}});
    CHECK(reply.status == 400);
    CHECK(code_of(reply) == code);
  }
  CHECK(code_of(tell(house, {{"views", Json::array()}})) == "bad_rows");
  CHECK(code_of(tell(house, {{"site", "other"}, {"views", {view_of("", 0)}}})) == "wrong_site");
  CHECK(tell(house, {{"views", {view_of("", 0)}}}, "Bearer none").status == 401);
  const auto visitor = Json::parse(
      house.get("/api/visitors/{anonymous_id}", {{"anonymous_id", begun["anonymous_id"]}}).body);
  CHECK(visitor["touches"].size() == 1);
}
