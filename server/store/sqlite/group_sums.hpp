// SPDX-License-Identifier: Apache-2.0
// Sums that nearly every work adds to (counters, day rollups): added up in memory while a
// commit group runs, written once before its commit. What a rolled back work added goes with it.
// One user, the writer; inside a group the tables still show the sums of before it.
#pragma once

#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/rollup_sums.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server::sqlite {

class GroupSums {
 public:
  void add_count(std::string_view site_id, std::string_view name, std::int64_t delta);
  RollupSums& rollups() { return rollups_; }

  // Everything added so far; cut() takes back what was added after a mark.
  struct Mark {
    std::size_t counts = 0;
    RollupSums::Mark rollups;
    bool operator==(const Mark&) const = default;
  };
  [[nodiscard]] Mark mark() const { return {counts_.size(), rollups_.mark()}; }
  void cut(const Mark& mark);
  // Adds everything to the tables and forgets it. Throws SQLite::Exception.
  void write(Connection& connection);

 private:
  struct Count {
    std::string site_id, name;
    std::int64_t total = 0;
  };
  std::vector<Count> counts_;
  RollupSums rollups_;
};

// Adds to one counter at once.
void add_to_counter(Connection& connection, std::string_view site_id, std::string_view name,
                    std::int64_t delta);

}  // namespace tl::server::sqlite
