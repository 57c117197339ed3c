// SPDX-License-Identifier: Apache-2.0
#include "server/core/outbox/delivery_schedule.hpp"

#include "throughline/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

namespace tl::server {
namespace {

constexpr std::int64_t kFirstBackoffMs = 10 * kSecondMs;
constexpr std::int64_t kMostBackoffMs = kHourMs;
// The last attempt before a deadline leaves the request time to arrive.
constexpr std::int64_t kArrivalMs = kMinuteMs;

// "Sun, 06 Nov 1994 08:49:37 GMT" to Unix milliseconds.
std::optional<std::int64_t> parse_imf_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return {};
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  std::int64_t day = 0, year = 0, hour = 0, minute = 0, second = 0;
  if (month == kMonths.end() || !parse_decimal(text.substr(5, 2), day) ||
      !parse_decimal(text.substr(12, 4), year) || !parse_decimal(text.substr(17, 2), hour) ||
      !parse_decimal(text.substr(20, 2), minute) || !parse_decimal(text.substr(23, 2), second))
    return {};
  const std::chrono::year_month_day date{
      std::chrono::year(static_cast<int>(year)),
      std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
      std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return {};
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return std::int64_t{days} * kDayMs + hour * kHourMs + minute * kMinuteMs + second * kSecondMs;
}

}  // namespace

std::int64_t backoff_ms(std::uint32_t attempts, std::uint64_t random) {
  const std::uint32_t doublings = std::min<std::uint32_t>(attempts > 0 ? attempts - 1 : 0, 16);
  const std::int64_t most = std::min(kMostBackoffMs, kFirstBackoffMs << doublings);
  return static_cast<std::int64_t>(random % static_cast<std::uint64_t>(most + 1));
}

std::optional<std::int64_t> parse_retry_after(std::string_view header, std::int64_t now_ms) {
  const std::string_view text = trim(header);
  std::int64_t seconds = 0;
  if (parse_decimal(text, seconds))
    return std::min(seconds, kMostRetryAfterMs / kSecondMs) * kSecondMs;
  const auto at = parse_imf_date(text);
  if (!at) return {};
  return std::clamp<std::int64_t>(*at - now_ms, 0, kMostRetryAfterMs);
}

Deadline send_deadline(const DeliveryRow& delivery, const DestinationLimits& limits) {
  Deadline deadline{std::numeric_limits<std::int64_t>::max(), "gave_up"};
  if (delivery.first_sent_ms) deadline.ms = *delivery.first_sent_ms + kGiveUpMs;
  if (limits.max_age_ms > 0) {
    const auto age = delivery.first_sent_ms ? limits.max_age_ms : limits.first_max_age_ms();
    deadline = {delivery.occurred_ms + age, "too_old"};
  }
  if (delivery.ambiguous && limits.dedup_window_ms > 0 && delivery.first_sent_ms) {
    const std::int64_t recognised = *delivery.first_sent_ms + limits.dedup_window_ms;
    if (recognised < deadline.ms) deadline = {recognised, "ambiguous"};
  }
  return deadline;
}

std::optional<std::string_view> past_deadline(const DeliveryRow& delivery,
                                              const DestinationLimits& limits,
                                              std::int64_t now_ms) {
  const Deadline deadline = send_deadline(delivery, limits);
  if (now_ms > deadline.ms) return deadline.reason;
  return {};
}

std::optional<std::int64_t> next_attempt(const DeliveryRow& delivery,
                                         const DestinationLimits& limits, std::int64_t wanted_ms,
                                         std::int64_t now_ms) {
  const std::int64_t last = send_deadline(delivery, limits).ms - kArrivalMs;
  if (wanted_ms <= last) return wanted_ms;
  if (last > now_ms) return last;
  return {};
}

}  // namespace tl::server
