// SPDX-License-Identifier: Apache-2.0
// Kinds of conversions: those that everybody has, and the site's own events (conversion_events).
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"

#include <string_view>

namespace tl::server {

// Errors: invalid (bad_kind), naming what there is.
Outcome<void> check_conversion_kind(const SiteConfig& site, std::string_view kind);

}  // namespace tl::server
