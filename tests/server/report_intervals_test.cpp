// SPDX-License-Identifier: Apache-2.0
// How far a line could move by chance, and the splits of single conversions behind it.
#include "server/core/reports/report_intervals.hpp"

#include "server/store/sqlite/credit_split.hpp"
#include "tests/server/report_desk.hpp"

#include <cmath>
#include <limits>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

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
