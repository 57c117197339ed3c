// SPDX-License-Identifier: Apache-2.0
// How far a line's revenue would move by chance: a bootstrap over conversions (each drawn a
// Poisson(1) number of times, 400 rounds; Hanley and MacGibbon 2006 for the Poisson form). The
// draws come from a generator with a fixed seed, conversions in the order of their ids, so the same
// data give the same interval. Above 4,096 conversions they are drawn in 4,096 groups by chance
// (their ids are hashes), which bounds the cost and keeps the spread.
#pragma once

#include "server/core/ports/report_store.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace tl::server {

struct Interval {
  std::int64_t low_minor = 0, high_minor = 0;
};
inline constexpr double kIntervalLevel = 0.95;

// By line; `shares`: each conversion's revenue by line, conversions in the order of their ids.
std::map<TrafficSource, Interval> bootstrap_intervals(const std::vector<ConversionShares>& shares);

}  // namespace tl::server
