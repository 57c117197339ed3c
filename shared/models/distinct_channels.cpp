// SPDX-License-Identifier: Apache-2.0
// Models over the set of channels of a path; a channel's share stands on its first touch.
// shapley: the Shapley value of the game "conversions of journeys inside a set of channels" divides
// a journey equally among its distinct channels (Zhao, Mahboobi, Bagheri 2018, arXiv 1804.05327),
// so this row by row is the exact value, without any enumeration. participation: each gets the
// whole.
#include "models/weigh.hpp"

#include <algorithm>
#include <cstddef>

namespace tl::models {

void weigh_distinct_channels(const ModelConfig&, Steps steps, Weights weights) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto before = steps.first(i);
    const bool is_first = std::none_of(before.begin(), before.end(), [&](const Step& step) {
      return step.channel == steps[i].channel;
    });
    weights[i] = is_first ? 1 : 0;
  }
}

}  // namespace tl::models
