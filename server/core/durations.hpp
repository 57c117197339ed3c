// SPDX-License-Identifier: Apache-2.0
// Spans of time in milliseconds.
#pragma once

#include <cstdint>

namespace tl::server {

inline constexpr std::int64_t kSecondMs = 1000;
inline constexpr std::int64_t kMinuteMs = 60 * kSecondMs;
inline constexpr std::int64_t kHourMs = 60 * kMinuteMs;
inline constexpr std::int64_t kDayMs = 24 * kHourMs;

}  // namespace tl::server
