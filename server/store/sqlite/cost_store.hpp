// SPDX-License-Identifier: Apache-2.0
// CostStore on SQLite.
#pragma once

#include "server/core/ports/cost_store.hpp"
#include "server/store/sqlite/connection.hpp"

namespace tl::server::sqlite {

class SqliteCostStore : public CostStore {
 public:
  explicit SqliteCostStore(Connection& connection) : connection_(connection) {}

  Outcome<std::int64_t> remove_scope(std::string_view site_id, const CostRow& row) override;
  Outcome<void> add(std::string_view site_id, const CostRow& row) override;
  Outcome<std::vector<CostRow>> list(std::string_view site_id, int from_day, int to_day,
                                     const std::optional<CostRow>& after,
                                     std::uint32_t limit) override;

 private:
  Connection& connection_;
};

}  // namespace tl::server::sqlite
