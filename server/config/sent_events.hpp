// SPDX-License-Identifier: Apache-2.0
// The names of events in a destination's configuration: in `events`, and as keys of its tables
// (conversions, event_ids, names). A page may track events of any name, so not every unknown name
// is a slip; one that is spelled nearly like a known one is. "own:NAME" says that it is meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// What a name is without its "own:".
std::string sent_event_name(std::string_view written);
// "" or what is wrong. `declared`: the site's conversion_events, known like ours.
std::string sent_event_complaint(const std::string& written,
                                 const std::vector<std::string>& declared);

}  // namespace tl::server
