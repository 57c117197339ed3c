// SPDX-License-Identifier: Apache-2.0
// Shape and size of a batch: precise codes, and nothing that any bytes could break.
#include "server/http/decode_batch.hpp"

#include "server/http/json_reader.hpp"
#include "tests/server/browser.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace tl;
using namespace tl::server;
using namespace tl::server::http;
using namespace tl::server::test;

namespace {

using Json = nlohmann::json;

Json pro_batch() {
  Browser browser;
  browser.open("https://shop.example/?gclid=X");
  return browser.batch({browser.event("page_view", R"({"plan":"pro"})")});
}

std::string nested(std::size_t depth) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += R"({"a":)";
  return text + "1" + std::string(depth, '}');
}

}  // namespace

TEST_CASE("what the browser writes is read back", "[decode]") {
  const auto body = pro_batch();

  const auto decoded = decode_batch(body.dump());

  REQUIRE(decoded.ok());
  CHECK(decoded.value().refused.empty());
  const auto& batch = decoded.value().batch;
  CHECK(batch.site_id == "demo");
  CHECK(decoded.value().key == "wk_demo");
  CHECK(batch.rules->timeout_ms == 1'800'000);
  REQUIRE(batch.events.size() == 1);
  const auto& event = batch.events[0];
  CHECK(event.name == "page_view");
  CHECK(uuid(*event.event_id) == body["e"][0]["id"]);
  CHECK(event.touch->at("gclid") == "X");
  CHECK(event.props == R"({"plan":"pro"})");
  CHECK(event.consent.storage == Choice::granted);
}

TEST_CASE("a whole batch is refused with a precise code", "[decode]") {
  struct Case {
    std::string body;
    const char* code;
  };
  auto many = pro_batch();
  while (many["e"].size() < 51) many["e"].push_back(many["e"][0]);
  auto later = pro_batch();
  later["v"] = 2;
  auto empty = pro_batch();
  empty["e"] = Json::array();
  auto no_nonce_text = pro_batch();
  no_nonce_text["pn"] = "xyz";
  const std::vector<Case> cases = {
      {"", "malformed_json"},
      {"{", "malformed_json"},
      {"[]", "malformed_json"},
      {"null", "malformed_json"},
      {"{\"site\":\"demo\",\"t\":\"\xff\"}", "malformed_json"},
      {nested(33), "malformed_json"},
      {std::string(64 * 1024, '['), "malformed_json"},
      {"{}", "bad_field"},
      {empty.dump(), "bad_field"},
      {later.dump(), "bad_version"},
      {many.dump(), "too_many_events"},
      {no_nonce_text.dump(), "bad_uuid"},
      {R"({"v":1,"site":7,"e":[{}]})", "bad_field"},
  };
  for (const auto& [body, code] : cases) {
    INFO(body.substr(0, 100));
    const auto decoded = decode_batch(body);
    REQUIRE_FALSE(decoded.ok());
    CHECK(decoded.error().code == code);
    CHECK(decoded.error().detail.size() > 20);
  }
}

TEST_CASE("malformed JSON is told with its position", "[decode]") {
  const auto decoded = decode_batch(R"({"v":1,"site":demo})");
  REQUIRE_FALSE(decoded.ok());
  CHECK(decoded.error().detail.find("byte 15") != std::string::npos);
}

TEST_CASE("what a page's spoiled storage or attributes bring is done without", "[decode]") {
  struct Case {
    const char* name;
    Json value;
  };
  const auto& [name, value] = GENERATE(values<Case>({{"ru", {{"to", -5}, {"mx", -1}, {"rc", 1}}},
                                                     {"ru", {{"to", "x"}}},
                                                     {"ru", 1},
                                                     {"pf", Json::object()},
                                                     {"pf", "zz"},
                                                     {"tok", 7},
                                                     {"rs", "yes"},
                                                     {"sent", -1},
                                                     {"sent", "now"},
                                                     {"prev", 1},
                                                     {"prev", {{"aid", "zzz"}}}}));
  INFO(name << " " << value);
  auto body = pro_batch();
  (name == std::string("prev") ? body["e"][0]["ev"] : body)[name] = value;

  const auto decoded = decode_batch(body.dump());

  REQUIRE(decoded.ok());
  const auto& [batch, key, refused, ignored] = decoded.value();
  CHECK(ignored == std::vector<std::string>{name});
  CHECK(refused.empty());
  REQUIRE(batch.events.size() == 1);
  CHECK(batch.rules.has_value() == (name != std::string("ru")));
  CHECK_FALSE(batch.first_nonce.has_value());
  CHECK(batch.is_reset == (name == std::string("rs")));
  if (name == std::string("sent")) CHECK(batch.sent_ms == 0);
  if (name == std::string("prev")) CHECK(batch.events[0].previous.session_id.is_nil());
}

