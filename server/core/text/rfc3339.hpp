// SPDX-License-Identifier: Apache-2.0
// Times as text: RFC 3339 with milliseconds and Z on the way out; on the way in any offset and
// fraction (digits past the millisecond are dropped), a blank in place of T, or a bare date, which
// is its midnight in UTC. Proleptic Gregorian calendar, years 1970 to 9999; a leap second is read
// as the second after it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

std::string write_rfc3339(std::int64_t t_ms);  // "2026-09-21T14:13:20.000Z"
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

}  // namespace tl::server
