// SPDX-License-Identifier: Apache-2.0
// The reports over HTTP, on a month that was told, and what stands behind them.
#include "server/core/attribution/late_evidence.hpp"
#include "server/core/orders/order_refunds.hpp"
#include "server/core/reports/report_calendar.hpp"
#include "server/core/reports/report_intervals.hpp"
#include "server/core/reports/report_models.hpp"
#include "server/http/conversion_json.hpp"
#include "server/http/list_request.hpp"
#include "server/store/sqlite/credit_split.hpp"
#include "tests/server/report_desk.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

void tell_month(Desk& desk) {
  for (const auto& told : scripted_month()) told(desk.world);
}

// "1.5" conversions as millionths.
std::int64_t micro(const Json& text) {
  const auto value = text.get<std::string>();
  const auto point = value.find('.');
  std::string digits = value.substr(0, point);
  std::string fraction = point == std::string::npos ? "" : value.substr(point + 1);
  fraction.resize(6, '0');
  return std::stoll(digits + fraction);
}

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

OrderFact refund_fact(const std::string& refund_id, std::int64_t t_ms, std::int64_t amount,
                      const std::string& status = "succeeded") {
  OrderFact fact;
  fact.kind = OrderChange::Kind::refund;
  fact.currency = "EUR";
  fact.occurred_ms = t_ms;
  if (refund_id.empty()) {
    fact.refunded_total_minor = amount;
  } else {
    fact.refund_id = refund_id;
    fact.refund_amount_minor = amount;
    fact.refund_status = status;
  }
  return fact;
}

std::string steps(const std::vector<OrderFact>& facts, std::int64_t amount = 1000) {
  return write_refund_steps(fold_refunds(facts, "EUR", amount).steps);
}

}  // namespace

TEST_CASE("refunds become steps in time, each counted once", "[reports][refunds]") {
  CHECK(steps({refund_fact("re_1", 10, 300), refund_fact("re_2", 20, 200)}) ==
        R"([[10,300,"re_1"],[20,200,"re_2"]])");
  // The cumulative total tells the same money again.
  CHECK(steps({refund_fact("re_1", 10, 300), refund_fact("", 10, 300)}) == R"([[10,300,"re_1"]])");
  CHECK(steps({refund_fact("", 9, 300), refund_fact("re_1", 10, 300)}) == R"([[9,300,""]])");
  // What a bank sent back was never refunded.
  CHECK(steps({refund_fact("re_1", 10, 300), refund_fact("re_1", 30, 300, "failed"),
               refund_fact("", 10, 300)}) == "[]");
  // A total holds a failed refund only while that was under way: not one made or failed elsewhen.
  CHECK(steps({refund_fact("", 10, 300), refund_fact("re_2", 20, 200, "failed")}) ==
        R"([[10,300,""]])");
  CHECK(steps({refund_fact("re_2", 5, 200, "pending"), refund_fact("re_2", 8, 200, "failed"),
               refund_fact("", 10, 300)}) == R"([[10,300,""]])");
  CHECK(steps({refund_fact("re_2", 5, 200, "pending"), refund_fact("", 10, 500),
               refund_fact("re_2", 20, 200, "failed")}) == R"([[10,300,""]])");
  auto made_before = refund_fact("re_2", 20, 200, "failed");
  made_before.begun_ms = 5;
  CHECK(steps({refund_fact("", 10, 500), made_before}) == R"([[10,300,""]])");
  // Never more than the order.
  CHECK(steps({refund_fact("re_1", 10, 800), refund_fact("re_2", 20, 800)}) ==
        R"([[10,800,"re_1"],[20,200,"re_2"]])");
  CHECK(steps({refund_fact("re_1", 10, 800)}, 0) == "[]");
  const auto read = read_refund_steps(R"([[10,300,"re_1"],[20,200,""]])");
  REQUIRE(read.size() == 2);
  CHECK(sum_of(read) == 500);
  CHECK(read_refund_steps("nonsense").empty());
}

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
  CHECK(listed == 10);
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

