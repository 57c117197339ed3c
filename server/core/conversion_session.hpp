// SPDX-License-Identifier: Apache-2.0
// What purchases do to the session they were matched to: it is converted, worth their sum, and
// ended by `purchase`. Computed from the conversions that name the session, so that repeating it, a
// joined order or one that moves to another session leave nothing behind.
#pragma once

#include "server/core/ports/store.hpp"

#include <string_view>

namespace tl::server {

Outcome<void> refresh_session(Tables& tables, std::string_view site_id, const Id128& session_id);

}  // namespace tl::server
