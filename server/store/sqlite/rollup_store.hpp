// SPDX-License-Identifier: Apache-2.0
// RollupStore on SQLite. Differences wait in RollupSums until the group commits.
#pragma once

#include "server/core/ports/rollup_store.hpp"
#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/rollup_sums.hpp"

namespace tl::server::sqlite {

class SqliteRollupStore : public RollupStore {
 public:
  SqliteRollupStore(Connection& connection, RollupSums& sums)
      : connection_(connection), sums_(sums) {}

  Outcome<void> add_traffic(std::string_view site_id, DayTraffic delta) override;
  Outcome<void> add_credit(std::string_view site_id, DayCredit delta, RollupReason reason) override;
  Outcome<void> add_path(std::string_view site_id, DayPath delta, RollupReason reason) override;
  Outcome<void> add_conversions(std::string_view site_id, DayConversions delta,
                                RollupReason reason) override;
  Outcome<void> put_split(std::string_view site_id, const DayConversion& conversion,
                          const std::vector<CreditRow>& credits) override;
  Outcome<void> remove_split(std::string_view site_id, const DayConversion& conversion) override;
  Outcome<void> name_config(std::string_view site_id, std::int64_t config, std::string_view model,
                            std::string_view rules) override;
  Outcome<std::vector<DayTraffic>> published_traffic(std::string_view site_id) override;
  Outcome<void> revise_traffic(std::string_view site_id,
                               const std::vector<DayTraffic>& before) override;
  Outcome<bool> seal_days(std::string_view site_id, int day) override;
  Outcome<std::optional<SiteZone>> zone(std::string_view site_id) override;
  Outcome<void> set_zone(std::string_view site_id, const SiteZone& zone) override;
  Outcome<std::vector<DayTraffic>> traffic(std::string_view site_id, int from_day,
                                           int to_day) override;
  Outcome<std::vector<DayCredit>> credits(std::string_view site_id, std::string_view model,
                                          int from_day, int to_day) override;

 private:
  Connection& connection_;
  RollupSums& sums_;
};

}  // namespace tl::server::sqlite
