// SPDX-License-Identifier: Apache-2.0
// Models that give a conversion to one touch: first, last, last non-direct. last_non_direct sees
// the path before direct touches are removed; a path of direct touches only gives all to its last
// one.
#include "models/weigh.hpp"

#include <algorithm>

namespace tl::models {
namespace {

void give_all(Weights weights, std::size_t position) {
  std::fill(weights.begin(), weights.end(), 0);
  weights[position] = 1;
}

}  // namespace

void weigh_first(const ModelConfig&, Steps, Weights weights) {
  give_all(weights, 0);
}

void weigh_last(const ModelConfig&, Steps, Weights weights) {
  give_all(weights, weights.size() - 1);
}

void weigh_last_non_direct(const ModelConfig&, Steps steps, Weights weights) {
  std::size_t position = steps.size();
  while (position > 0 && steps[position - 1].channel == Channel::direct) --position;
  give_all(weights, (position > 0 ? position : steps.size()) - 1);
}

}  // namespace tl::models
