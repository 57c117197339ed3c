// SPDX-License-Identifier: Apache-2.0
// Attribution models: a model turns the path of a conversion into one non-negative integer weight
// per touch; everything else (eligibility, exact split, refunds) is the same for all of them.
// Models are lines of one table (model_list.inc). Weights that come from training (removal effects)
// enter by credit_by_weights. Definitions: docs/attribution.md. Pure, no allocation, same integers
// natively and in WebAssembly.
#pragma once

#include "models/credit.hpp"
#include "models/path.hpp"
#include "throughline/out.hpp"
#include "throughline/result.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace tl::models {

// Stored. position is the site's own first/middle/last; the other names are their definitions'.
enum class Model : std::uint8_t {
#define TL_MODEL(number, name, applies_direct_rule, is_additive, weigh) name = (number),
#include "models/model_list.inc"
#undef TL_MODEL
};

struct ModelConfig {
  Model model = Model::last_non_direct;
  // time_decay: exp(-age / tau); with half_life_ms > 0, 2^(-age / half life) instead.
  std::int64_t tau_ms = 24LL * 3600 * 1000;
  std::int64_t half_life_ms = 0;
  // position: shares of the first, of all middle touches together, and of the last one, in any
  // unit. The middle is ignored for two touches.
  std::uint32_t first = 40, middle = 20, last = 40;

  friend bool operator==(const ModelConfig& a, const ModelConfig& b) {
    return a.model == b.model && a.tau_ms == b.tau_ms && a.half_life_ms == b.half_life_ms &&
           a.first == b.first && a.middle == b.middle && a.last == b.last;
  }
};

// The stable text name: "linear", "time_decay:tau_ms=86400000",
// "time_decay:half_life_ms=604800000", "position:first=40:middle=20:last=40". It is the key under
// which credits are stored.
void write_model(const ModelConfig& config, Out& out);
// Reads what write_model writes; without parameters the defaults above; "-" counts as "_", "custom"
// as "position".
// Errors: invalid (unknown_model, bad_model_parameter).
Result<ModelConfig> parse_model(std::string_view text);

struct ModelInfo {
  Model model{};
  std::string_view name;
  bool applies_direct_rule = true;  // false: sees direct touches that the direct rule would remove
  // false: every step with a weight gets the whole conversion, so credits do not sum to it and are
  // reported apart.
  bool is_additive = true;
  // One weight a step, not all zero; steps is not empty; same size.
  void (*weigh)(const ModelConfig& config, std::span<const Step> steps,
                std::span<std::uint64_t> weights) = nullptr;
};
std::span<const ModelInfo> all_models();
const ModelInfo& model_info(Model model);

inline constexpr std::uint32_t kUnattributed = 0xFFFFFFFF;
inline constexpr std::string_view kUnattributedChannel = "unattributed";

// One credit row. Shares of zero are rows too.
struct Credit {
  std::uint32_t touch = kUnattributed;  // index into the caller's touches
  std::int64_t value_minor = 0;
  std::int64_t conversions_micro = 0;  // of an additive model, all rows together: 1,000,000
};

// Credits of an eligible path: as many as steps; without steps one unattributed row with
// everything. Returns the number of rows. Errors: invalid (credits_too_small, too_many_shares).
Result<std::size_t> credit_path(const ModelConfig& config, std::span<const Step> steps,
                                std::int64_t value_minor, std::span<Credit> credits);

// The same with the caller's weights, one a step. Errors: also invalid (no_weight, share_count).
Result<std::size_t> credit_by_weights(std::span<const std::uint64_t> weights,
                                      std::span<const Step> steps, std::int64_t value_minor,
                                      std::span<Credit> credits);

struct Attribution {
  std::size_t count = 0;  // rows written
  bool is_truncated = false;
  bool is_suppressed = false;  // no rows: a later conversion under first_only
};

// Both steps at once. `touches` in any order; `scratch` holds at least touches.size(), `credits` at
// least min(touches.size(), kMaxPath) and one. For a refund call it again with the net value.
// Errors: invalid (path_scratch_too_small, credits_too_small, bad_lookback, no_weight).
Result<Attribution> attribute(const AttributionRules& rules, const ModelConfig& config,
                              const ConversionTime& conversion, std::int64_t value_minor,
                              std::span<const PathTouch> touches, std::span<Step> scratch,
                              std::span<Credit> credits);

}  // namespace tl::models
