// SPDX-License-Identifier: Apache-2.0
// What a report may be asked, as what it answers, and what is refused.
#include "server/core/reports/report_calendar.hpp"
#include "server/http/list_request.hpp"
#include "tests/server/report_desk.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

TEST_CASE("what a report is asked changes its answer or is refused", "[reports][asked]") {
  Desk desk;
  tell_month(desk);
  using Query = std::vector<std::pair<std::string, std::string>>;
  const Query questions = {{"channel", "email"},    {"source", "nowhere"},   {"campaign", "none"},
                           {"content", "none"},     {"landing", "/nowhere"}, {"groupBy", "source"},
                           {"compare", "previous"}, {"intervals", "true"}};
  const auto answer = [&](const std::string& report, const Query& query) {
    desk.world.store.clock.advance(61'000);
    const auto reply = desk.ask(report, query);
    Json json = Json::parse(reply.body);
    json.erase("generated_at");
    return std::pair(reply.status, json);
  };

  for (const char* report :
       {"overview", "by-channel", "models-compare", "paths", "time-series", "time-lag",
        "path-length", "assists", "self-reported", "revisions", "trained"}) {
    const Query of_kind = {{"kind", std::string(report) == "self-reported" ? "lead" : "purchase"}};
    const auto plain = answer(report, of_kind);
    REQUIRE(plain.first == 200);
    for (const auto& question : questions) {
      auto query = of_kind;
      query.push_back(question);
      const auto [status, json] = answer(report, query);
      INFO(report << " " << question.first << "=" << question.second);
      if (status == 200) {
        CHECK(json != plain.second);
        continue;
      }
      CHECK(status == 400);
      const auto code = json["error"]["code"].get<std::string>();
      CHECK(code == (question.first == "groupBy"     ? "bad_group"
                     : question.first == "compare"   ? "bad_compare"
                     : question.first == "intervals" ? "bad_intervals"
                                                     : "bad_filter"));
    }
  }
  CHECK(desk.code(desk.ask("paths", {{"compare", "previous"}, {"format", "csv"}})) ==
        "bad_compare");
  CHECK(desk.code(desk.ask("by-channel", {{"intervals", "true"}, {"basis", "cash"}})) ==
        "bad_intervals");
}

TEST_CASE("conversions that a filter cannot divide are null under it", "[reports][asked]") {
  Desk desk;
  tell_month(desk);
  const Json one = desk.read("overview", {{"channel", "email"}});
  for (const char* name :
       {"orders", "leads", "suppressed", "attributed_share", "attributed_revenue_share",
        "unmeasurable_share", "average_days_to_convert"})
    CHECK(one[name].is_null());
  const Json channels = desk.read("by-channel", {{"channel", "email"}});
  CHECK(one["conversions"] == channels["totals"]["conversions"]);
  const Json days = desk.read("time-series", {{"channel", "email"}});
  for (const auto& day : days["items"]) {
    CHECK(day["orders"].is_null());
    CHECK(day["leads"].is_null());
  }
}

TEST_CASE("a model that the site is not configured for is refused", "[reports][models]") {
  Desk desk;
  tell_month(desk);
  for (const char* model :
       {"participation", "time_decay:half_life_ms=604800000", "time_decay:tau_ms=1", "x"}) {
    const auto reply = desk.ask("by-channel", {{"attributionModel", model}});
    CHECK(reply.status == 400);
    CHECK(desk.code(reply) == "unknown_model");
    CHECK(reply.body.find("time_decay:tau_ms=86400000") != std::string::npos);
    CHECK(desk.code(desk.call("POST", "/api/sites/{site}/model", {},
                              Json{{"model", model}}.dump())) == "unknown_model");
  }
  const Json one = desk.read("by-channel", {{"attributionModel", "time-decay:tau-ms=86400000"}});
  CHECK(one["totals"]["conversions"] != "0");
}

TEST_CASE("wrong questions get the documented error", "[reports]") {
  Desk desk;
  const auto code_of = [&](std::vector<std::pair<std::string, std::string>> query) {
    const auto reply = desk.call("GET", "/api/analytics/attribution/by-channel", std::move(query));
    CHECK(reply.status == 400);
    return desk.code(reply);
  };
  CHECK(code_of({{"startDate", "2026-02-30"}}) == "bad_date");
  CHECK(code_of({{"startDate", "2026-03-02"}, {"endDate", "2026-03-01"}}) == "bad_date");
  CHECK(code_of({{"startDate", "2020-01-01"}, {"endDate", "2026-01-01"}}) == "range_too_large");
  CHECK(desk.call("GET", "/api/analytics/attribution/overview",
                  {{"startDate", "2026-03-02"}, {"endDate", "2026-03-01"}})
            .body.find("startDate=2026-03-02 is after endDate=2026-03-01") != std::string::npos);
  const auto costs = desk.call("GET", "/api/costs", {{"from", "2026-03-02"}, {"to", "2026-03-01"}});
  CHECK(desk.code(costs) == "bad_date");
  CHECK(costs.body.find("from=2026-03-02 is after to=2026-03-01") != std::string::npos);
  CHECK(desk.call("GET", "/api/analytics/attribution/overview", {{"startDate", "1900-01-01"}})
            .body.find("startDate=1900-01-01 lies before 1970-01-01") != std::string::npos);
  CHECK(code_of({{"kind", "nonsense"}}) == "bad_kind");
  CHECK(desk.ask("overview", {{"kind", "trial_started"}}).status == 200);
  CHECK(code_of({{"attributionModel", "magic"}}) == "unknown_model");
  CHECK(code_of({{"channel", "magic"}}) == "unknown_channel");
  CHECK(code_of({{"groupBy", "magic"}}) == "bad_group");
  CHECK(code_of({{"currency", "euro"}}) == "bad_currency");
  CHECK(code_of({{"basis", "magic"}}) == "bad_basis");
  CHECK(code_of({{"compare", "magic"}}) == "bad_compare");
  CHECK(code_of({{"format", "magic"}}) == "bad_format");
  CHECK(code_of({{"limit", "0"}}) == "bad_limit");
  CHECK(desk.call("GET", "/api/analytics/attribution/paths", {{"site", "other"}}).status == 403);
}

TEST_CASE("a parameter that no report has is refused with the nearest one", "[reports]") {
  Desk desk;
  const auto answer = [&](const char* name, const char* value) {
    const auto reply = desk.ask("overview", {{name, value}});
    CHECK(reply.status == 400);
    return desk.code(reply) + " " + reply.body;
  };
  CHECK(answer("start_date", "2026-01-01").starts_with("unknown_parameter "));
  CHECK(answer("start_date", "2026-01-01").find("did you mean startDate?") != std::string::npos);
  CHECK(answer("foo", "1").find("there are site, startDate, ") != std::string::npos);
  CHECK(answer("endDate", "2026-11-01").starts_with("repeated_parameter "));
  const auto empty = desk.call("GET", "/api/analytics/attribution/paths", {{"startDate", ""}});
  CHECK(desk.code(empty) == "bad_date");
}

TEST_CASE("a table without a line has its header", "[reports]") {
  Desk desk, empty;
  tell_month(desk);
  REQUIRE(desk.call("POST", "/api/sites/{site}/train", {}).status == 200);
  for (const char* report : {"by-channel", "models-compare", "paths", "time-lag", "path-length",
                             "assists", "self-reported", "revisions", "trained"}) {
    const auto header = [&](Desk& asked) {
      std::string kind = std::string(report) == "self-reported" ? "lead" : "purchase";
      const auto csv = asked.ask(report, {{"format", "csv"}, {"kind", kind}}).body;
      return csv.substr(0, csv.find("\r\n"));
    };
    INFO(report);
    CHECK_FALSE(header(empty).empty());
    // Models and channels of a site that has none are not known; the days of neither are sealed.
    const std::string_view name = report;
    if (name != "by-channel" && name != "models-compare" && name != "revisions")
      CHECK(header(empty) == header(desk));
  }
}

TEST_CASE("every report is also a table, safe to open", "[reports]") {
  Desk desk;
  tell_month(desk);
  desk.world.visit(1, 1500, kMonth + 5 * kDay,
                   TrafficSource{Channel::email, "=SUM(A1)", "a,\"b\"", "", "/"});
  for (const char* report : {"overview", "by-channel", "models-compare", "paths", "time-series",
                             "time-lag", "path-length", "assists", "self-reported", "revisions"}) {
    const auto reply = desk.ask(report, {{"format", "csv"}});
    CHECK(reply.status == 200);
    CHECK(reply.body.find("\r\n") != std::string::npos);
  }
  const auto csv = desk.ask("by-channel", {{"format", "csv"}, {"groupBy", "campaign"}}).body;
  CHECK(csv.find("'=SUM(A1)") != std::string::npos);
  CHECK(csv.find("\"a,\"\"b\"\"\"") != std::string::npos);
}

TEST_CASE("answers are kept for a minute, and afresh when asked", "[reports]") {
  Desk desk;
  const auto visits = [&] { return desk.read("overview")["visits"].get<int>(); };
  CHECK(visits() == 0);
  desk.world.visit(1, 1500, kMonth + 5 * kDay, TrafficSource{Channel::email, "l", "", "", "/"});
  CHECK(visits() == 0);
  desk.world.store.clock.advance(61'000);
  CHECK(visits() == 1);
}

TEST_CASE("a model can be made the one that reports show first", "[reports]") {
  Desk desk;
  tell_month(desk);
  CHECK(desk.read("overview")["model"] == "last_non_direct");
  const auto chosen = desk.call("POST", "/api/sites/{site}/model", {}, R"({"model":"time-decay"})");
  INFO(chosen.body);
  CHECK(chosen.status == 200);
  const Json shown = desk.read("overview");
  CHECK(shown["model"] == "time_decay");
  CHECK(shown["configurations"][0]["model"] == "time_decay:tau_ms=86400000");
  CHECK(desk.code(desk.call("POST", "/api/sites/{site}/model", {}, R"({"model":"x"})")) ==
        "unknown_model");
}

TEST_CASE("a day of the lists is a day of the reports", "[reports][days]") {
  const auto* zone = GENERATE("America/Los_Angeles", "Asia/Kolkata", "Europe/Prague");
  Desk desk(zone);
  tell_month(desk);

  std::size_t listed = 0;
  for (const int day : days_of(20261010, 20261115)) {
    const std::string text = write_day(day);
    http::Request request;
    request.query = {{"from", text}, {"to", text}};
    const auto query = value_of(http::read_list_request(
        request, "demo", [&](std::string_view) { return desk.world.site; }));
    const auto sales = desk.world.store.get([&](Tables& tables) {
      ConversionFilter filter;
      filter.kind = "purchase";
      return tables.orders().list_conversions(query, filter);
    });
    std::int64_t counted = 0;
    for (const char* currency : {"EUR", "USD"}) {
      const auto reply =
          desk.call("GET", "/api/analytics/attribution/overview",
                    {{"startDate", text}, {"endDate", text}, {"currency", currency}});
      counted += Json::parse(reply.body)["orders"].get<std::int64_t>();
    }
    INFO(zone << " " << text);
    CHECK(static_cast<std::int64_t>(sales.items.size()) == counted);
    listed += sales.items.size();
  }
  CHECK(listed == 13);
}
