// SPDX-License-Identifier: Apache-2.0
// How fine the rows of a rollup are, and which of them answer for a range of days: whole weeks by
// the rows of their Mondays, the days around them by their own.
#pragma once

#include "server/core/reports/report_calendar.hpp"

#include <cstdint>
#include <vector>

namespace tl::server::sqlite {

// `level` of day_traffic, day_visitors and day_credit. Those above landing_page sum seven days, the
// last one all days; that one has touches and visits alone.
enum class RollupLevel : std::uint8_t {
  all,
  channel,
  campaign,
  landing_page,
  campaign_weeks,
  landing_page_weeks,
  campaign_ever
};

inline bool is_daily(RollupLevel level) {
  return level <= RollupLevel::landing_page;
}
// What the rows of several days are the sums of.
inline RollupLevel daily(RollupLevel level) {
  if (is_daily(level)) return level;
  return level == RollupLevel::landing_page_weeks ? RollupLevel::landing_page
                                                  : RollupLevel::campaign;
}
// The day under which a level counts what happened on `day`.
inline int counted_day(RollupLevel level, int day) {
  if (is_daily(level)) return day;
  return level == RollupLevel::campaign_ever ? 0 : monday_of(day);
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

}  // namespace tl::server::sqlite
