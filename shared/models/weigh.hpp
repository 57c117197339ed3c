// SPDX-License-Identifier: Apache-2.0
// The weight functions behind the rows of the model table, one file a family. Private to the
// models. Each writes one weight a step, not all zero; steps is not empty and the sizes are equal.
#pragma once

#include "models/model.hpp"

#include <cstdint>
#include <span>

namespace tl::models {

using Steps = std::span<const Step>;
using Weights = std::span<std::uint64_t>;

#define TL_MODEL(number, name, applies_direct_rule, is_additive, weigh) \
  void weigh(const ModelConfig& config, Steps steps, Weights weights);
#include "models/model_list.inc"
#undef TL_MODEL

}  // namespace tl::models
