// SPDX-License-Identifier: Apache-2.0
// The destinations that this program can talk to, one line each in registry.cpp, and what the rest
// of the server asks about them by kind.
#pragma once

#include "server/core/orders/orders.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/destination.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server::destinations {

// nullptr when there is none of that kind. Lives as long as the program.
const Destination* find_destination(std::string_view kind);
std::vector<std::string_view> destination_kinds();
// What people call the lane: "Meta"; of several of one kind "Webhook 2", "Webhook warehouse".
std::string destination_title(const DestinationConfig& config);

// Kind known, settings known and sound, event names possible. Errors: invalid
// (unknown_destination, unknown_setting, missing_setting, bad_setting).
Outcome<void> check_destination(const DestinationConfig& config);

// Whether the destination wants an event of that canonical name: one that the configuration lists,
// or its default ones. "*" in the list means every event that may be forwarded.
bool destination_takes(const DestinationConfig& config, std::string_view event_name);

}  // namespace tl::server::destinations
