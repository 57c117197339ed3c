// SPDX-License-Identifier: Apache-2.0
// Markov models that learned from a site's paths (training.hpp), as they are kept and as they take
// part in credits: a conversion is split over its touches by the removal effects of their channels
// (docs/attribution.md, per-conversion form). They describe observed paths and do not measure
// incrementality.
#pragma once

#include "models/chain.hpp"
#include "throughline/channel.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

struct LearnedChannel {
  Channel channel = Channel::unknown;
  double effect = 0;           // removal effect, of conversions
  double effect_of_value = 0;  // and of their value
};

struct TrainedModel {
  std::string kind;              // of the conversions
  std::uint32_t order = 1;       // of the chain
  std::int64_t version = 0;      // of the training, from 1
  int from_day = 0, to_day = 0;  // local days, both inclusive
  std::int64_t trained_ms = 0;
  std::string rules;     // of the paths (attribution_rules.hpp)
  std::string currency;  // of value_minor; conversions in others count without a value
  std::int64_t conversions = 0, value_minor = 0;  // with a path
  std::int64_t failed = 0;                        // journeys without a conversion
  std::int64_t states = 0;
  std::string refused;                   // why there is no model; then no channels
  std::vector<LearnedChannel> channels;  // in byte order of their names

  // Of a journey; what the chain says with all its channels too.
  [[nodiscard]] double p_conversion() const {
    return static_cast<double>(conversions) / static_cast<double>(conversions + failed);
  }
  // By channel, for models::weigh_by_effect.
  [[nodiscard]] std::vector<std::uint64_t> weights() const;
};

// "markov_1_per_conversion": the stored name of its credits.
std::string trained_model_name(std::uint32_t order);
// 0: the name is no trained model's.
std::uint32_t trained_model_order(std::string_view name);

}  // namespace tl::server
