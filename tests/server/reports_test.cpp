// SPDX-License-Identifier: Apache-2.0
// The reports over HTTP, on a month that was told.
#include "server/core/reports/report_calendar.hpp"
#include "server/store/sqlite/rollup_levels.hpp"
#include "tests/server/report_desk.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <array>
#include <map>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// What the orders themselves say, by currency.
struct Truth {
  std::int64_t orders = 0, value = 0, refunded = 0;
};
std::map<std::string, Truth> truth(Desk& desk) {
  std::map<std::string, Truth> sums;
  for (const auto& order :
       desk.world.store
           .get([](Tables& t) {
             return t.orders().list_orders({"demo", {}, {}, 1000, {}}, OrderState::paid);
           })
           .items) {
    Truth& sum = sums[order.currency];
    sum.orders += 1;
    sum.value += order.amount_minor;
    sum.refunded += order.refunded_minor;
  }
  return sums;
}

}  // namespace

TEST_CASE("days are days of the calendar", "[reports]") {
  CHECK(parse_day("2026-02-28") == 20260228);
  CHECK_FALSE(parse_day("2026-02-30"));
  CHECK_FALSE(parse_day("2026-2-3"));
  CHECK_FALSE(parse_day("yesterday!"));
  CHECK(add_days(20261231, 1) == 20270101);
  CHECK(add_days(20240301, -1) == 20240229);
  CHECK(days_between(20260101, 20270101) == 365);
  CHECK(write_day(20260105) == "2026-01-05");
}

TEST_CASE("sums over channels are the orders, exactly, in every model, currency and basis",
          "[reports]") {
  Desk desk;
  tell_month(desk);
  const std::string basis = GENERATE(as<std::string>{}, "accrual", "cash");
  const std::string group =
      GENERATE(as<std::string>{}, "channel", "source", "campaign", "content", "landing");
  for (const auto& [currency, sum] : truth(desk)) {
    const std::vector<std::pair<std::string, std::string>> query = {
        {"currency", currency}, {"basis", basis}, {"groupBy", group}};
    const Json compared = desk.read("models-compare", query);
    REQUIRE(compared["models"].size() >= 9);
    for (const auto& model : compared["models"]) {
      const auto name = model.get<std::string>();
      if (name == "participation") continue;  // gives every channel the whole value
      INFO(currency << " " << name << " " << group);
      std::int64_t conversions = 0, revenue = 0;
      for (const auto& item : compared["items"]) {
        conversions += micro(item["models"][name]["conversions"]);
        revenue += item["models"][name]["revenue_minor"].get<std::int64_t>();
      }
      CHECK(conversions == sum.orders * 1'000'000);
      CHECK(revenue == sum.value - sum.refunded);
    }
    auto by_channel = query;
    by_channel.emplace_back("attributionModel", "position-u");
    const Json channels = desk.read("by-channel", by_channel);
    std::int64_t revenue = 0, conversions = 0;
    for (const auto& item : channels["items"]) {
      revenue += item["revenue_minor"].get<std::int64_t>();
      conversions += micro(item["conversions"]);
    }
    CHECK(revenue == sum.value - sum.refunded);
    CHECK(conversions == sum.orders * 1'000'000);
    CHECK(channels["totals"]["revenue_minor"] == revenue);
  }
}

TEST_CASE("cash books refunds on their own days and accrual on the order's", "[reports]") {
  Desk desk;
  tell_month(desk);
  const auto sum = truth(desk)["EUR"];
  const auto revenue = [&](const std::string& basis) {
    std::map<std::string, std::int64_t> days;
    const Json report = desk.read("time-series", {{"basis", basis}});
    for (const auto& item : report["items"])
      if (item["revenue_minor"] != 0) days[item["day"]] = item["revenue_minor"];
    return days;
  };
  const auto cash = revenue("cash"), accrual = revenue("accrual");
  std::int64_t cash_sum = 0, accrual_sum = 0;
  bool has_negative_day = false;
  for (const auto& [day, minor] : cash) {
    cash_sum += minor;
    has_negative_day = has_negative_day || minor < 0;
  }
  for (const auto& [day, minor] : accrual) {
    accrual_sum += minor;
    CHECK(minor >= 0);
  }
  CHECK(cash_sum == sum.value - sum.refunded);
  CHECK(accrual_sum == cash_sum);
  CHECK(has_negative_day);
}

