// SPDX-License-Identifier: Apache-2.0
// Models that weigh a touch by its place. Shares first : middle : last become integers by scaling
// with the number of middle touches m = n - 2:   first * m, middle, …, middle, last * m. Two
// touches share first : last, the middle is ignored (40/20/40 -> 1 : 1, 20/20/60 -> 1 : 3).
#include "models/weigh.hpp"

#include <algorithm>

namespace tl::models {
namespace {

void weigh_places(std::uint64_t first, std::uint64_t middle, std::uint64_t last, Weights weights) {
  const std::size_t count = weights.size();
  if (count == 1) {
    weights[0] = 1;
    return;
  }
  // Nothing for either end and no middle touch: the two ends are all there is.
  if (count == 2 && first == 0 && last == 0) first = last = 1;
  const std::uint64_t scale = count == 2 ? 1 : count - 2;
  std::fill(weights.begin(), weights.end(), middle);
  weights.front() = first * scale;
  weights.back() = last * scale;
}

}  // namespace

void weigh_linear(const ModelConfig&, Steps, Weights weights) {
  std::fill(weights.begin(), weights.end(), 1);
}

void weigh_u(const ModelConfig&, Steps, Weights weights) {
  weigh_places(2, 1, 2, weights);
}

void weigh_j(const ModelConfig&, Steps, Weights weights) {
  weigh_places(1, 1, 3, weights);
}

void weigh_inverse_j(const ModelConfig&, Steps, Weights weights) {
  weigh_places(3, 1, 1, weights);
}

void weigh_position(const ModelConfig& config, Steps, Weights weights) {
  weigh_places(config.first, config.middle, config.last, weights);
}

}  // namespace tl::models
