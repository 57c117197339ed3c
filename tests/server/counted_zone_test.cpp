// SPDX-License-Identifier: Apache-2.0
#include "server/core/reports/counted_zone.hpp"

#include "server/core/reports/rebuild.hpp"
#include "tests/server/month.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// What a start with that configuration finds, and the zone that the site then has.
std::vector<ZoneChange> start(MonthWorld& world, const std::string& configured) {
  std::vector<SiteConfig> sites = {*world.site};
  sites.front().timezone = configured;
  auto changes = value_of(keep_counted_zones(*world.store, sites));
  world.site->timezone = sites.front().timezone;
  return changes;
}

// Near midnight, so that the day tells the zone.
void visit_at_night(MonthWorld& world, std::uint64_t number) {
  world.visit(number, 1000 + number, kMonth + 23 * kHour,
              TrafficSource{Channel::email, "letter", "", "", "/"});
}

std::vector<int> traffic_days(MonthWorld& world) {
  std::vector<int> days;
  for (const auto& row : world.store.get(
           [](Tables& tables) { return tables.rollups().traffic("demo", 0, 99991231); }))
    days.push_back(row.day);
  return days;
}

}  // namespace

TEST_CASE("a site keeps the zone of its days until they are counted again", "[zones]") {
  MonthWorld world("UTC");
  CHECK(start(world, "America/New_York").empty());
  CHECK(start(world, "UTC").empty());  // nothing was counted
  visit_at_night(world, 1);
  const auto changes = start(world, "Asia/Tokyo");
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].site_id == "demo");
  CHECK(zone_complaint(changes[0]).find("timezone Asia/Tokyo, but its days were counted in UTC") !=
        std::string::npos);
  CHECK(world.site->timezone == "UTC");
  visit_at_night(world, 2);
  CHECK(traffic_days(world) == std::vector<int>{20261012});
  CHECK(audited(world).empty());
  CHECK(start(world, "Asia/Tokyo").size() == 1);
  CHECK(start(world, "UTC").empty());  // taken back

  world.site->timezone = "Asia/Tokyo";
  value_of(rebuild(*world.store, *world.site, {}, kNow));
  CHECK(start(world, "Asia/Tokyo").empty());
  CHECK(world.site->timezone == "Asia/Tokyo");
  CHECK(traffic_days(world) == std::vector<int>{20261013});
  CHECK(audited(world).empty());
}