TEST_CASE("the overview tells shares, averages and the period before", "[reports]") {
  Desk desk;
  tell_month(desk);
  const Json now = desk.read("overview", {{"compare", "previous"}});
  const auto sum = truth(desk)["EUR"];
  CHECK(now["orders"] == sum.orders);
  CHECK(now["revenue_minor"] == sum.value - sum.refunded);
  CHECK(now["refunded_minor"] == sum.refunded);
  CHECK(now["leads"] == 3);
  CHECK(now["currencies"] == Json::array({"EUR", "USD"}));
  CHECK(now["timezone"] == "Europe/Prague");
  CHECK(now["model"] == "last_non_direct");
  CHECK(now["attributed_share"].get<double>() > 0);
  CHECK(now["attributed_revenue_share"].get<double>() + now["unmeasurable_share"].get<double>() ==
        Approx(1));
  CHECK(now["cost_minor"].is_null());
  CHECK(now["roas"].is_null());
  CHECK(now["previous"]["orders"] == 0);
  CHECK(now["previous"]["conversion_rate"].is_null());
  // The same month as the period before another one.
  const auto reply =
      desk.call("GET", "/api/analytics/attribution/summary",
                {{"startDate", "2026-11-21"}, {"endDate", "2027-01-10"}, {"compare", "previous"}});
  const Json later = Json::parse(reply.body);
  CHECK(later["previous"]["revenue_minor"] == now["revenue_minor"]);
}

TEST_CASE("bots are in no figure and visitors count once over days", "[reports]") {
  Desk desk;
  tell_month(desk);
  const Json all = desk.read("overview");
  CHECK(all["unique_visitors"] == 8);
  std::int64_t visits = 0;
  const Json series = desk.read("time-series");
  for (const auto& day : series["items"]) visits += day["visits"].get<int>();
  CHECK(all["visits"] == visits);
  std::int64_t by_channel = 0;
  const Json report = desk.read("by-channel");
  for (const auto& item : report["items"]) by_channel += item["visits"].get<int>();
  CHECK(by_channel == visits);
}

TEST_CASE("filters go down from channel to campaign", "[reports]") {
  Desk desk;
  tell_month(desk);
  const Json campaigns = desk.read(
      "by-channel",
      {{"channel", "paid_search"}, {"groupBy", "campaign"}, {"attributionModel", "linear"}});
  const Json channels = desk.read("by-channel", {{"attributionModel", "linear"}});
  std::int64_t revenue = 0;
  for (const auto& item : campaigns["items"]) {
    CHECK(item["channel"] == "paid_search");
    CHECK(item.contains("source"));
    CHECK(item["campaign"] == "spring");
    revenue += item["revenue_minor"].get<std::int64_t>();
  }
  for (const auto& item : channels["items"])
    if (item["channel"] == "paid_search") CHECK(item["revenue_minor"] == revenue);
  const Json one = desk.read(
      "overview", {{"channel", "paid_search"}, {"source", "bing"}, {"attributionModel", "linear"}});
  for (const auto& item : campaigns["items"])
    if (item["source"] == "bing") CHECK(item["revenue_minor"] == one["revenue_minor"]);
}

