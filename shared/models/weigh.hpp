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

// single_touch.cpp: all to one touch.
void weigh_first(const ModelConfig& config, Steps steps, Weights weights);
void weigh_last(const ModelConfig& config, Steps steps, Weights weights);
void weigh_last_non_direct(const ModelConfig& config, Steps steps, Weights weights);
// position_based.cpp: by place in the path.
void weigh_linear(const ModelConfig& config, Steps steps, Weights weights);
void weigh_u(const ModelConfig& config, Steps steps, Weights weights);
void weigh_j(const ModelConfig& config, Steps steps, Weights weights);
void weigh_inverse_j(const ModelConfig& config, Steps steps, Weights weights);
void weigh_position(const ModelConfig& config, Steps steps, Weights weights);
// time_decay.cpp: by age.
void weigh_time_decay(const ModelConfig& config, Steps steps, Weights weights);

}  // namespace tl::models
