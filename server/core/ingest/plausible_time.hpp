// SPDX-License-Identifier: Apache-2.0
// The earliest time that anybody may tell us. Nothing that is attributed here is older, and what
// seems so is a slip: seconds where milliseconds belong, or a zero that stands for nothing.
#pragma once

#include <cstdint>

namespace tl::server {

inline constexpr std::int64_t kEarliestTimeMs = 946'684'800'000;  // 2000-01-01T00:00:00Z

}  // namespace tl::server
