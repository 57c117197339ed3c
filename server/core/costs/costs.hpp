// SPDX-License-Identifier: Apache-2.0
// Keeping costs: all rows of an import in one transaction. With `replaces`, what was there for each
// day, source and campaign (by name or id) that the import names goes first (in any channel and
// currency), so that importing the same export again changes nothing and a corrected one corrects.
// Rows of one import for the same day, channel, source, campaign and currency are added.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace tl::server {

struct KeptCosts {
  std::int64_t kept = 0, replaced = 0;
};

// Errors: unavailable.
Outcome<KeptCosts> keep_costs(CostStore& costs, std::string_view site_id, std::vector<CostRow> rows,
                              bool replaces, std::int64_t now_ms);

}  // namespace tl::server
