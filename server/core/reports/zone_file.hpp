// SPDX-License-Identifier: Apache-2.0
// A time zone as tzdata compiles it: TZif (RFC 8536), the 64-bit block of version 2 and later, and
// the POSIX TZ rule at its end, which holds after the last listed transition (for ever, in "slim"
// files). Pure; g++ 12 has no zone database of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tl::server {

// When a rule of the POSIX string begins within a year.
struct ClockChange {
  enum class Form : std::uint8_t { month_week_day, julian_no_leap, day_of_year };
  Form form = Form::month_week_day;
  int month = 0, week = 0, day = 0;  // day: weekday (0 Sunday), 1-365, or 0-365
  std::int64_t time_s = 2 * 3600;    // local time, may be negative or beyond a day
};

class ZoneFile {
 public:
  // None for what is no TZif file of version 2 or later.
  static std::optional<ZoneFile> parse(std::string_view bytes);
  // Seconds to add to UTC at that moment.
  [[nodiscard]] std::int64_t offset_s(std::int64_t utc_s) const;

 private:
  struct Rule {
    std::int64_t standard_s = 0, daylight_s = 0;
    bool has_daylight = false;
    ClockChange begin, end;
  };
  static std::optional<Rule> parse_rule(std::string_view text);
  [[nodiscard]] std::int64_t offset_by_rule(std::int64_t utc_s) const;

  std::vector<std::int64_t> times_;    // ascending
  std::vector<std::int64_t> offsets_;  // from times_[i] on
  std::int64_t first_offset_ = 0;
  std::optional<Rule> rule_;
};

}  // namespace tl::server
