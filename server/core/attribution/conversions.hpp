// SPDX-License-Identifier: Apache-2.0
// Making and restating conversions inside a transaction: match, path, credits, rollups, the
// session's end, verified contacts and the outbox. A conversion's id is derived once, when it is
// made, and kept for ever; its match and path change only when the evidence of who bought does (ids
// that come with a later webhook); its credits are split again from the stored snapshot whenever
// its value changes.
#pragma once

#include "server/core/attribution/conversion_draft.hpp"
#include "server/core/config.hpp"
#include "server/core/orders/orders.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tl::server {

struct RecordedConversion {
  ConversionRow conversion;
  bool is_new = false;
};

// Also for own events that count as conversions. Errors: unavailable, bug.
Outcome<RecordedConversion> record_conversion(Tables& tables, const SiteConfig& site,
                                              const ConversionDraft& draft,
                                              const DestinationTakes& takes, std::int64_t now_ms);

}  // namespace tl::server
