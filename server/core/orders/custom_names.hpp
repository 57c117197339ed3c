// SPDX-License-Identifier: Apache-2.0
// What a described provider tells is stored under its configured name, `custom_tickets`. Versions
// before stored all of a site's as `custom`: a site that had one alone goes on so with that one, so
// that its sales are found by what is told of them later. Whose they are is said once, by the first
// start after the upgrade: of a site with several nobody can say, so each has its own name then.
#pragma once

#include "server/core/config.hpp"
#include "server/core/ports/store.hpp"

#include <vector>

namespace tl::server {

// Gives that provider of each site its stored name, also where a destination names it.
// Errors: unavailable; invalid (bad_config) where it has `custom` and another is configured so.
Outcome<void> keep_custom_names(Store& store, std::vector<SiteConfig>& sites);

}  // namespace tl::server
