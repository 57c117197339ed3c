// SPDX-License-Identifier: Apache-2.0
// `attribute touches`, line by line: the documented answer, the rules of a line, and bad lines.
#include "server/cli/attribute_touches.hpp"

#include "catch.hpp"

#include <nlohmann/json.hpp>

namespace {

using tl::server::cli::TouchModels;
using Json = nlohmann::json;
using Shares = std::vector<std::int64_t>;

constexpr std::int64_t kHour = 3600 * 1000;
constexpr std::int64_t kNow = 1'790'000'000'000;

Json touch(const std::string& id, const std::string& channel, std::int64_t hours_before) {
  return {{"id", id}, {"channel", channel}, {"t", kNow - hours_before * kHour}, {"seq", 1}};
}

Json conversion(std::int64_t value_minor, std::vector<Json> touches) {
  return {{"id", "o1"},
          {"conversion", {{"t", kNow}, {"value_minor", value_minor}, {"currency", "EUR"}}},
          {"lookback_ms", {{"click", 30 * 24 * kHour}, {"view", 24 * kHour}}},
          {"direct_rule", "drop_if_any_other"},
          {"touches", std::move(touches)}};
}

Json example() {
  return conversion(12999, {touch("t1", "paid_social", 96), touch("t2", "email", 30),
                            touch("t3", "paid_search", 2)});
}

Json answer_line(const Json& line, const std::vector<std::string>& models) {
  return Json::parse(TouchModels(models).answer(line.dump()));
}

Shares values(const Json& line, const std::string& model) {
  Shares shares;
  const Json found = answer_line(line, {model});
  for (const auto& row : found["models"][model])
    shares.push_back(row["value_minor"].get<std::int64_t>());
  return shares;
}

std::string error_code(const std::string& line) {
  const auto found = Json::parse(TouchModels({"linear"}).answer(line));
  return found.contains("error") ? found["error"]["code"].get<std::string>() : "none";
}

std::string changed(const char* pointer, const Json& value) {
  Json line = example();
  line[Json::json_pointer(pointer)] = value;
  return error_code(line.dump());
}

}  // namespace

TEST_CASE("a line is answered in the documented form", "[touches]") {
  CHECK(
      TouchModels({"linear"}).answer(example().dump()) ==
      R"({"id":"o1","models":{"linear":[)"
      R"({"touch":"t1","channel":"paid_social","value_minor":4333,"conversions_micro":333334},)"
      R"({"touch":"t2","channel":"email","value_minor":4333,"conversions_micro":333333},)"
      R"({"touch":"t3","channel":"paid_search","value_minor":4333,"conversions_micro":333333}]}})");
}

TEST_CASE("models are answered under the names they were asked by", "[touches]") {
  CHECK(values(example(), "time_decay:tau_ms=86400000") == Shares{194, 3041, 9764});
  CHECK(values(example(), "time-decay") == Shares{194, 3041, 9764});
  CHECK(values(example(), "position_u") == Shares{5200, 2600, 5199});
  CHECK(values(example(), "custom:a=1:m=1:z=3") == Shares{2600, 2600, 7799});
  CHECK(values(example(), "first_touch") == Shares{12999, 0, 0});
}

TEST_CASE("all are the models that sum to the conversion", "[touches]") {
  const auto found = answer_line(example(), {});

  CHECK(found["models"].size() == 12);
  CHECK(found["models"].contains("time_decay:tau_ms=86400000"));
  CHECK_FALSE(found["models"].contains("participation"));
  for (const auto& [name, rows] : found["models"].items()) {
    std::int64_t value = 0, micro = 0;
    for (const auto& row : rows) {
      value += row["value_minor"].get<std::int64_t>();
      micro += row["conversions_micro"].get<std::int64_t>();
    }
    CHECK(value == 12999);
    CHECK(micro == 1'000'000);
  }
  CHECK(values(example(), "participation") == Shares{12999, 12999, 12999});
}

TEST_CASE("stages say which touches hold milestones", "[touches]") {
  Json line = conversion(10000, {});
  for (int i = 1; i <= 5; ++i)
    line["touches"].push_back(touch("t" + std::to_string(i), "email", 6 - i));
  line["touches"][1]["stages"] = {"lead"};
  line["touches"][3]["stages"] = {"opportunity"};

  CHECK(values(line, "w_shaped") == Shares{3000, 3000, 500, 3000, 500});
  CHECK(values(line, "full_path") == Shares{2250, 2250, 1000, 2250, 2250});
}

