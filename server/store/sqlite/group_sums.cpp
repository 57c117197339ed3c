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

void GroupSums::cut(const Mark& mark) {
  counts_.resize(mark.counts);
  rollups_.cut(mark.rollups);
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

  rollups_.write(connection);
  cut({});
}

}  // namespace tl::server::sqlite
