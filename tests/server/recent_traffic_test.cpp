// SPDX-License-Identifier: Apache-2.0
// Whether a change of the traffic waits or is folded shows in no report, no row and no audit.
#include "server/core/reports/visitor_sketch.hpp"
#include "tests/server/support.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <array>
#include <random>
#include <sstream>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

constexpr int kFirstDay = 20260901, kLastDay = 20260928;

DayTraffic some_traffic(std::mt19937& random) {
  static constexpr std::array kChannels = {Channel::email, Channel::paid_search,
                                           Channel::organic_social};
  static const std::array<std::string, 3> kNames = {"", "spring", "autumn"};
  const auto name = [&] { return kNames[random() % kNames.size()]; };
  DayTraffic delta;
  delta.day = kFirstDay + static_cast<int>(random() % 28);
  delta.source = {kChannels[random() % kChannels.size()], name(), name(), name(), "/" + name()};
  delta.touches = 1;
  delta.visits = static_cast<std::int64_t>(random() % 3) - 1;
  if (random() % 4 != 0) delta.visitors.push_back(static_cast<std::uint32_t>(random()));
  return delta;
}

std::string shown(const TrafficSum& sum) {
  std::ostringstream text;
  text << static_cast<int>(sum.source.channel) << '|' << sum.source.source << '|'
       << sum.source.campaign << '|' << sum.source.content << '|' << sum.source.landing_path << '|'
       << sum.touches << '|' << sum.visits << '|' << sum.unique_visitors << '\n';
  return text.str();
}

// Every report of traffic: each grouping, whole weeks and parts of them, filtered and not.
std::string reports(TempStore& store) {
  std::string text;
  for (const auto& [from, to] :
       {std::pair{kFirstDay, kLastDay}, {20260907, 20260913}, {20260903, 20260917}})
    for (const auto group : {GroupBy::none, GroupBy::channel, GroupBy::source, GroupBy::campaign,
                             GroupBy::content, GroupBy::landing_page})
      for (const bool is_filtered : {false, true}) {
        SourceFilter filter;
        if (is_filtered) filter.campaign = "spring";
        const DayRange range{"demo", from, to};
        const auto sums =
            store.get([&](Tables& t) { return t.reports().traffic(range, filter, group); });
        for (const auto& sum : sums.by_source) text += shown(sum);
        text += shown(sums.all);
        for (const auto& day :
             store.get([&](Tables& t) { return t.reports().days(range, {}, filter); }))
          text += std::to_string(day.day) + ' ' + std::to_string(static_cast<int>(day.channel)) +
                  ' ' + std::to_string(day.visits) + '\n';
      }
  return text;
}

std::int64_t count(TempStore& store, const std::string& table) {
  SQLite::Database database(store.path(), SQLite::OPEN_READONLY);
  return database.execAndGet("SELECT count(*) FROM " + table).getInt64();
}

void add(TempStore& store, const DayTraffic& delta) {
  store.put([&](Tables& tables) { return tables.rollups().add_traffic("demo", delta); });
}

}  // namespace

TEST_CASE("reports count what waits like what is folded", "[store][recent_traffic]") {
  TempStore waiting, folded;
  std::mt19937 random(7);
  for (int i = 0; i < 400; ++i) {
    const DayTraffic delta = some_traffic(random);
    add(waiting, delta);
    add(folded, delta);
    if (i % 50 == 0) folded.settle();
    if (i == 200) waiting.settle();  // some of each
  }
  folded.settle();
  REQUIRE(count(waiting, "recent_traffic") > 100);
  REQUIRE(count(folded, "recent_traffic") == 0);
  CHECK(reports(waiting) == reports(folded));
  const auto rows = [](TempStore& store) {
    std::string text;
    for (const auto& day :
         store.get([](Tables& t) { return t.rollups().traffic("demo", kFirstDay, kLastDay); }))
      text += std::to_string(day.day) + shown({day.source, day.touches, day.visits, 0});
    return text;
  };
  CHECK(rows(waiting) == rows(folded));
  waiting.reopen();
  CHECK(reports(waiting) == reports(folded));
}

TEST_CASE("traffic is folded when there is enough of it", "[store][recent_traffic]") {
  TempStore store;
  DayTraffic delta{kFirstDay, {Channel::email, "letter", "spring", "", "/"}, 1, 1, {}};
  constexpr std::uint32_t kTouches = 5000;
  for (std::uint32_t i = 0; i < kTouches;)
    store.put([&](Tables& tables) -> Outcome<void> {
      for (std::uint32_t last = i + 100; i < last; ++i) {
        delta.visitors = {i};
        TL_CHECK(tables.rollups().add_traffic("demo", delta));
      }
      return {};
    });
  CHECK(count(store, "recent_traffic") < 2048);
  CHECK(count(store, "day_traffic") == 7);  // one row at each level
  const auto sums = store.get([](Tables& t) {
    return t.reports().traffic({"demo", kFirstDay, kFirstDay}, {}, GroupBy::none);
  });
  CHECK(sums.all.touches == kTouches);
}

TEST_CASE("what is to be forgotten, and a published day, do not wait", "[store][recent_traffic]") {
  TempStore store;
  DayTraffic came{kFirstDay, {Channel::email, "letter", "spring", "", "/"}, 1, 1, {77}};
  add(store, came);
  REQUIRE(count(store, "recent_traffic") == 1);
  DayTraffic gone = came;
  gone.visitors.clear();
  gone.left = {77};
  gone.touches = gone.visits = -1;
  add(store, gone);
  CHECK(count(store, "recent_traffic") == 0);
  CHECK(count(store, "day_traffic") == 0);
  CHECK(count(store, "day_visitors") == 0);

  add(store, came);
  store.put([](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.rollups().seal_days("demo", kFirstDay));
    return {};
  });
  CHECK(count(store, "recent_traffic") == 0);
  CHECK(count(store, "day_revision") == 0);
  add(store, came);
  CHECK(count(store, "recent_traffic") == 0);
  CHECK(count(store, "day_revision") == 1);
}
