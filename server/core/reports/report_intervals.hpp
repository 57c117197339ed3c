// SPDX-License-Identifier: Apache-2.0
// How far a line's revenue would move by chance: the middle 95 % of a bootstrap over conversions in
// which each is drawn a Poisson(1) number of times (Hanley and MacGibbon 2006). What is drawn then
// has a compound Poisson distribution, whose cumulants are the sums of the shares' powers, so
// nothing has to be drawn: its quantiles follow from the first four by the expansion of Cornish and
// Fisher (1938). Skewness and excess kurtosis are at most 1 whatever the shares are (a sum of
// powers is never above the power of a sum), where the expansion holds; it is coarsest for a line
// of one conversion: 0 to 3.4 times its share, where drawing gives 0 to 3.
#pragma once

#include "server/core/ports/report_store.hpp"

#include <cstdint>

namespace tl::server {

struct Interval {
  std::int64_t low_minor = 0, high_minor = 0;
};
inline constexpr double kIntervalLevel = 0.95;

Interval interval_of(const ShareSums& line);

}  // namespace tl::server
