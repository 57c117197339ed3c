// SPDX-License-Identifier: Apache-2.0
// The calendar day of a moment in a site's time zone, as yyyymmdd: what day rollups are keyed by.
// Zones are IANA names, read from the system's tzdata; there is no fallback to UTC.
#pragma once

#include "server/core/outcome.hpp"

#include <cstdint>
#include <string_view>

namespace tl::server {

// For the configuration check, before any local_day(). Errors: invalid (unknown_time_zone).
Outcome<void> check_time_zone(std::string_view zone);

// `zone` was checked; an unknown one ends the process, for a wrong day would be stored for good.
int local_day(std::int64_t t_ms, std::string_view zone);
// The first moment of a day (yyyymmdd).
std::int64_t day_start(int day, std::string_view zone);

}  // namespace tl::server
