// SPDX-License-Identifier: Apache-2.0
// What purchases do to the session they were matched to: it is converted, worth their sum, and
// ended by `purchase`: at the payment, or at its last activity when the money came long after (a
// bank transfer). Computed from the conversions that name the session, so that repeating it, a
// joined order or one that moves to another session leave nothing behind.
#pragma once

#include "server/core/config.hpp"
#include "server/core/ports/store.hpp"

#include <set>

namespace tl::server {

Outcome<void> refresh_sessions(Tables& tables, const SiteConfig& site,
                               const std::set<Id128>& session_ids);

}  // namespace tl::server
