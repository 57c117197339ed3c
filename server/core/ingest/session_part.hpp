// SPDX-License-Identifier: Apache-2.0
// What one batch adds to a session: the row for EventStore::merge_session().
#pragma once

#include "server/core/classify/place.hpp"
#include "server/core/classify/user_agent.hpp"
#include "server/core/ingest/verify.hpp"

#include <string>
#include <vector>

namespace tl::server {

// Adds a stored event (and its touch, if new) to the part; `part.id` is set by the first one.
void add_to_part(SessionRow& part, const VerifiedEvent& verified, const UserAgent& agent,
                 const Place& place);

// Path of a stored URL, "/" when it has none.
std::string path_of(const std::string& url);

}  // namespace tl::server
