// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/trained_models.hpp"

#include "models/removal_effect.hpp"

namespace tl::server {

std::vector<std::uint64_t> TrainedModel::weights() const {
  std::vector<std::uint64_t> by_code;
  for (const auto& learned : channels) {
    const std::uint32_t code = models::ChannelKey(learned.channel).code();
    if (code >= by_code.size()) by_code.resize(code + 1);
    by_code[code] = models::effect_weight(learned.effect);
  }
  return by_code;
}

std::string trained_model_name(std::uint32_t order) {
  return "markov_" + std::to_string(order) + "_per_conversion";
}

std::uint32_t trained_model_order(std::string_view name) {
  for (std::uint32_t order = 1; order <= models::kMaxChainOrder; ++order)
    if (name == trained_model_name(order)) return order;
  return 0;
}

}  // namespace tl::server
