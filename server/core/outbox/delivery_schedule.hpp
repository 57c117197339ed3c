// SPDX-License-Identifier: Apache-2.0
// When a delivery is tried again, and when never more. Pure: time and randomness are arguments.
//   backoff      full jitter in [0, min(1 h, 10 s * 2^(n-1))] before attempt n+1; a longer
//                Retry-After wins
//   age          a destination's own limit on the event's age, else seven days since the row was
//   made ambiguity    a request that may have arrived is not repeated when the vendor would no
//   longer
//                recognise the repeat
#pragma once

#include "server/core/durations.hpp"
#include "server/core/ports/destination.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

// Without an answer for so long the destination is taken for gone; longer than the promised 72 h.
inline constexpr std::int64_t kGiveUpMs = 7 * kDayMs;
inline constexpr std::int64_t kAuthProbeMs = 15 * kMinuteMs;
// Until the server starts anew.
inline constexpr std::int64_t kDisabledMs = 36'500 * kDayMs;
inline constexpr std::int64_t kMostRetryAfterMs = kDayMs;  // a longer one is believed for a day

// `attempts`: made so far, from 1. `random`: any 64 bits.
std::int64_t backoff_ms(std::uint32_t attempts, std::uint64_t random);

// Retry-After as seconds or an HTTP date (RFC 9110: IMF-fixdate); none when it is neither.
std::optional<std::int64_t> parse_retry_after(std::string_view header, std::int64_t now_ms);

// Last moment at which this delivery may be sent.
struct Deadline {
  std::int64_t ms = 0;
  std::string_view reason;  // code: too_old, gave_up, ambiguous
};
Deadline send_deadline(const DeliveryRow& delivery, const DestinationLimits& limits);
// The reason why this delivery must not be sent now, or none.
std::optional<std::string_view> past_deadline(const DeliveryRow& delivery,
                                              const DestinationLimits& limits, std::int64_t now_ms);

// Time of the next attempt: `wanted_ms`, drawn back so that one attempt still falls before the
// deadline; none when there is no room for another.
std::optional<std::int64_t> next_attempt(const DeliveryRow& delivery,
                                         const DestinationLimits& limits, std::int64_t wanted_ms,
                                         std::int64_t now_ms);

}  // namespace tl::server
