// SPDX-License-Identifier: Apache-2.0
// What the works of a commit group add to the day rollups: folded in memory, written once before
// the commit. Many credits of one source cost one row, and what cancels costs nothing; traffic
// waits in recent_traffic until there is enough of it. One user, the writer; what a rolled back
// work added goes with it.
#pragma once

#include "server/core/ports/rollup_store.hpp"
#include "server/store/sqlite/connection.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tl::server::sqlite {

class Revisions;

class RollupSums {
 public:
  void add(std::string_view site_id, DayTraffic delta);
  void add(std::string_view site_id, DayCredit delta, RollupReason reason);
  void add(std::string_view site_id, DayPath delta, RollupReason reason);
  void add(std::string_view site_id, DayConversions delta, RollupReason reason);

  // Everything added so far; cut() takes back what was added after a mark.
  struct Mark {
    std::size_t traffic = 0, credits = 0, paths = 0, conversions = 0;
    bool operator==(const Mark&) const = default;
  };
  [[nodiscard]] Mark mark() const {
    return {traffic_.size(), credits_.size(), paths_.size(), conversions_.size()};
  }
  void cut(const Mark& mark);
  // Adds everything to the tables and forgets it. Throws SQLite::Exception; then the transaction
  // must be rolled back and everything cut.
  void write(Connection& connection);
  // The same within a work; without revisions: what is rebuilt was taken away before.
  void write_again(Connection& connection);
  // Folds the traffic that waits, for who reads or publishes the rollups' own rows.
  static void settle(Connection& connection);

 private:
  template <class Delta>
  struct Entry {
    std::string site_id;
    Delta delta;
    RollupReason reason{};
  };
  template <class Delta>
  using Log = std::vector<Entry<Delta>>;

  [[nodiscard]] bool traffic_may_wait(Connection& connection, Revisions& revisions) const;
  void write_sums(Connection& connection, Revisions& revisions);

  Log<DayTraffic> traffic_;
  Log<DayCredit> credits_;
  Log<DayPath> paths_;
  Log<DayConversions> conversions_;
};

}  // namespace tl::server::sqlite
