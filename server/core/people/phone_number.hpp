// SPDX-License-Identifier: Apache-2.0
// A phone number as a person types it, to E.164. The rules of every numbering plan are Google's
// libphonenumber; this file is its only user. Never throws. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

// "+" and digits, without extension. `default_country` (ISO 3166-1 alpha-2, may be empty) is used
// for a number without country code; without it a national number has no E.164 form, and guessing
// one would hash somebody else's number: none. None too for what cannot be a number of that plan.
std::optional<std::string> phone_to_e164(std::string_view plain, std::string_view default_country);

// "420" of CZ; empty for what is no country.
std::string calling_code(std::string_view country);

}  // namespace tl::server
