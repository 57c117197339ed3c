// SPDX-License-Identifier: Apache-2.0
// Sorted before they are written: equal keys meet, and the tables are walked in their own order.

#include "server/store/sqlite/group_sums.hpp"

#include <algorithm>
#include <tuple>

namespace tl::server::sqlite {

void add_to_counter(Connection& connection, std::string_view site_id, std::string_view name,
                    std::int64_t delta) {
  connection
      .query(
          "INSERT INTO counter (site_id, name, total) VALUES (?,?,?) "
          "ON CONFLICT DO UPDATE SET total = total + excluded.total")
      .bind(site_id, name, delta)
      .run();
}

void GroupSums::add_count(std::string_view site_id, std::string_view name, std::int64_t delta) {
  counts_.push_back({std::string(site_id), std::string(name), delta});
}

void GroupSums::add_traffic(std::string_view site_id, const DayTraffic& delta) {
  traffic_.push_back({std::string(site_id), delta});
}

void GroupSums::cut(const Mark& mark) {
  counts_.resize(mark.counts);
  traffic_.resize(mark.traffic);
}

void GroupSums::write(Connection& connection) {
  const auto count_key = [](const Count& count) { return std::tie(count.site_id, count.name); };
  std::sort(counts_.begin(), counts_.end(),
            [&](const Count& a, const Count& b) { return count_key(a) < count_key(b); });
  for (std::size_t i = 0; i < counts_.size();) {
    const Count& first = counts_[i];
    std::int64_t total = 0;
    for (; i < counts_.size() && count_key(counts_[i]) == count_key(first); ++i)
      total += counts_[i].total;
    add_to_counter(connection, first.site_id, first.name, total);
  }

  const auto traffic_key = [](const Traffic& traffic) {
    const DayTraffic& sums = traffic.sums;
    return std::tie(traffic.site_id, sums.day, sums.channel, sums.source, sums.campaign);
  };
  std::sort(traffic_.begin(), traffic_.end(),
            [&](const Traffic& a, const Traffic& b) { return traffic_key(a) < traffic_key(b); });
  for (std::size_t i = 0; i < traffic_.size();) {
    const Traffic& first = traffic_[i];
    std::int64_t touches = 0, sessions = 0;
    for (; i < traffic_.size() && traffic_key(traffic_[i]) == traffic_key(first); ++i) {
      touches += traffic_[i].sums.touches;
      sessions += traffic_[i].sums.sessions;
    }
    connection
        .query(
            "INSERT INTO day_traffic (site_id, day, channel, source, campaign, touches, "
            "sessions) VALUES (?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET "
            "touches = touches + excluded.touches, sessions = sessions + excluded.sessions")
        .bind(first.site_id, first.sums.day, first.sums.channel, first.sums.source,
              first.sums.campaign, touches, sessions)
        .run();
  }
  cut({});
}

}  // namespace tl::server::sqlite