TEST_CASE("a bad event is refused alone and can be sent again", "[decode]") {
  struct Case {
    const char* member;
    Json value;
    const char* code;
  };
  const auto& [member, value, code] = GENERATE(values<Case>({
      {"n", "", "bad_event_name"},
      {"n", "a/b", "bad_event_name"},
      {"n", std::string(65, 'a'), "bad_event_name"},
      {"n", 7, "bad_field"},
      {"id", "no-uuid", "bad_uuid"},
      {"aid", 5, "bad_uuid"},
      {"sid", "0123", "bad_uuid"},
      {"pn", "zz", "bad_uuid"},
      {"seq", 0, "bad_sequence"},
      {"seq", -1, "bad_field"},
      {"seq", 1.5, "bad_field"},
      {"t", 0, "bad_time"},
      {"t", -5, "bad_time"},
      {"t", 1e300, "bad_time"},
      {"t", "now", "bad_field"},
      {"why", "because", "bad_field"},
      {"ev", "x", "bad_field"},
      {"ev", {{"nt", 4}}, "bad_field"},
      {"ev", {{"cm", {{"source", 1}}}}, "bad_field"},
      {"touch", Json::array(), "bad_field"},
      {"an", 1, "bad_field"},
      {"p", Json::array(), "bad_field"},
      {"p", {{"a", std::string(9000, 'x')}}, "props_too_large"},
      {"p", Json::parse(nested(9)), "props_too_deep"},
  }));
  auto body = pro_batch();
  auto bad = body["e"][0];
  bad[member] = value;
  body["e"].push_back(bad);

  const auto decoded = decode_batch(body.dump());

  REQUIRE(decoded.ok());
  CHECK(decoded.value().batch.events.size() == 1);
  REQUIRE(decoded.value().refused.size() == 1);
  const auto& refused = decoded.value().refused[0];
  CHECK(refused.index == 1);
  CHECK(refused.code == code);
  const auto alone = Json::parse(refused.text);
  CHECK(alone["site"] == "demo");
  CHECK(alone["e"] == Json::array({bad}));
}

TEST_CASE("properties up to the limits are kept", "[decode]") {
  auto body = pro_batch();
  body["e"][0]["p"] = Json::parse(nested(8));
  CHECK(decode_batch(body.dump()).value().refused.empty());
  body["e"][0]["p"] = {{"a", std::string(8 * 1024 - 8, 'x')}};
  CHECK(decode_batch(body.dump()).value().refused.empty());
}

TEST_CASE("unknown members are ignored", "[decode]") {
  auto body = pro_batch();
  body["x"] = {{"y", 1}};
  body["e"][0]["later"] = Json::array({1});
  CHECK(decode_batch(body.dump()).value().batch.events.size() == 1);
}

TEST_CASE("site and key are found in a body that is no JSON", "[decode]") {
  const auto claimed = claimed_key(R"({"v":1, "site" : "demo","key":"wk_demo","e":[{bro)");
  CHECK(claimed.site == "demo");
  CHECK(claimed.key == "wk_demo");
  for (const char* body : {"", "\"site\"", "\"site\":", "\"site\":\"", "\"site\":7,\"key\""})
    CHECK(claimed_key(body).key.empty());
}

TEST_CASE("no bytes break the decoder", "[decode][fuzz]") {
  std::size_t count = 0;
  const std::filesystem::path corpus =
      std::filesystem::path(TL_TESTS_FOLDER) / "fuzz" / "corpus" / "decode_batch";
  for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string body((std::istreambuf_iterator<char>(file)), {});
    const auto decoded = decode_batch(body);
    if (!decoded.ok()) CHECK_FALSE(decoded.error().code.empty());
    (void)claimed_key(body);
    ++count;
  }
  CHECK(count >= 10);

  // A good body with every byte changed in turn, and cut at every length.
  const std::string good = pro_batch().dump();
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char c : {'\0', '"', '{', '\xff', '9'}) {
      std::string changed = good;
      changed[i] = c;
      (void)decode_batch(changed);
    }
    CHECK_FALSE(decode_batch(good.substr(0, i)).ok());
  }
}
