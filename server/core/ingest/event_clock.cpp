// SPDX-License-Identifier: Apache-2.0
// Decoding limits times to 48 bits, so no sum here overflows.

#include "server/core/ingest/event_clock.hpp"

#include "server/core/durations.hpp"
#include "server/core/ingest/plausible_time.hpp"

namespace tl::server {
namespace {

constexpr std::int64_t kMaxSkewMs = 48 * kHourMs;
constexpr std::int64_t kLateMs = 72 * kHourMs;

}  // namespace

EventClock::EventClock(std::int64_t sent_ms, std::int64_t received_ms)
    : sent_ms_(sent_ms == 0 ? received_ms : sent_ms),
      received_ms_(received_ms),
      skew_ms_(sent_ms_ - received_ms) {}

EventClock::Reading EventClock::read(std::int64_t t_ms) const {
  if (skew_ms_ > kMaxSkewMs || skew_ms_ < -kMaxSkewMs || t_ms > sent_ms_)
    return {received_ms_, ClockRule::received};
  const std::int64_t corrected = to_server(t_ms);
  if (corrected < kEarliestTimeMs) return {received_ms_, ClockRule::received};
  return {corrected, received_ms_ - corrected > kLateMs ? ClockRule::late : ClockRule::corrected};
}

std::int64_t EventClock::to_server(std::int64_t browser_ms) const {
  return browser_ms - skew_ms_;
}
std::int64_t EventClock::to_browser(std::int64_t server_ms) const {
  return server_ms + skew_ms_;
}

}  // namespace tl::server
