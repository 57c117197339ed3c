// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/recent_traffic.hpp"

#include <map>
#include <tuple>
#include <utility>

namespace tl::server::sqlite {

bool can_wait(const DayTraffic& delta) {
  return delta.left.empty() && delta.visitors.size() <= 1;
}

void append_recent(Connection& connection, std::string_view site_id, const DayTraffic& delta) {
  std::optional<std::uint32_t> visitor;
  if (!delta.visitors.empty()) visitor = delta.visitors.front();
  const TrafficSource& source = delta.source;
  connection
      .query(
          "INSERT INTO recent_traffic (site_id, day, channel, source, campaign, content,"
          " landing_path, touches, visits, visitor) VALUES (?,?,?,?,?,?,?,?,?,?)")
      .bind(site_id, delta.day, source.channel, source.source, source.campaign, source.content,
            source.landing_path, delta.touches, delta.visits, visitor)
      .run();
}

// Rows are only appended, and leave all at once, or those of a site before it is rebuilt.
std::size_t count_recent(Connection& connection) {
  auto query = connection.query("SELECT max(rowid) FROM recent_traffic");
  std::optional<std::int64_t> last;
  if (query.step()) query.read(last);
  return static_cast<std::size_t>(last.value_or(0));
}

std::vector<SiteTraffic> take_recent(Connection& connection) {
  std::map<std::tuple<std::string, int, TrafficSource>, DayTraffic> sums;
  {
    auto query = connection.query(
        "SELECT site_id, day, channel, source, campaign, content, landing_path, touches, visits,"
        " visitor FROM recent_traffic");
    while (query.step()) {
      std::tuple<std::string, int, TrafficSource> place;
      auto& [site_id, day, source] = place;
      std::int64_t touches = 0, visits = 0;
      std::optional<std::uint32_t> visitor;
      query.read(site_id, day, source.channel, source.source, source.campaign, source.content,
                 source.landing_path, touches, visits, visitor);
      DayTraffic& sum = sums[std::move(place)];
      sum.touches += touches;
      sum.visits += visits;
      if (visitor) sum.visitors.push_back(*visitor);
    }
  }
  connection.query("DELETE FROM recent_traffic").run();
  std::vector<SiteTraffic> list;
  list.reserve(sums.size());
  for (auto& [place, sum] : sums) {
    sum.day = std::get<int>(place);
    sum.source = std::get<TrafficSource>(place);
    list.push_back({std::get<std::string>(place), std::move(sum)});
  }
  return list;
}

}  // namespace tl::server::sqlite
