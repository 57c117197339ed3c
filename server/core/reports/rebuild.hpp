// SPDX-License-Identifier: Apache-2.0
// Everything derived, again from the evidence: classes of touches, session counts, traffic, orders
// from their facts, conversions with their match, path and credits, and all day rollups. By the
// same code as when it arrived, so that on a healthy store nothing changes; that is what the audit
// is: a rebuild of a copy and a comparison.
//   traffic and sessions   one transaction
//   conversions            many small ones; each leaves rollups that fit
//   credit rollups         one transaction; days are now those of the site's zone
// Where touches got another class, published days get a revision, and models that had learned from
// the old ones learn again before all credits are split once more.
// A rebuild that is interrupted leaves a store that works, and is finished by running it again.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace tl::server {

struct RebuildOptions {
  // Credits are split by the models and rules that they were split by; otherwise by the site's
  // present ones.
  bool keeps_configuration = false;
  // Touches are classified again from their evidence (stored_touch.hpp).
  bool reclassifies = false;
  std::function<void(std::string_view step, std::int64_t done, std::int64_t all)> progress;
};

struct RebuildTotals {
  std::int64_t touches = 0, reclassified = 0, orders = 0, conversions = 0;
};

// Errors: unavailable, bug.
Outcome<RebuildTotals> rebuild(Store& store, const SiteConfig& site, const RebuildOptions& options,
                               std::int64_t now_ms);

}  // namespace tl::server