TEST_CASE("participation stands apart from what sums to the orders", "[reports][models]") {
  Desk desk;
  tell_month(desk);
  std::map<std::string, std::int64_t> whole;
  const Json paths = desk.read("paths");
  for (const auto& item : paths["items"]) {
    std::set<std::string> channels;
    for (const auto& channel : item["path"]) channels.insert(channel.get<std::string>());
    if (channels.empty()) channels.insert("unattributed");
    for (const auto& channel : channels) whole[channel] += item["revenue_minor"].get<int>();
  }

  for (const char* report : {"by-channel", "models-compare"}) {
    const Json answer = desk.read(report, {{"attributionModel", "last_touch"}});
    std::map<std::string, std::int64_t> told;
    for (const auto& item : answer["items"])
      if (const auto revenue = item["participation"]["revenue_minor"].get<std::int64_t>(); revenue)
        told[item["channel"]] = revenue;
    std::erase_if(whole, [](const auto& line) { return line.second == 0; });
    CHECK(told == whole);
    CHECK_FALSE(answer["totals"].contains("participation"));
    const Json sources = desk.read(report, {{"groupBy", "source"}});
    CHECK_FALSE(sources["items"][0].contains("participation"));
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

TEST_CASE("a half-life of any hours is configured, and rebuilt for what was there",
          "[reports][models]") {
  Desk desk;
  desk.world.site->half_life_ms = 7 * kDay;
  tell_month(desk);
  const Json shown = desk.read("by-channel", {{"attributionModel", "time_decay"}});
  REQUIRE(shown["configurations"].size() == 1);
  CHECK(shown["configurations"][0]["model"] == "time_decay:half_life_ms=604800000");
  CHECK(audited(desk.world).empty());
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

TEST_CASE("conversions without money have no interval of it", "[reports]") {
  Desk desk;
  tell_month(desk);
  const Json leads = desk.read("by-channel", {{"kind", "lead"}, {"intervals", "true"}});
  REQUIRE_FALSE(leads["items"].empty());
  for (const auto& item : leads["items"]) CHECK_FALSE(item.contains("interval"));
}

TEST_CASE("intervals hold the revenue and are the same each time", "[reports]") {
  Desk desk;
  tell_month(desk);
  const std::vector<std::pair<std::string, std::string>> query = {{"attributionModel", "linear"},
                                                                  {"intervals", "true"}};
  const Json once = desk.read("by-channel", query);
  desk.world.store.clock.advance(61'000);
  const Json again = desk.read("by-channel", query);
  CHECK(once["items"] == again["items"]);
  std::size_t intervals = 0;
  for (const auto& item : once["items"]) {
    if (!item.contains("interval")) continue;
    ++intervals;
    CHECK(item["interval"]["level"] == 0.95);
    CHECK(item["interval"]["low_minor"] <= item["revenue_minor"]);
    CHECK(item["interval"]["high_minor"] >= item["revenue_minor"]);
  }
  CHECK(intervals >= 2);
  CHECK_FALSE(desk.read("by-channel")["items"][0].contains("interval"));
}

TEST_CASE("intervals are those of a bootstrap", "[reports]") {
  std::mt19937 random(7);
  // How often a conversion is drawn: Poisson(1).
  const auto draws = [&] {
    int count = 0;
    double left = static_cast<double>(random()) / 4294967296.0, chance = std::exp(-1.0);
    for (; left >= chance && count < 20; chance /= ++count) left -= chance;
    return count;
  };
  const auto amount = [&](bool is_long_tailed) {
    const auto some = static_cast<std::int64_t>(100 + random() % 20'000);
    return is_long_tailed && random() % 40 == 0 ? 50 * some : some;
  };
  for (const auto& [conversions, is_long_tailed] :
       std::vector<std::pair<int, bool>>{{5, false}, {30, false}, {200, false}, {200, true}}) {
    std::vector<std::int64_t> shares;
    ShareSums sums;
    for (int i = 0; i < conversions; ++i) shares.push_back(amount(is_long_tailed));
    for (const auto share : shares) sums.add(share);
    std::vector<std::int64_t> drawn(4000);
    for (auto& sum : drawn)
      for (const auto share : shares) sum += draws() * share;
    std::sort(drawn.begin(), drawn.end());
    const Interval interval = interval_of(sums);
    const double deviation = std::sqrt(sums.squares);
    CAPTURE(conversions, is_long_tailed, deviation);
    // 4,000 rounds place a bound to within some 0.05 deviations.
    CHECK(static_cast<double>(interval.low_minor) ==
          Approx(static_cast<double>(drawn[100])).margin(0.15 * deviation));
    CHECK(static_cast<double>(interval.high_minor) ==
          Approx(static_cast<double>(drawn[3900])).margin(0.15 * deviation));
  }
}

TEST_CASE("an interval keeps the sign of its shares", "[reports]") {
  ShareSums one, back, none;
  one.add(1000);
  back.add(-1000);
  CHECK(interval_of(one).low_minor == 0);
  CHECK(interval_of(one).high_minor == Approx(3400).margin(100));
  CHECK(interval_of(back).high_minor == 0);
  CHECK(interval_of(none).low_minor == 0);
  CHECK(interval_of(none).high_minor == 0);
}

TEST_CASE("what a conversion gave is read as it was written", "[reports]") {
  const auto credit = [](std::int64_t config, const char* source, std::int64_t minor) {
    CreditRow row;
    row.config = config;
    row.channel = Channel::email;
    row.source = source;
    row.landing_path = "/" + std::string(300, 'x');
    row.net_minor = minor;
    if (*source != 0) row.touch_id = id(1);
    return row;
  };
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const std::string split = sqlite::write_split(
      {credit(-5, "b", 3), credit(-5, "a", -kMost), credit(-5, "b", 4), credit(7, "", kMost)});
  sqlite::CreditSplit read;
  const auto& shares = read.shares;
  const auto source_of = [&](std::size_t share) {
    return sqlite::read_split_source(read.sources.at(shares[share].place));
  };
  sqlite::read_split(split, {-5}, read);
  REQUIRE(shares.size() == 2);
  CHECK(source_of(0).source == "a");
  CHECK(source_of(0).landing_path.size() == 301);
  CHECK(shares[0].minor == -kMost);
  CHECK(source_of(1).source == "b");
  CHECK(shares[1].minor == 7);
  sqlite::read_split(split, {7, 8}, read);
  REQUIRE(shares.size() == 1);
  CHECK(source_of(0).channel == kUnattributedChannel);
  CHECK(shares[0].minor == kMost);
  for (std::size_t cut = 0; cut < split.size(); cut += 7)
    sqlite::read_split(std::string_view(split).substr(0, cut), {-5, 7}, read);
  sqlite::read_split("", {7}, read);
  CHECK(shares.empty());
}

TEST_CASE("weeks and the days around them cover a range once", "[reports]") {
  using sqlite::RollupLevel;
  for (const int from : {20241225, 20260101, 20260105, 20260111, 20260228})
    for (int days = 1; days <= 40; ++days) {
      const int to = add_days(from, days - 1);
      std::vector<int> covered;
      for (const auto& span : sqlite::spans_of(RollupLevel::landing_page, from, to)) {
        if (span.from_day > span.to_day) continue;
        const bool is_weekly = !sqlite::is_daily(span.level);
        for (const int day : days_of(span.from_day, span.to_day)) {
          if (is_weekly) CHECK((monday_of(day) >= span.from_day && monday_of(day) <= day));
          covered.push_back(day);
        }
        if (is_weekly) CHECK(days_of(span.from_day, span.to_day).size() % 7 == 0);
      }
      CHECK(covered == days_of(from, to));
      CHECK(sqlite::spans_of(RollupLevel::channel, from, to).size() == 1);
    }
  CHECK(monday_of(20260921) == 20260921);
  CHECK(monday_of(20260927) == 20260921);
  CHECK(monday_of(20260101) == 20251229);
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
  for (const auto& [from, to] :
       std::vector<std::pair<int, int>>{{20261012, 20261018}, {20261010, 20261109}}) {
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

TEST_CASE("a restatement that finds the same writes no credit and no sum", "[reports]") {
  Desk desk;
  tell_month(desk);
  MonthWorld& world = desk.world;
  {
    SQLite::Database database(world.store.path(), SQLite::OPEN_READWRITE);
    for (const std::string table :
         {"credit", "conversion_split", "day_credit", "day_path", "day_conversions",
          "day_self_reported", "day_traffic", "recent_traffic"})
      for (const std::string change : {"INSERT", "UPDATE", "DELETE"})
        database.exec("CREATE TRIGGER no_" + change + "_" + table + " BEFORE " + change + " ON " +
                      table + " BEGIN SELECT RAISE(ABORT, 'written'); END");
  }
  ListQuery query;
  query.site_id = "demo";
  query.limit = 1000;
  const auto conversions =
      world.store.get([&](Tables& t) { return t.orders().list_conversions(query, {}); }).items;
  REQUIRE(conversions.size() > 10);
  for (const auto& row : conversions) {
    INFO(row.kind << " of " << row.order_id);
    world.store.put([&](Tables& tables) {
      return restate_conversion(tables, *world.site, row, world.store.clock.now_ms());
    });
  }
  // What does change is written, and would be seen.
  world.site->lookback_ms = kMinute;
  bool is_refused = false;
  for (const auto& row : conversions)
    is_refused = is_refused || !world.store
                                    ->write([&](Tables& tables) {
                                      return restate_conversion(tables, *world.site, row,
                                                                world.store.clock.now_ms(),
                                                                /*keeps_configuration=*/false);
                                    })
                                    .ok();
  CHECK(is_refused);
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
  for (const auto& item : said["items"]) sums[item["self_reported"]] += micro(item["conversions"]);
  CHECK(sums["podcast"] == 2'000'000);
  CHECK(sums["a friend"] == 1'000'000);
}

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
  CHECK(post(german).body.find("map=day=Datum in the address") != std::string::npos);
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

TEST_CASE("a change of a published day leaves a revision with its reason", "[reports]") {
  Desk desk;
  tell_month(desk);
  desk.world.store.put([](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.rollups().seal_days("demo", 20261120));
    return {};
  });
  CHECK(desk.read("revisions")["items"].empty());
  // Told again, nothing changes and nothing is revised.
  for (const auto& told : scripted_month()) told(desk.world);
  desk.world.store.clock.advance(61'000);
  CHECK(desk.read("revisions")["items"].empty());

  desk.world.visit(7, 1600, kMonth + 5 * kDay, TrafficSource{Channel::email, "l", "", "", "/"});
  desk.world.tell(sale_event(1, "refund.created", sale_refund(1, "re_late", 100, "succeeded"),
                             kMonth + 20 * kDay));
  desk.world.store.clock.advance(61'000);
  const Json revisions = desk.read("revisions");
  CHECK(revisions["sealed_through"] == "2026-11-20");
  std::string reasons;
  for (const auto& item : revisions["items"]) reasons += item["reasons"].get<std::string>() + " ";
  CHECK(reasons.find("touch") != std::string::npos);
  CHECK(reasons.find("refund") != std::string::npos);
  bool is_marked = false;
  const Json series = desk.read("time-series");
  for (const auto& day : series["items"]) {
    CHECK(day["sealed"] == true);
    is_marked = is_marked || day["revision"] == 1;
  }
  CHECK(is_marked);
}

TEST_CASE("a touch that arrives after the purchase gets its credit", "[reports][late]") {
  Desk desk;
  auto& world = desk.world;
  world.visit(1, 1000, kMonth, TrafficSource{Channel::email, "letter", "", "", "/"});
  world.tell(sale_event(1, "checkout.session.completed",
                        sale_session(1, 900, visit_metadata(id(1), id(1000), kMonth), "a@b.cz"),
                        kMonth + kHour));
  const auto revenue = [&](const std::string& channel) {
    desk.world.store.clock.advance(61'000);
    const Json report = desk.read("by-channel", {{"attributionModel", "linear"}});
    for (const auto& item : report["items"])
      if (item["channel"] == channel) return item["revenue_minor"].get<int>();
    return 0;
  };
  CHECK(revenue("email") == 900);
  // Kept while offline: before the purchase, told after it.
  world.visit(1, 999, kMonth - kDay, TrafficSource{Channel::paid_search, "google", "", "", "/"});
  CHECK(revenue("email") == 450);
  CHECK(revenue("paid_search") == 450);
  // After the purchase, and before the lookback: no part of it.
  world.visit(1, 1001, kMonth + 2 * kHour, TrafficSource{Channel::sms, "s", "", "", "/"});
  world.visit(1, 900, kMonth - 31 * kDay, TrafficSource{Channel::push, "p", "", "", "/"});
  CHECK(revenue("email") == 450);
  CHECK(revenue("sms") == 0);
  CHECK(revenue("push") == 0);
}

TEST_CASE("a session that arrives after its purchase is found by it", "[reports][late]") {
  Desk desk;
  auto& world = desk.world;
  world.tell(sale_event(1, "checkout.session.completed",
                        sale_session(1, 900, visit_metadata(id(1), id(1000), kMonth), "a@b.cz"),
                        kMonth + kHour));
  CHECK(desk.read("overview")["attributed_share"] == 0.0);
  world.visit(1, 1000, kMonth, TrafficSource{Channel::email, "letter", "", "", "/"});
  world.store.clock.advance(61'000);
  CHECK(desk.read("overview")["attributed_share"] == 1.0);
}

TEST_CASE("an earlier purchase that arrives late takes the new customer along", "[reports][late]") {
  Desk desk;
  auto& world = desk.world;
  const auto sale = [&](int number, std::int64_t t_ms) {
    world.tell(sale_event(number, "checkout.session.completed",
                          sale_session(number, 900, json::object(), "same@example.com"), t_ms));
  };
  const auto new_customers = [&](const char* from, const char* to) {
    world.store.clock.advance(61'000);
    const auto reply = desk.call("GET", "/api/analytics/attribution/overview",
                                 {{"startDate", from}, {"endDate", to}});
    return Json::parse(reply.body)["new_customers"].get<std::string>();
  };
  sale(2, kMonth + 10 * kDay);
  CHECK(new_customers("2026-10-22", "2026-10-22") == "1");
  sale(1, kMonth + 2 * kDay);
  CHECK(new_customers("2026-10-22", "2026-10-22") == "0");
  CHECK(new_customers("2026-10-14", "2026-10-14") == "1");
}

TEST_CASE("models learn when they are asked to, and say what from", "[reports][training]") {
  Desk desk;
  tell_month(desk);
  CHECK(desk.read("trained")["trainings"].empty());
  const auto reply = desk.call("POST", "/api/sites/{site}/train", {});
  INFO(reply.body);
  REQUIRE(reply.status == 200);
  CHECK(Json::parse(reply.body)["split"].get<int>() > 0);

  const Json trained = desk.read("trained");
  CHECK(trained["describes"] == "observed paths; does not measure incrementality");
  REQUIRE(trained["trainings"].size() == 3);
  const Json& first = trained["trainings"][0];
  CHECK(first["model"] == "markov_1");
  CHECK(first["kind"] == "purchase");
  CHECK(first["refused"].is_null());
  // The channels of a training share all of its conversions.
  std::int64_t conversions = 0;
  for (const auto& item : trained["items"])
    if (item["model"] == "markov_1") conversions += micro(item["conversions"]);
  CHECK(conversions == first["conversions"].get<std::int64_t>() * 1'000'000);

  const Json compared = desk.read("models-compare");
  CHECK(compared["data_driven"].contains("markov_1_per_conversion"));
  CHECK(compared["totals"]["markov_1_per_conversion"] == compared["totals"]["linear"]);
  const Json lines = desk.read("by-channel", {{"attributionModel", "markov-1-per-conversion"},
                                              {"groupBy", "campaign"},
                                              {"intervals", "true"}});
  CHECK(lines["describes"] == trained["describes"]);
  CHECK(lines["totals"]["conversions"] == desk.read("by-channel")["totals"]["conversions"]);
  CHECK(lines["items"][0].contains("interval"));
}

TEST_CASE("an order that the repeat rule leaves without credit is told apart", "[reports][rules]") {
  Desk desk;
  auto site = std::make_shared<SiteConfig>(*desk.world.site);
  site->repeat_rule = models::RepeatRule::first_only;
  desk.world.site = site;
  tell_month(desk);
  const Json all = desk.read("overview");
  const Json lines = desk.read("by-channel");
  CHECK(all["suppressed"].get<std::int64_t>() > 0);
  CHECK(all["orders"].get<std::int64_t>() * 1'000'000 ==
        micro(lines["totals"]["conversions"]) + all["suppressed"].get<std::int64_t>() * 1'000'000);
  CHECK(audited(desk.world).empty());

  for (const char* basis : {"accrual", "cash"}) {
    INFO(basis);
    const Json whole = desk.read("overview", {{"basis", basis}});
    const Json table = desk.read("by-channel", {{"basis", basis}});
    const Json left = table["suppressed"], with = table["with_suppressed"];
    CHECK(left["revenue_minor"].get<std::int64_t>() > 0);
    CHECK(left["revenue_minor"] == whole["suppressed_minor"]);
    CHECK(table["totals"]["revenue_minor"].get<std::int64_t>() +
              left["revenue_minor"].get<std::int64_t>() ==
          whole["revenue_minor"].get<std::int64_t>());
    for (const char* name : {"visits", "conversions", "net_conversions", "new_customers",
                             "revenue_minor", "average_order_value_minor", "conversion_rate"})
      CHECK(with[name] == whole[name]);
    std::int64_t in_days = 0, of_conversions = 0;
    const Json series = desk.read("time-series", {{"basis", basis}});
    for (const auto& day : series["items"]) {
      in_days += day["revenue_minor"].get<std::int64_t>();
      of_conversions += micro(day["conversions"]);
    }
    CHECK(in_days == whole["revenue_minor"].get<std::int64_t>());
    CHECK(of_conversions == micro(whole["conversions"]));
    // Attributed, unmeasurable and suppressed are all of the revenue.
    const auto suppressed = whole["suppressed_minor"].get<double>() / static_cast<double>(in_days);
    CHECK(whole["attributed_revenue_share"].get<double>() +
              whole["unmeasurable_share"].get<double>() + suppressed ==
          Approx(1));
  }
  const Json filtered = desk.read("by-channel", {{"channel", "email"}});
  CHECK_FALSE(filtered.contains("suppressed"));
}

TEST_CASE("every figure that was learned from paths says so, in files too", "[reports][training]") {
  Desk desk;
  tell_month(desk);
  REQUIRE(desk.call("POST", "/api/sites/{site}/train", {}).status == 200);
  const auto lines = [&](const std::string& report, const std::string& model) {
    const auto csv = desk.ask(report, {{"format", "csv"}, {"attributionModel", model}}).body;
    std::pair<int, int> counted;  // rows, those that say so
    for (std::size_t at = csv.find('\n') + 1; at < csv.size(); at = csv.find('\n', at) + 1) {
      counted.first += 1;
      if (csv.substr(at, csv.find('\n', at) - at).find(kDescribesPaths) != std::string::npos)
        counted.second += 1;
    }
    return counted;
  };
  for (const char* report : {"by-channel", "time-series", "models-compare"})
    for (const char* model : {"shapley", "markov-1-per-conversion"}) {
      INFO(report << " " << model);
      const auto [rows, said] = lines(report, model);
      CHECK(rows > 1);
      CHECK(said == rows);
    }
  const auto [rows, said] = lines("trained", "linear");
  CHECK(rows > 1);
  CHECK(said == rows);
  CHECK(lines("by-channel", "linear").second == 0);
}

TEST_CASE("a conversion says what was refunded, what is left, and what its models describe",
          "[reports][refunds]") {
  Desk desk;
  tell_month(desk);
  bool has_refund = false, has_no_touch = false;
  const auto found = desk.world.store.get([](Tables& t) {
    return t.orders().list_conversions({"demo", {}, {}, 1000, {}}, {});
  });
  for (const auto& conversion : found.items) {
    const Json told = desk.world.store.get([&](Tables& t) -> Outcome<Json> {
      TL_TRY(details, http::conversion_details(t, conversion));
      return Json(details);
    });
    INFO(told.dump());
    std::int64_t refunded = 0;
    for (const auto& refund : told["refunds"]) refunded += refund["amount_minor"].get<int>();
    CHECK(refunded == told["refunded_minor"].get<int>());
    if (refunded > 0) has_refund = true;
    CHECK(told["days_to_convert"].is_null() == (conversion.touches == 0));
    if (conversion.touches == 0) has_no_touch = true;
    if (told["credits"].contains("shapley"))
      CHECK(told["data_driven"]["shapley"] == kDescribesPaths);
    CHECK_FALSE(told["data_driven"].contains("linear"));
  }
  CHECK(has_refund);
  CHECK(has_no_touch);
}
