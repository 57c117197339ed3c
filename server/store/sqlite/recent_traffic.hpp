// SPDX-License-Identifier: Apache-2.0
// recent_traffic: changes of the traffic rollups that wait, row by row, to be folded into them. A
// touch changes some dozen rows of day_traffic and day_visitors, the same ones as the touches
// beside it; appending it is one row, and folding thousands at once writes each of the others once.
// Readers add what waits to what is folded. Everything throws SQLite::Exception.
#pragma once

#include "server/core/ports/rollup_store.hpp"
#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/source_groups.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server::sqlite {

// So many wait at most: what a report adds up beside the rollups, some hundred microseconds.
inline constexpr std::size_t kMostRecentTraffic = 2048;

// Whether a change can wait: one visitor at most, and nobody who is to be forgotten.
bool can_wait(const DayTraffic& delta);
void append_recent(Connection& connection, std::string_view site_id, const DayTraffic& delta);
std::size_t count_recent(Connection& connection);

struct SiteTraffic {
  std::string site_id;
  DayTraffic delta;
};
// Takes everything that waits, folded by its finest place.
std::vector<SiteTraffic> take_recent(Connection& connection);

// What waits of a site's days, from `from_day` to `to_day`. `add` is told the day, the source (lent
// until it returns), the touches, the visits and, if somebody came, the visitor's hash.
template <class Add>
void read_recent(Connection& connection, std::string_view site_id, int from_day, int to_day,
                 Add&& add) {
  auto query = connection.query(
      "SELECT day, channel, source, campaign, content, landing_path, touches, visits, visitor"
      " FROM recent_traffic WHERE site_id = ? AND day BETWEEN ? AND ?");
  query.bind(site_id, from_day, to_day);
  int day = 0;
  LentSource source;
  std::int64_t touches = 0, visits = 0;
  std::optional<std::uint32_t> visitor;
  while (query.step()) {
    query.read(day, source.channel, source.source, source.campaign, source.content,
               source.landing_path, touches, visits, visitor);
    add(day, source, touches, visits, visitor);
  }
}

}  // namespace tl::server::sqlite
