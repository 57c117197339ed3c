// SPDX-License-Identifier: Apache-2.0
// Time decay: exp(-age / tau) or 2^(-age / half life). The conversion's time cancels when weights
// are normalised, so age is measured from the newest touch, whose weight is exactly 2^40: nothing
// underflows and a conversion that moves within the same window keeps its credits. Weights are
// integers, so the split is exact and the same everywhere.
#include "models/exp.hpp"
#include "models/weigh.hpp"

#include <algorithm>

namespace tl::models {
namespace {

constexpr double kLn2 = 0x1.62e42fefa39efp-1;

}  // namespace

void weigh_time_decay(const ModelConfig& config, Steps steps, Weights weights) {
  // Collapsed runs carry their last touch's time, so the newest step need not be the last one.
  std::int64_t newest_ms = steps[0].t_ms;
  for (const Step& step : steps) newest_ms = std::max(newest_ms, step.t_ms);

  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double age = static_cast<double>(static_cast<std::uint64_t>(newest_ms) -
                                           static_cast<std::uint64_t>(steps[i].t_ms));
    const double exponent = config.half_life_ms > 0
                                ? age / static_cast<double>(config.half_life_ms) * kLn2
                                : age / static_cast<double>(config.tau_ms);
    weights[i] = quantised_exp(-exponent);
  }
}

}  // namespace tl::models