TEST_CASE("net conversions leave out what refunds took back entirely", "[reports][refunds]") {
  Desk desk;
  tell_month(desk);
  std::int64_t kept = 0, taken_back = 0;
  const auto orders = desk.world.store.get([](Tables& t) {
    return t.orders().list_orders({"demo", {}, {}, 1000, {}}, OrderState::paid);
  });
  for (const auto& order : orders.items)
    if (order.currency == "EUR") ++(order.refunded_minor < order.amount_minor ? kept : taken_back);
  REQUIRE(taken_back > 0);

  const Json all = desk.read("overview");
  CHECK(all["orders"] == kept + taken_back);
  CHECK(micro(all["net_conversions"]) == kept * 1'000'000);
  CHECK(all["average_order_value_minor"].get<double>() ==
        Approx(all["revenue_minor"].get<double>() / static_cast<double>(kept)).margin(1));
  const Json cash = desk.read("overview", {{"basis", "cash"}});
  CHECK(cash["average_order_value_minor"].get<double>() ==
        Approx(cash["revenue_minor"].get<double>() / static_cast<double>(kept + taken_back))
            .margin(1));
  for (const char* model : {"linear", "last_touch", "shapley"}) {
    const Json channels = desk.read("by-channel", {{"attributionModel", model}});
    std::int64_t sum = 0;
    for (const auto& item : channels["items"]) sum += micro(item["net_conversions"]);
    CHECK(sum == kept * 1'000'000);
  }
}

TEST_CASE("weeks and the days around them cover a range once", "[reports]") {
  using sqlite::RollupLevel;
  for (const int from : {19700101, 20241225, 20260101, 20260105, 20260111, 20260228, 20260831})
    for (int days = 1; days <= 90; ++days) {
      const int to = add_days(from, days - 1);
      // The days of each span; they count under one of its rows, which count no others.
      const auto covered = [&](const std::vector<sqlite::RollupSpan>& spans) {
        std::vector<int> list;
        for (const auto& span : spans) {
          if (span.from_day > span.to_day) continue;
          for (const int day : days_of(span.from_day, span.to_day)) {
            const int row = sqlite::counted_day(span.level, day);
            CHECK((row >= span.from_day && row <= day));
            list.push_back(day);
          }
          CHECK(sqlite::counted_day(span.level, add_days(span.to_day, 1)) > span.to_day);
        }
        return list;
      };
      for (const auto level :
           {RollupLevel::channel, RollupLevel::campaign, RollupLevel::landing_page}) {
        CHECK(covered(sqlite::spans_of(level, from, to)) == days_of(from, to));
        CHECK(covered(sqlite::credit_spans_of(level, from, to)) == days_of(from, to));
      }
      CHECK(sqlite::spans_of(RollupLevel::channel, from, to).size() == 1);
      // However they lie, there are four whole ones among so many.
      if (days >= 6 + 27 + 28)
        CHECK(sqlite::credit_spans_of(RollupLevel::landing_page, from, to).size() == 5);
    }
  CHECK(monday_of(20260921) == 20260921);
  CHECK(monday_of(20260927) == 20260921);
  CHECK(monday_of(20260101) == 20251229);
  CHECK(four_weeks_of(20260831) == 20260831);
  CHECK(four_weeks_of(20260927) == 20260831);
  CHECK(four_weeks_of(20260928) == 20260928);
  CHECK(four_weeks_of(19691231) == 19691208);
}

TEST_CASE("credits that an older database has by weeks alone stand by four weeks", "[reports]") {
  Desk desk;
  tell_month(desk);
  desk.world.store.settle();
  const auto rows = [&] {
    std::vector<std::string> list;
    SQLite::Database database(desk.world.store.path(), SQLite::OPEN_READONLY);
    SQLite::Statement query(
        database,
        "SELECT day || '|' || config || '|' || currency || '|' || kind || '|' || channel || '|' ||"
        " source || '|' || campaign || '|' || content || '|' || landing_path || '|' ||"
        " conversions_micro || '|' || new_customers_micro || '|' || returned_micro || '|' ||"
        " value_minor || '|' || refund_minor || '|' || net_minor"
        " FROM day_credit WHERE level = 7 ORDER BY 1");
    while (query.executeStep()) list.push_back(query.getColumn(0).getString());
    return list;
  };
  const auto expected = rows();
  REQUIRE(expected.size() > 20);
  {
    SQLite::Database database(desk.world.store.path(), SQLite::OPEN_READWRITE);
    database.exec(
        "DELETE FROM day_credit WHERE level = 7; DELETE FROM schema_migration WHERE version = 28");
  }
  desk.world.store.reopen();
  CHECK(rows() == expected);
}

