// SPDX-License-Identifier: Apache-2.0
// EvidenceStore on SQLite.
#pragma once

#include "server/core/ports/evidence_store.hpp"
#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/rollup_sums.hpp"

namespace tl::server::sqlite {

class SqliteEvidenceStore : public EvidenceStore {
 public:
  SqliteEvidenceStore(Connection& connection, RollupSums& sums)
      : connection_(connection), sums_(sums) {}

  Outcome<std::vector<TouchRow>> touches_after(std::string_view site_id,
                                               const std::optional<TouchRow>& after,
                                               std::uint32_t limit) override;
  Outcome<void> set_class(const TouchRow& touch) override;
  Outcome<std::int64_t> count_touches(std::string_view site_id) override;
  Outcome<std::vector<OrderKey>> orders_after(std::string_view site_id, const OrderKey& after,
                                              std::uint32_t limit) override;
  Outcome<std::int64_t> count_orders(std::string_view site_id) override;
  Outcome<std::vector<Id128>> conversions_after(std::string_view site_id, const Id128& after,
                                                std::uint32_t limit) override;
  Outcome<std::int64_t> count_conversions(std::string_view site_id) override;
  Outcome<void> recount_sessions(std::string_view site_id) override;
  Outcome<void> clear_traffic(std::string_view site_id) override;
  Outcome<void> clear_credits(std::string_view site_id) override;
  Outcome<void> forget_configs(std::string_view site_id) override;
  Outcome<void> write_rollups() override;
  Outcome<void> remember_derived() override;
  Outcome<std::vector<std::string>> differences(std::uint32_t limit) override;

 private:
  Connection& connection_;
  RollupSums& sums_;
};

}  // namespace tl::server::sqlite
