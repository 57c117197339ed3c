// SPDX-License-Identifier: Apache-2.0
// Removal effects of a Markov chain, exactly: RE(g) = 1 - P_without_g(conversion) / P(conversion)
// is the probability that a converting walk visits channel g, and the same weighted by value.
// Solved, never simulated, from one inverse N = (I - Q)^-1 for all channels: with x the expected
// visits from start, u the probability of conversion from each state, and G the states that hold g,
// the first entries into G are x_G * (N_GG)^-1, so
//     RE(g) * P = x_G * (N_GG)^-1 * u_G
// Doubles inside, no C library, same bits natively and in WebAssembly.
#pragma once

#include "models/chain.hpp"
#include "models/credit.hpp"
#include "models/path.hpp"
#include "throughline/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace tl::models {

struct ChainTotals {
  std::size_t states = 0;
  double p_conversion = 0;
  double expected_value = 0;  // of one walk
};

// `of_conversions` and `of_value` get one number in [0, 1] a channel (of value also outside, where
// values are negative; 0 everywhere when all value sums to nothing).
struct RemovalEffects {
  std::span<double> of_conversions;
  std::span<double> of_value;
};

// Windows with any traffic, and paths shorter than one, each a state by itself.
std::size_t count_states(const Chain& chain);

// Doubles of scratch that solving needs.
std::size_t removal_scratch(const Chain& chain);

// Errors: invalid (no_conversions: there is no model without any; effects_too_small,
// removal_scratch_too_small), too_large (too_many_states: more windows than
// kMaxChainStates).
Result<ChainTotals> removal_effects(const Chain& chain, const RemovalEffects& effects,
                                    std::span<double> scratch);

// A removal effect as an integer weight: 2^40 times it, to the nearest.
std::uint64_t effect_weight(double effect);

// Channel-level credit: the amount split over channels by their effects (kMaxShares channels at
// most, in byte order of their names). Errors: those of split_exactly.
Result<void> credit_channels(std::span<const double> effects, std::int64_t amount,
                             std::span<std::int64_t> shares);

// Per-order form: weights of the steps by the effects of their channels, for credit_by_weights. Its
// totals per channel differ from the channel-level credit. `weight_of_code` is indexed by
// ChannelKey::code(). Where no channel of the path has any effect every step weighs the same.
void weigh_by_effect(std::span<const std::uint64_t> weight_of_code, std::span<const Step> steps,
                     std::span<std::uint64_t> weights);

}  // namespace tl::models
