// SPDX-License-Identifier: Apache-2.0
// What a conversion adds to the day rollups, and the one way in which they change: from what stood
// before to what stands after, both in full. Equal parts cancel, so restating is idempotent and any
// order of changes ends in the same rows.
#pragma once

#include "server/core/config.hpp"
#include "server/core/ports/rollup_store.hpp"
#include "server/core/records.hpp"

#include <optional>
#include <vector>

namespace tl::server {

// What of a conversion stands in the rollups. Test-mode conversions stand in none.
struct CountedConversion {
  ConversionRow conversion;
  std::vector<CreditRow> credits;
};

// Days are the site's: the conversion's own for amounts and net values, each refund's own for what
// went back. Errors: unavailable.
Outcome<void> restate_rollups(RollupStore& rollups, const SiteConfig& site,
                              const std::vector<CountedConversion>& before,
                              const std::optional<CountedConversion>& after);

}  // namespace tl::server
