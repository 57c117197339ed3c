// SPDX-License-Identifier: Apache-2.0
// Traffic that is folded into the rollups already, row by row (recent_traffic.hpp: what waits).
#pragma once

#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/rollup_levels.hpp"
#include "server/store/sqlite/row_visitor.hpp"
#include "server/store/sqlite/source_groups.hpp"

namespace tl::server::sqlite {

// `each` is told the day, the source (lent until it returns), touches and visits.
template <class Each>
void read_folded(Connection& connection, std::string_view site_id, const RollupSpan& span,
                 Each&& each) {
  const auto visit = [&](const RowValues& row) {
    int day = 0;
    LentSource source;
    std::int64_t touches = 0, visits = 0;
    row.read(day, source.channel, source.source, source.campaign, source.content,
             source.landing_path, touches, visits);
    each(day, source, touches, visits);
  };
  const RowVisitor visitor(visit);
  connection
      .query(
          "SELECT each_row(?, day, channel, source, campaign, content, landing_path, touches,"
          " visits) FROM day_traffic WHERE site_id = ? AND level = ? AND day BETWEEN ? AND ?")
      .bind(visitor, site_id, span.level, span.from_day, span.to_day)
      .run();
}

}  // namespace tl::server::sqlite
