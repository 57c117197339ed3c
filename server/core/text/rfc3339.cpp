// SPDX-License-Identifier: Apache-2.0
#include "server/core/text/rfc3339.hpp"

#include "server/core/durations.hpp"
#include "server/core/text/ascii.hpp"

#include <chrono>

namespace tl::server {
namespace {

// Takes exactly `count` digits off the front.
std::optional<std::int64_t> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  std::int64_t number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return number;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> take_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day || *year < 1970) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kDayMs;
}

std::optional<std::int64_t> take_time(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_digits(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  std::int64_t ms = *hour * kHourMs + *minute * kMinuteMs + *second * kSecondMs;
  if (take(text, '.')) {
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
    for (std::int64_t unit = 100; !text.empty() && is_digit(text.front()); unit /= 10) {
      ms += (text.front() - '0') * unit;
      text.remove_prefix(1);
    }
  }
  return ms;
}

std::optional<std::int64_t> take_offset(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const bool is_ahead = take(text, '+');
  if (!is_ahead && !take(text, '-')) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::int64_t offset = *hours * kHourMs + *minutes * kMinuteMs;
  return is_ahead ? offset : -offset;
}

void put_digits(std::string& text, std::int64_t number, std::size_t count) {
  const std::string digits = std::to_string(number);
  if (digits.size() < count) text.append(count - digits.size(), '0');
  text += digits;
}

}  // namespace

std::string write_rfc3339(std::int64_t t_ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(t_ms)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::int64_t in_day = (time - day).count();
  std::string text;
  put_digits(text, static_cast<int>(date.year()), 4);
  text += '-';
  put_digits(text, static_cast<unsigned>(date.month()), 2);
  text += '-';
  put_digits(text, static_cast<unsigned>(date.day()), 2);
  text += 'T';
  put_digits(text, in_day / kHourMs, 2);
  text += ':';
  put_digits(text, in_day / kMinuteMs % 60, 2);
  text += ':';
  put_digits(text, in_day / kSecondMs % 60, 2);
  text += '.';
  put_digits(text, in_day % kSecondMs, 3);
  text += 'Z';
  return text;
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  const auto date = take_date(text);
  if (!date) return std::nullopt;
  if (text.empty()) return date;
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  const auto time = take_time(text);
  if (!time) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return *date + *time - *offset;
}

}  // namespace tl::server
