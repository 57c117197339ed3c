// SPDX-License-Identifier: Apache-2.0
// Costs over HTTP: kept, replaced, listed, refused whole, and the ratios they become.
#include "tests/server/report_desk.hpp"

#include <map>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

TEST_CASE("costs are kept, replaced, listed and become ratios", "[reports][costs]") {
  Desk desk;
  tell_month(desk);
  const auto post = [&](const Json& body) {
    return desk.call("POST", "/api/costs", {}, body.dump());
  };
  const Json row = {{"day", "2026-10-20"},  {"channel", "paid_search"}, {"source", "Google"},
                    {"campaign", "spring"}, {"amount", "10.00"},        {"currency", "EUR"},
                    {"clicks", 5}};
  Json other = row;
  other["channel"] = "paid_social";
  other["source"] = "facebook";
  other["amount"] = "4.00";
  CHECK(post({{"site", "demo"}, {"rows", {row, other}}}).status == 200);
  // Again, corrected: it takes the place of what was there.
  Json corrected = row;
  corrected["amount"] = "20.00";
  const auto again = Json::parse(post({{"rows", {corrected}}}).body);
  CHECK(again["replaced"] == 1);

  const Json list = Json::parse(desk.call("GET", "/api/costs", {{"limit", "1"}}).body);
  REQUIRE(list["items"].size() == 1);
  CHECK(list["items"][0]["amount_minor"] == 2000);
  CHECK(list["items"][0]["source"] == "google");
  const Json next = Json::parse(
      desk.call("GET", "/api/costs", {{"limit", "1"}, {"cursor", list["next_cursor"]}}).body);
  CHECK(next["items"][0]["amount_minor"] == 400);
  CHECK(next["next_cursor"].is_null());

  const Json channels = desk.read("by-channel", {{"attributionModel", "linear"}});
  for (const auto& item : channels["items"]) {
    if (item["channel"] != "paid_search") continue;
    const auto revenue = item["revenue_minor"].get<double>();
    CHECK(item["cost_minor"] == 2000);
    CHECK(item["roas"].get<double>() == Approx(revenue / 2000));
    CHECK(item["roi"].get<double>() == Approx((revenue - 2000) / 2000));
    const auto conversions = static_cast<double>(micro(item["net_conversions"])) / 1e6;
    if (conversions > 0)
      CHECK(item["cpa_minor"].get<double>() == Approx(2000 / conversions).margin(1));
  }
  CHECK(channels["totals"]["cost_minor"] == 2400);

  // Together they are reckoned as each line is, refunds taken out.
  const Json paid = channels["with_cost"];
  std::map<std::string, std::int64_t> sums;
  for (const auto& item : channels["items"]) {
    if (item["cost_minor"].is_null()) continue;
    for (const char* name : {"visits", "revenue_minor", "cost_minor"})
      sums[name] += item[name].get<std::int64_t>();
    for (const char* name : {"conversions", "net_conversions"}) sums[name] += micro(item[name]);
  }
  CHECK(sums["net_conversions"] < sums["conversions"]);
  for (const char* name : {"visits", "revenue_minor", "cost_minor"})
    CHECK(paid[name] == sums[name]);
  CHECK(paid["cpa_minor"].get<double>() ==
        Approx(2400e6 / static_cast<double>(sums["net_conversions"])).margin(1));
  CHECK_FALSE(paid.contains("unique_visitors"));
  CHECK_FALSE(desk.read("by-channel", {{"currency", "USD"}}).contains("with_cost"));
  CHECK(desk.read("overview")["cost_minor"] == 2400);
  CHECK(desk.read("overview", {{"currency", "USD"}})["cost_minor"].is_null());
}

