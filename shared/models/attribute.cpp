// SPDX-License-Identifier: Apache-2.0
// From a path to credit rows: weigh, then split value and conversion by the same weights.
#include "models/model.hpp"

#include <algorithm>
#include <array>

namespace tl::models {
namespace {

Result<void> check_room(std::span<const Step> steps, std::span<Credit> credits) {
  if (credits.size() < std::max<std::size_t>(steps.size(), 1))
    return Error{ErrorKind::invalid, "credits_too_small"};
  if (steps.size() > kMaxPath) return Error{ErrorKind::invalid, "too_many_shares"};
  return {};
}

}  // namespace

Result<std::size_t> credit_by_weights(std::span<const std::uint64_t> weights,
                                      std::span<const Step> steps, std::int64_t value_minor,
                                      std::span<Credit> credits) {
  TL_CHECK(check_room(steps, credits));
  if (steps.empty()) {
    credits[0] = {kUnattributed, value_minor, kWholeConversionMicro};
    return std::size_t{1};
  }
  const std::size_t count = steps.size();
  std::array<std::int64_t, kMaxPath> share_room;
  const auto shares = std::span(share_room).first(count);
  TL_CHECK(split_exactly(value_minor, weights, shares));
  for (std::size_t i = 0; i < count; ++i) credits[i] = {steps[i].index, shares[i], 0};
  TL_CHECK(split_exactly(kWholeConversionMicro, weights, shares));
  for (std::size_t i = 0; i < count; ++i) credits[i].conversions_micro = shares[i];
  return count;
}

Result<std::size_t> credit_path(const ModelConfig& config, std::span<const Step> steps,
                                std::int64_t value_minor, std::span<Credit> credits) {
  TL_CHECK(check_room(steps, credits));
  const ModelInfo& info = model_info(config.model);
  std::array<std::uint64_t, kMaxPath> weight_room;
  const auto weights = std::span(weight_room).first(steps.size());
  if (!steps.empty()) info.weigh(config, steps, weights);
  if (info.is_additive || steps.empty())
    return credit_by_weights(weights, steps, value_minor, credits);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool takes_part = weights[i] > 0;
    credits[i] = {steps[i].index, takes_part ? value_minor : 0,
                  takes_part ? kWholeConversionMicro : 0};
  }
  return steps.size();
}

Result<Attribution> attribute(const AttributionRules& rules, const ModelConfig& config,
                              const ConversionTime& conversion, std::int64_t value_minor,
                              std::span<const PathTouch> touches, std::span<Step> scratch,
                              std::span<Credit> credits) {
  TL_TRY(path, eligible_path(rules, conversion, model_info(config.model).applies_direct_rule,
                             touches, scratch, {}));
  Attribution attribution{0, path.is_truncated, path.is_suppressed};
  if (path.is_suppressed) return attribution;
  TL_TRY(count, credit_path(config, scratch.first(path.count), value_minor, credits));
  attribution.count = count;
  return attribution;
}

}  // namespace tl::models
