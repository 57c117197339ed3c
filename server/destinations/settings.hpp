// SPDX-License-Identifier: Apache-2.0
// Reading and checking the settings of a destination. Error codes: missing_setting, bad_setting;
// the sentence names the setting and never its value.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/destination.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server::destinations {

std::string setting(const DestinationConfig& config, const std::string& name,
                    std::string_view default_value = {});
// Without a slash at the end.
std::string base_url(const DestinationConfig& config, std::string_view default_value);

// Of vendors that know a sale again by its number alone (OrderNumbers).
inline constexpr Setting kTagProvider = {
    "tag_provider",
    "payment provider whose order numbers gtag on the page says; the sales of all others are "
    "called "
    "provider-number. Without it the first sale of a number has it bare",
    "", Setting::Form::word};

ServerError bad_setting(const DestinationConfig& config, std::string_view name,
                        std::string_view why);

// Known, present where needed, of the right form. Errors also: unknown_setting. A sentence about a
// setting that is there begins with its name.
Outcome<void> check_settings(const DestinationConfig& config, const std::vector<Setting>& known);
// An endpoint of the site's own: https, or http where allow_http says so; a host, no user and no
// fragment.
Outcome<void> check_endpoint(const DestinationConfig& config, const std::string& name);
// The events that have an entry in a setting that is a map.
std::vector<std::string> mapped_events(const DestinationConfig& config, std::string_view map);

}  // namespace tl::server::destinations
