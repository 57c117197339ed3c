// SPDX-License-Identifier: Apache-2.0
// What may not be kept any longer goes, by the site's own rules (config.hpp, RetentionRules), a
// little at a time. Nothing that a report or a conversion is made of is among it: channel, source,
// campaign, landing page, times, amounts and the ledger stay, and `throughline audit` finds nothing
// afterwards. What names who ordered or left a lead goes with the whole person
// (expired_people.hpp). Not here: rejects (14 days) and session contexts (the attribution window),
// which have times of their own (maintenance.hpp), and persons (erasure.hpp).
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace tl::server {

struct ExpiredRows {
  std::string_view name;  // visits, webhook_bodies …
  std::int64_t days = 0;  // the rule as it works; 0: kept for ever
  std::int64_t rows = 0;
};

// What would go now. Errors: unavailable.
Outcome<std::vector<ExpiredRows>> count_expired(Tables& tables, const SiteConfig& site,
                                                std::int64_t now_ms);
// Takes away at most `limit` of each, in a write; what it took. Without people
// (remove_expired_people). Errors: unavailable.
Outcome<std::vector<ExpiredRows>> remove_expired(Tables& tables, const SiteConfig& site,
                                                 std::int64_t now_ms, std::uint32_t limit);

}  // namespace tl::server