TEST_CASE("without an eligible touch one row is unattributed", "[touches]") {
  const auto rows =
      answer_line(conversion(-77, {touch("t1", "email", 999)}), {"linear"})["models"]["linear"];

  REQUIRE(rows.size() == 1);
  CHECK(rows[0]["touch"].is_null());
  CHECK(rows[0]["channel"] == "unattributed");
  CHECK(rows[0]["value_minor"] == -77);
  CHECK(rows[0]["conversions_micro"] == 1'000'000);
}

TEST_CASE("values use all of 64 bits", "[touches]") {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

  CHECK(values(conversion(kMin, {touch("a", "x", 1)}), "linear") == Shares{kMin});
  CHECK(values(conversion(kMax, {touch("a", "x", 2), touch("b", "y", 1)}), "linear") ==
        Shares{kMax / 2 + 1, kMax / 2});
}

TEST_CASE("windows, the direct rule and ties follow the line", "[touches]") {
  Json line = conversion(900, {touch("b", "direct", 5), touch("a", "x", 5), touch("v", "y", 25)});
  line["touches"][2]["kind"] = "view";
  CHECK(values(line, "linear") == Shares{900});
  line["direct_rule"] = "keep";
  const auto kept = answer_line(line, {"linear"})["models"]["linear"];
  REQUIRE(kept.size() == 2);
  CHECK(kept[0]["touch"] == "a");
  CHECK(kept[1]["touch"] == "b");
  line["lookback_ms"]["view"] = 25 * kHour;
  CHECK(values(line, "linear") == Shares{300, 300, 300});
}

TEST_CASE("repeat, collapse and rolling windows can be asked for", "[touches]") {
  Json line = conversion(900, {touch("a", "x", 9), touch("b", "x", 5), touch("c", "y", 1)});
  line["collapse_rule"] = "consecutive";
  CHECK(values(line, "linear") == Shares{450, 450});
  line["conversion"]["previous_t"] = kNow - 5 * kHour;
  line["repeat_rule"] = "since_previous";
  CHECK(values(line, "linear") == Shares{900});
  line["repeat_rule"] = "first_only";
  CHECK(answer_line(line, {"linear"})["suppressed"] == true);
  line["repeat_rule"] = "every";
  line["lookback_mode"] = "rolling";
  line["lookback_ms"]["click"] = 4 * kHour;
  CHECK(values(line, "linear") == Shares{450, 450});
}

TEST_CASE("a path over the cap is marked", "[touches]") {
  Json line = conversion(1000, {});
  for (int i = 0; i < 501; ++i) line["touches"].push_back(touch(std::to_string(i), "x", 1));

  const auto found = answer_line(line, {"linear"});
  CHECK(found["truncated"] == true);
  CHECK(found["models"]["linear"].size() == 500);
}

TEST_CASE("a bad line is answered with its error", "[touches]") {
  CHECK(error_code("") == "malformed_line");
  CHECK(error_code("{") == "malformed_line");
  CHECK(error_code("[]") == "malformed_line");
  CHECK(error_code("{}") == "bad_conversion");
  CHECK(changed("/conversion/value_minor", 1.5) == "bad_number");
  CHECK(changed("/conversion/value_minor", 9223372036854775808ULL) == "bad_number");
  CHECK(changed("/conversion/t", "now") == "bad_number");
  CHECK(changed("/touches/1/t", nullptr) == "bad_number");
  CHECK(changed("/touches/1/channel", "") == "bad_touch");
  CHECK(changed("/touches/1/id", nullptr) == "bad_touch");
  CHECK(changed("/touches/1/kind", "hover") == "bad_touch");
  CHECK(changed("/touches/1/stages", Json::array({"won"})) == "bad_touch");
  CHECK(changed("/touches/1/id", "t1") == "duplicate_touch");
  CHECK(changed("/touches", nullptr) == "bad_touch");
  CHECK(changed("/direct_rule", "drop") == "bad_rule");
  CHECK(changed("/lookback_ms/click", -1) == "bad_lookback");
  CHECK(error_code(example().dump()) == "none");
}

TEST_CASE("unknown models and parameters are told", "[touches]") {
  CHECK(TouchModels::complaint({"linear", "linea"}).find("\"linea\"") != std::string::npos);
  CHECK(TouchModels::complaint({"linear:tau_ms=1"}).find("parameter") != std::string::npos);
  CHECK(TouchModels::complaint({"time_decay:half_life_ms=604800000", "full-path"}).empty());
}