TEST_CASE("a wrong row of costs keeps the whole request out", "[reports][costs]") {
  Desk desk;
  const Json good = {
      {"day", "2026-10-20"}, {"channel", "email"}, {"source", "letter"}, {"amount", "1.00"}};
  const auto code_of = [&](const char* field, const Json& value) {
    Json bad = good;
    bad[field] = value;
    const auto reply =
        desk.call("POST", "/api/costs", {}, Json{{"rows", Json::array({good, bad})}}.dump());
    CHECK(reply.status == 400);
    return desk.code(reply);
  };
  CHECK(code_of("day", "2026-13-01") == "bad_date");
  CHECK(code_of("day", "3000-01-01") == "bad_date");
  CHECK(code_of("channel", "tv") == "unknown_channel");
  CHECK(code_of("source", "") == "missing_source");
  CHECK(code_of("amount", "1.234") == "bad_amount");
  CHECK(code_of("amount", "-1.00") == "bad_amount");
  CHECK(code_of("currency", "euro") == "bad_currency");
  CHECK(code_of("clicks", -1) == "bad_number");
  CHECK(desk.code(desk.call("POST", "/api/costs", {}, R"({"rows":[]})")) == "bad_rows");
  CHECK(desk.call("POST", "/api/costs", {}, R"({"site":"other","rows":[]})").status == 403);
  CHECK(desk.code(desk.call("POST", "/api/costs", {{"replace", "false"}}, R"({"rows":[]})")) ==
        "unknown_parameter");
  CHECK(Json::parse(desk.call("GET", "/api/costs", {}).body)["items"].empty());
}

TEST_CASE("a file of costs is kept whole, or each wrong line is told", "[reports][costs]") {
  Desk desk;
  const auto post = [&](const std::string& csv,
                        std::vector<std::pair<std::string, std::string>> query = {}) {
    return desk.call("POST", "/api/costs", std::move(query), csv, "text/csv; charset=utf-8");
  };
  const std::string head = "day,channel,source,campaign,amount,currency\n";
  const std::string good = "2026-10-20,paid_search,google,spring,10.00,EUR\n";
  const auto refused = post(head + good + "2026-10-99,paid_search,google,spring,1.00,EUR\n" +
                            "2026-10-21,tv,google,spring,1.00,EUR\n");
  CHECK(refused.status == 400);
  CHECK(desk.code(refused) == "bad_cost_lines");
  const Json lines = Json::parse(refused.body)["lines"];
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["line"] == 3);
  CHECK(lines[0]["code"] == "bad_date");
  CHECK(lines[1]["line"] == 4);
  CHECK(lines[1]["code"] == "unknown_channel");
  CHECK(Json::parse(desk.call("GET", "/api/costs", {}).body)["items"].empty());

  CHECK(Json::parse(post(head + good).body)["kept"] == 1);
  CHECK(Json::parse(post(head + good).body)["replaced"] == 1);
  CHECK(desk.code(post("a,b\n1,2\n")) == "unknown_cost_columns");
  const std::string bare = "day,campaign,amount\n2026-10-22,autumn,3.00\n";
  CHECK(
      post(bare, {{"source", "tiktok"}, {"channel", "paid_social"}, {"currency", "CZK"}}).status ==
      200);
  const Json newest = Json::parse(desk.call("GET", "/api/costs", {}).body)["items"][0];
  CHECK(newest["source"] == "tiktok");
  CHECK(newest["currency"] == "CZK");
  CHECK(desk.code(post(bare, {{"channel", "tv"}})) == "unknown_channel");
  CHECK(desk.code(post(bare, {{"date_format", "ymd"}})) == "bad_format");

  const std::string german = "Datum;Kosten\n2026-10-23;2.500\n";
  std::vector<std::pair<std::string, std::string>> mapped = {
      {"map", "day=Datum"}, {"map", "amount=Kosten"}, {"source", "x"}, {"channel", "display"}};
  CHECK(post(german).body.find("map=day=Datum&map=amount=Kosten in the address") !=
        std::string::npos);
  CHECK(post(german, mapped).body.find("decimal=point in the address, or comma") !=
        std::string::npos);
  mapped.emplace_back("decimal", "comma");
  CHECK(post(german, mapped).status == 200);
  CHECK(Json::parse(desk.call("GET", "/api/costs", {}).body)["items"][0]["amount_minor"] == 250000);
  CHECK(desk.code(post(german, {{"map", "Datum"}})) == "bad_cost_map");
  CHECK(desk.code(post(german, {{"map", "date=Datum"}})) == "bad_cost_map");
  CHECK(desk.code(post(german, {{"decimal", "dot"}})) == "bad_format");
  CHECK(desk.code(post(head + "3000-01-01,paid_search,google,spring,1.00,EUR\n")) ==
        "bad_cost_lines");
}
