// SPDX-License-Identifier: Apache-2.0
// RollupStore on SQLite: day_traffic and day_credit.
#pragma once

#include "server/core/ports/rollup_store.hpp"
#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/group_sums.hpp"

namespace tl::server::sqlite {

class SqliteRollupStore : public RollupStore {
 public:
  SqliteRollupStore(Connection& connection, GroupSums& sums)
      : connection_(connection), sums_(sums) {}

  Outcome<void> add_traffic(std::string_view site_id, const DayTraffic& delta) override;
  Outcome<void> add_credit(std::string_view site_id, const DayCredit& delta) override;
  Outcome<std::vector<DayTraffic>> traffic(std::string_view site_id, int from_day,
                                           int to_day) override;
  Outcome<std::vector<DayCredit>> credits(std::string_view site_id, std::string_view model,
                                          int from_day, int to_day) override;

 private:
  Connection& connection_;
  GroupSums& sums_;
};

}  // namespace tl::server::sqlite
