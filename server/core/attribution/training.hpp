// SPDX-License-Identifier: Apache-2.0
// Trains the data-driven models of a site: from the paths of its conversions (day rollups) and its
// journeys that failed, of the last site.training_days whole days, a Markov chain of each order for
// each kind of conversion. Then conversions get their credits under the new version
// (trained_splits.hpp); those of sealed days keep theirs, until `throughline rebuild`.
//   reading    page by page, no snapshot is held
//   writing    one transaction for the models, many small ones for the credits
// Interrupted before the models are written it has done nothing, afterwards finish_splits() goes on
// with it. Journeys that failed are counted by browser:
// only a conversion proves that two are one person's.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"

#include <cstdint>
#include <stop_token>
#include <vector>

namespace tl::server {

struct TrainingResult {
  std::vector<TrainedModel> models;  // also refused ones; empty: no conversion in the range
  std::int64_t split = 0;            // conversions whose credits changed
};

// Errors: unavailable (server_stopping when `stop` is asked for), bug.
Outcome<TrainingResult> train(Store& store, const SiteConfig& site, std::int64_t now_ms,
                              std::stop_token stop = {});

}  // namespace tl::server
