// SPDX-License-Identifier: Apache-2.0
// Models that reward the touches before milestones. W-shaped: 30 % each for the first touch and the
// ones that hold lead and opportunity; full-path: 22.5 % each for these and for the last one
// (close). The other touches share 10 %. A touch with two milestones gets both shares; what never
// happened is left out and the rest keeps its proportions. With m other touches the integers are
//   W:  3m a milestone, 1 each other       full-path:  9m a milestone, 4 each other
#include "models/weigh.hpp"

#include <algorithm>
#include <cstddef>

namespace tl::models {
namespace {

void weigh_milestones(Steps steps, std::uint64_t milestone, std::uint64_t other, bool has_close,
                      Weights weights) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    weights[i] = i == 0 ? 1 : 0;
    for (const Milestone each : kMilestones)
      if ((steps[i].milestones & each) != 0) ++weights[i];
  }
  if (has_close) ++weights.back();

  const auto others = static_cast<std::uint64_t>(std::count(weights.begin(), weights.end(), 0));
  const std::uint64_t share = milestone * std::max<std::uint64_t>(others, 1);
  for (std::uint64_t& weight : weights) weight = weight == 0 ? other : weight * share;
}

}  // namespace

void weigh_w_shaped(const ModelConfig&, Steps steps, Weights weights) {
  weigh_milestones(steps, 3, 1, false, weights);
}

void weigh_full_path(const ModelConfig&, Steps steps, Weights weights) {
  weigh_milestones(steps, 9, 4, true, weights);
}

}  // namespace tl::models