TEST_CASE("a range is the sum of its days, however it is grouped", "[reports]") {
  Desk desk;
  tell_month(desk);
  const std::string group = GENERATE(as<std::string>{}, "source", "campaign", "content", "landing");
  const auto ask = [&](int from, int to) {
    return Json::parse(desk.call("GET", "/api/analytics/attribution/by-channel",
                                 {{"startDate", write_day(from)},
                                  {"endDate", write_day(to)},
                                  {"groupBy", group},
                                  {"attributionModel", "linear"}})
                           .body);
  };
  for (const auto& [from, to] : std::vector<std::pair<int, int>>{
           {20261012, 20261018}, {20261010, 20261109}, {20260920, 20261124}}) {
    std::map<std::string, std::array<std::int64_t, 3>> days, whole;
    const auto add = [&](const Json& report, auto& sums) {
      for (const auto& item : report["items"]) {
        std::string key;
        for (const char* part : {"channel", "source", "campaign", "content", "landing_path"})
          key += item.value(part, "") + "|";
        auto& sum = sums[key];
        sum[0] += item["visits"].get<std::int64_t>();
        sum[1] += micro(item["conversions"]);
        sum[2] += item["revenue_minor"].get<std::int64_t>();
      }
    };
    for (const int day : days_of(from, to)) add(ask(day, day), days);
    add(ask(from, to), whole);
    CHECK(days.size() > 3);
    CHECK(whole == days);
  }
}

TEST_CASE("the totals of a report are those of the overview", "[reports]") {
  Desk desk;
  tell_month(desk);
  REQUIRE(desk.call("POST", "/api/costs", {},
                    R"({"rows":[{"day":"2026-10-20","channel":"paid_search","source":"google",)"
                    R"("campaign":"spring","amount":"10.00","currency":"EUR"}]})")
              .status == 200);
  const std::string group =
      GENERATE(as<std::string>{}, "channel", "source", "campaign", "content", "landing");
  std::vector<std::pair<std::string, std::string>> query;
  SECTION("of everything") {}
  SECTION("of a channel") {
    query = {{"channel", "paid_search"}};
  }
  SECTION("of a source") {
    query = {{"source", "google"}};
  }
  SECTION("of a landing page") {
    query = {{"landing", "/film"}};
  }
  const Json all = desk.read("overview", query);
  query.emplace_back("groupBy", group);
  const Json totals = desk.read("by-channel", query)["totals"];
  for (const char* field : {"visits", "unique_visitors", "revenue_minor", "cost_minor"}) {
    INFO(group << " " << field);
    CHECK(totals[field] == all[field]);
  }
  CHECK(totals["visits"].get<int>() > 0);
}

TEST_CASE("paths, lags, lengths and assists count each conversion once", "[reports]") {
  Desk desk;
  tell_month(desk);
  const auto orders = truth(desk)["EUR"].orders;
  const auto count = [](const Json& list) {
    std::int64_t sum = 0;
    for (const auto& item : list) sum += item["conversions"].get<std::int64_t>();
    return sum;
  };
  const Json paths = desk.read("paths");
  CHECK(count(paths["items"]) == orders);
  CHECK(paths["total_conversions"] == orders);
  for (const char* report : {"time-lag", "path-length"}) {
    const Json buckets = desk.read(report);
    CHECK(count(buckets["buckets"]) + buckets["unattributed"]["conversions"].get<int>() == orders);
  }
  std::int64_t first = 0, last = 0;
  const Json report = desk.read("assists");
  for (const auto& item : report["items"]) {
    first += item["first"].get<int>();
    last += item["last"].get<int>();
  }
  const Json lag = desk.read("time-lag");
  CHECK(first == orders - lag["unattributed"]["conversions"].get<int>());
  CHECK(last == first);
}

TEST_CASE("what buyers said stands beside what was measured", "[reports]") {
  Desk desk;
  tell_month(desk);
  const Json said = desk.read("self-reported", {{"kind", "lead"}});
  std::map<std::string, std::int64_t> sums;
  for (const auto& item : said["items"]) {
    CHECK(micro(item["conversions"]) > 0);
    sums[item["self_reported"]] += micro(item["conversions"]);
  }
  CHECK(sums["podcast"] == 2'000'000);
  CHECK(sums["a friend"] == 1'000'000);
}
