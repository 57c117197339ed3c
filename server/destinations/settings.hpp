// SPDX-License-Identifier: Apache-2.0
// Reading and checking the settings of a destination. Error codes: missing_setting, bad_setting;
// the sentence names the setting and never its value.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace tl::server::destinations {

std::string setting(const DestinationConfig& config, const std::string& name,
                    std::string_view default_value = {});
// Without a slash at the end.
std::string base_url(const DestinationConfig& config, std::string_view default_value);

ServerError bad_setting(const DestinationConfig& config, std::string_view name,
                        std::string_view why);

// Character sets for check_pattern(), beside is_digit.
bool is_word(char c);     // letters, digits, _ and -
bool is_visible(char c);  // printable ASCII without blanks
// `least` 0: may be missing.
Outcome<void> check_pattern(const DestinationConfig& config, const std::string& name,
                            bool (*allows)(char), std::size_t least, std::size_t most);
// http or https, a host, no query or fragment; may be missing.
Outcome<void> check_base_url(const DestinationConfig& config);
Outcome<void> check_flag(const DestinationConfig& config, const std::string& name);

}  // namespace tl::server::destinations
