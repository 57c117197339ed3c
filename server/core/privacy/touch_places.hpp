// SPDX-License-Identifier: Apache-2.0
// What a touch is counted under (source, campaign, content, landing page) may tell of a person. It
// is taken out of a visitor's touches and of the day sums alike, which stay what they were in all;
// what more than VisitorSketch::kMostExact visitors of that day share tells of nobody and stays.
// Conversions that were credited to these touches have to be restated afterwards.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"

#include <functional>

namespace tl::server {

// Takes out of source, medium, campaign, content and landing path what may not stay. The same for
// touches that are counted together.
using PlaceRule = std::function<void(TouchRow& touch)>;

// `counted_as`: who stands in the sums instead of the visitor, or the visitor again. Runs in a
// write. Errors: unavailable.
Outcome<void> clear_places(Tables& tables, const SiteConfig& site, const Id128& visitor,
                           const Id128& counted_as, const PlaceRule& rule);

}  // namespace tl::server
