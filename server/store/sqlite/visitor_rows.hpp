// SPDX-License-Identifier: Apache-2.0
// day_visitors: the sketches beside day_traffic.
#pragma once

#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/source_groups.hpp"

#include <compare>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tl::server::sqlite {

// A row's key in day_traffic and day_visitors.
struct TrafficPlace {
  std::string_view site_id;
  RollupLevel level{};
  int day = 0;
  LentSource source;
  auto operator<=>(const TrafficPlace&) const = default;
};

// Adds and takes away visitors by their hashes. Those of days before those of weeks. Throws
// SQLite::Exception.
void write_visitors(Connection& connection, const TrafficPlace& place,
                    const std::vector<std::uint32_t>& came, const std::vector<std::uint32_t>& left);

}  // namespace tl::server::sqlite
