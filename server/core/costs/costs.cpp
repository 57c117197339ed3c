// SPDX-License-Identifier: Apache-2.0
#include "server/core/costs/costs.hpp"

#include <set>
#include <tuple>

namespace tl::server {

Outcome<KeptCosts> keep_costs(CostStore& costs, std::string_view site_id, std::vector<CostRow> rows,
                              bool replaces, std::int64_t now_ms) {
  KeptCosts kept;
  if (replaces) {
    std::set<std::tuple<int, std::string_view, std::string_view, std::string_view>> scopes;
    for (const auto& row : rows)
      if (scopes.emplace(row.day, row.source, row.campaign, row.campaign_id).second) {
        TL_TRY(removed, costs.remove_scope(site_id, row));
        kept.replaced += removed;
      }
  }
  for (auto& row : rows) {
    row.imported_ms = now_ms;
    TL_CHECK(costs.add(site_id, row));
    ++kept.kept;
  }
  return kept;
}

}  // namespace tl::server
