// SPDX-License-Identifier: Apache-2.0
// The properties of a PostHog event: the page, the session, where the visitor came from now and
// first, money, and the page's own properties.
#pragma once

#include "server/core/ports/destination.hpp"

#include <cstdint>
#include <string>

namespace tl::server::destinations {

// JSON object. `sends_ip`: the site lets PostHog have the address of visitors who permit it.
std::string posthog_properties(const Dispatch& dispatch, bool sends_ip);

// PostHog takes a session id only while the event lies within 24 h of the id's own time.
bool is_in_posthog_session(const Id128& session_id, std::int64_t t_ms);

}  // namespace tl::server::destinations
