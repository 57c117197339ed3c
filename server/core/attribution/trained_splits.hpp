// SPDX-License-Identifier: Apache-2.0
// Gives conversions their credits by a trained model: those of days that are not sealed yet get the
// given version, those without any credit under that model as well; a conversion of a sealed day
// keeps the version that it was sealed with. Page by page, many small transactions: a conversion
// that has the version already is passed over, so what was interrupted goes on where it was.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"

#include <cstdint>
#include <stop_token>

namespace tl::server {

// For what works long: unavailable (server_stopping) once `stop` is asked for.
Outcome<void> check_not_stopping(const std::stop_token& stop);

// Returns how many conversions' credits changed. Errors: unavailable (also server_stopping), bug.
Outcome<std::int64_t> split_by(Store& store, const SiteConfig& site, const TrainedModel& model,
                               const std::stop_token& stop);

// The same for every newest model: what an interrupted training has left.
Outcome<std::int64_t> finish_splits(Store& store, const SiteConfig& site,
                                    const std::stop_token& stop);

}  // namespace tl::server
