// SPDX-License-Identifier: Apache-2.0
// Journeys that did not lead to a conversion, for models that learn from failures too. A visitor's
// journey ends with a conversion, with silence for longer than the lookback, or with the last touch
// there is. One that no conversion ended within the lookback of its last touch has failed, and its
// path is the one that a conversion at its last touch would have had.
#pragma once

#include "models/path.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tl::server {

// Channels one byte a touch, as in DayPath. `touches` of one visitor in any order, `conversions`:
// times of the visitor's conversions of the kind, ascending; all within one range.
std::vector<std::string> failed_journeys(std::vector<models::PathTouch> touches,
                                         const std::vector<std::int64_t>& conversions,
                                         const models::AttributionRules& rules);

}  // namespace tl::server
