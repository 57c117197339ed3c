// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/visitor_rows.hpp"

#include "server/core/reports/visitor_sketch.hpp"

#include <string>

namespace tl::server::sqlite {
namespace {

std::string stored_sketch(Connection& connection, const TrafficPlace& place) {
  std::string sketch;
  auto query = connection.query(
      "SELECT sketch FROM day_visitors WHERE site_id = ? AND level = ? AND day = ? AND"
      " channel = ? AND source = ? AND campaign = ? AND content = ? AND landing_path = ?");
  const LentSource& source = place.source;
  query.bind(place.site_id, place.level, place.day, source.channel, source.source, source.campaign,
             source.content, source.landing_path);
  if (query.step()) query.read(sketch);
  return sketch;
}

// Who left one day of a week may have come on another: a week that lost somebody is made again
// from its days, which are written before it.
VisitorSketch sketch_of_week(Connection& connection, TrafficPlace place) {
  VisitorSketch sketch;
  const int monday = place.day;
  place.level = daily(place.level);
  for (int i = 0; i < 7; ++i) {
    place.day = add_days(monday, i);
    sketch.merge(stored_sketch(connection, place));
  }
  return sketch;
}

}  // namespace

void write_visitors(Connection& connection, const TrafficPlace& place,
                    const std::vector<std::uint32_t>& came,
                    const std::vector<std::uint32_t>& left) {
  if (came.empty() && left.empty()) return;
  const std::string before = stored_sketch(connection, place);
  if (left.empty() && VisitorSketch::holds(before, came)) return;
  VisitorSketch sketch;
  if (!is_daily(place.level) && !left.empty()) {
    sketch = sketch_of_week(connection, place);
  } else {
    sketch.merge(before);
    for (const std::uint32_t visitor : left) sketch.remove_hash(visitor);
    for (const std::uint32_t visitor : came) sketch.add_hash(visitor);
  }
  const std::string after = sketch.bytes();
  const LentSource& source = place.source;
  if (after.empty()) {
    connection
        .query(
            "DELETE FROM day_visitors WHERE site_id = ? AND level = ? AND day = ? AND channel = ?"
            " AND source = ? AND campaign = ? AND content = ? AND landing_path = ?")
        .bind(place.site_id, place.level, place.day, source.channel, source.source, source.campaign,
              source.content, source.landing_path)
        .run();
  } else if (after != before) {
    connection
        .query(
            "INSERT OR REPLACE INTO day_visitors (site_id, level, day, channel, source, campaign,"
            " content, landing_path, sketch) VALUES (?,?,?,?,?,?,?,?,?)")
        .bind(place.site_id, place.level, place.day, source.channel, source.source, source.campaign,
              source.content, source.landing_path, Blob{after})
        .run();
  }
}

}  // namespace tl::server::sqlite
