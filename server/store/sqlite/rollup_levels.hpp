// SPDX-License-Identifier: Apache-2.0
// How fine the rows of a rollup are, and which of them answer for a range of days: whole weeks by
// the rows of their Mondays, the days around them by their own; for credits down to the landing
// page, of which there are most, whole four weeks by rows of theirs.
#pragma once

#include "server/core/reports/report_calendar.hpp"

#include <cstdint>
#include <vector>

namespace tl::server::sqlite {

// `level` of day_traffic, day_visitors and day_credit. Those above landing_page sum several days:
// campaign_ever, of touches and visits alone, all; landing_page_four_weeks, of credits alone, 28.
enum class RollupLevel : std::uint8_t {
  all,
  channel,
  campaign,
  landing_page,
  campaign_weeks,
  landing_page_weeks,
  campaign_ever,
  landing_page_four_weeks
};

inline bool is_daily(RollupLevel level) {
  return level <= RollupLevel::landing_page;
}
// What the rows of several days are the sums of.
inline RollupLevel daily(RollupLevel level) {
  if (is_daily(level)) return level;
  return level == RollupLevel::campaign_weeks || level == RollupLevel::campaign_ever
             ? RollupLevel::campaign
             : RollupLevel::landing_page;
}
// The day under which a level counts what happened on `day`.
inline int counted_day(RollupLevel level, int day) {
  if (is_daily(level)) return day;
  if (level == RollupLevel::campaign_ever) return 0;
  return level == RollupLevel::landing_page_four_weeks ? four_weeks_of(day) : monday_of(day);
}

struct RollupSpan {
  RollupLevel level{};
  int from_day = 0, to_day = 0;  // both inclusive
};

// `level`: a daily one.
inline std::vector<RollupSpan> spans_of(RollupLevel level, int from_day, int to_day) {
  const int first = monday_of(add_days(from_day, 6)), end = monday_of(add_days(to_day, 1));
  if (level < RollupLevel::campaign || first >= end) return {{level, from_day, to_day}};
  const RollupLevel weeks = level == RollupLevel::campaign ? RollupLevel::campaign_weeks
                                                           : RollupLevel::landing_page_weeks;
  return {{level, from_day, add_days(first, -1)},
          {weeks, first, add_days(end, -1)},
          {level, end, to_day}};
}

// The same for credits.
inline std::vector<RollupSpan> credit_spans_of(RollupLevel level, int from_day, int to_day) {
  std::vector<RollupSpan> spans;
  for (const RollupSpan& span : spans_of(level, from_day, to_day)) {
    const int first = four_weeks_of(add_days(span.from_day, 27));
    const int end = four_weeks_of(add_days(span.to_day, 1));
    if (span.level == RollupLevel::landing_page_weeks && first < end) {
      spans.push_back({span.level, span.from_day, add_days(first, -1)});
      spans.push_back({RollupLevel::landing_page_four_weeks, first, add_days(end, -1)});
      spans.push_back({span.level, end, span.to_day});
    } else {
      spans.push_back(span);
    }
  }
  return spans;
}

}  // namespace tl::server::sqlite
