// SPDX-License-Identifier: Apache-2.0
#include "server/core/reports/report_intervals.hpp"

#include <algorithm>
#include <cmath>

namespace tl::server {

Interval interval_of(const ShareSums& line) {
  if (line.squares == 0) return {line.total_minor, line.total_minor};
  const double deviation = std::sqrt(line.squares);
  const double skewness = line.cubes / (line.squares * deviation);
  const double kurtosis = line.fourths / (line.squares * line.squares);
  const auto quantile = [&](double z) {
    const double square = z * z;
    const double w = z + (square - 1) * skewness / 6 + z * (square - 3) * kurtosis / 24 -
                     z * (2 * square - 5) * skewness * skewness / 36;
    return line.total_minor + std::llround(deviation * w);
  };
  constexpr double kNormal = 1.959963984540054;  // of kIntervalLevel
  Interval interval{quantile(-kNormal), quantile(kNormal)};
  // Shares of one sign never sum to the other.
  if (!line.has_loss) interval.low_minor = std::max<std::int64_t>(interval.low_minor, 0);
  if (!line.has_gain) interval.high_minor = std::min<std::int64_t>(interval.high_minor, 0);
  return interval;
}

}  // namespace tl::server
