// SPDX-License-Identifier: Apache-2.0
#include "models/removal_effect.hpp"

#include "models/dense_inverse.hpp"

#include <algorithm>
#include <array>

namespace tl::models {
namespace {

using Row = Chain::Row;

bool holds(const Row& row, std::size_t channel) {
  return std::find(row.window, row.window + row.length, channel) != row.window + row.length;
}

// Everything that leaves a row; what comes back to itself does not leave.
std::uint64_t outflow(const Chain& chain, std::size_t row) {
  std::uint64_t out = chain.rows()[row].conversions + chain.rows()[row].nulls;
  for (const Chain::Cell& cell : chain.cells_of(row))
    if (cell.next != row) out += cell.count;
  return out;
}

bool is_window(const Chain& chain, std::size_t row) {
  return chain.rows()[row].length == chain.order() && outflow(chain, row) > 0;
}

// A prefix at which paths end, too. It only ends, so it needs no place among what is solved.
bool is_short_path(const Chain& chain, std::size_t row) {
  const Row& path = chain.rows()[row];
  return path.length < chain.order() && path.conversions + path.nulls > 0;
}

bool precedes(const Row& a, const Row& b) {
  return std::lexicographical_compare(a.window, a.window + a.length, b.window, b.window + b.length);
}

// The chain as numbers, in scratch memory. Vectors hold one entry a state, by two columns where a
// conversion and a value go side by side.
class Solver {
 public:
  Solver(const Chain& chain, std::span<double> scratch) : chain_(chain), scratch_(scratch) {
    for (std::size_t row = 0; row < chain.rows().size(); ++row)
      if (is_window(chain, row)) row_of_[states_++] = static_cast<std::uint32_t>(row);
    // By window, so that the order in which paths came does not touch a bit of the result.
    std::sort(row_of_.begin(), row_of_.begin() + static_cast<std::ptrdiff_t>(states_),
              [&](std::uint32_t a, std::uint32_t b) {
                return precedes(chain.rows()[a], chain.rows()[b]);
              });
    for (std::size_t i = 0; i < states_; ++i) state_of_[row_of_[i]] = static_cast<std::uint32_t>(i);
    size_ = padded(states_);
    inverse_ = take(size_ * size_);
    starts_ = take(states_);
    visits_ = take(states_);
    ends_ = take(2 * states_);
    outcomes_ = take(2 * states_);
  }

  ChainTotals run(const RemovalEffects& effects) {
    count_starts();
    fill_matrix();
    invert(inverse_, size_, scratch_);
    follow();
    ChainTotals totals{count_states(chain_), short_.conversions, short_.value};
    for (std::size_t i = 0; i < states_; ++i) {
      totals.p_conversion += starts_[i] * outcomes_[2 * i];
      totals.expected_value += starts_[i] * outcomes_[2 * i + 1];
    }
    for (std::size_t channel = 0; channel < chain_.channels(); ++channel)
      measure(channel, totals, effects);
    return totals;
  }

 private:
  struct Outcome {
    double conversions = 0, value = 0;
  };

  std::span<double> take(std::size_t count) {
    const std::span<double> taken = scratch_.first(count);
    scratch_ = scratch_.subspan(count);
    return taken;
  }

  // From the last prefix each walk enters its first window. Paths that end before are outcomes of
  // their own.
  void count_starts() {
    std::uint64_t walks = 0;
    for (const Chain::Cell& cell : chain_.cells_of(0)) walks += cell.count;
    walks_ = static_cast<double>(walks);
    std::fill(starts_.begin(), starts_.end(), 0.0);
    for (std::size_t row = 0; row < chain_.rows().size(); ++row) {
      const Row& prefix = chain_.rows()[row];
      if (prefix.length + 1U == chain_.order())
        for (const Chain::Cell& cell : chain_.cells_of(row))
          if (cell.count > 0)
            starts_[state_of_[cell.next]] += static_cast<double>(cell.count) / walks_;
      if (prefix.length < chain_.order()) add_short(prefix, short_);
    }
  }

  void add_short(const Row& row, Outcome& outcome) const {
    outcome.conversions += static_cast<double>(row.conversions) / walks_;
    outcome.value += row.value.value() / walks_;
  }

  // I - Q, and what a state ends in.
  void fill_matrix() {
    std::fill(inverse_.begin(), inverse_.end(), 0.0);
    for (std::size_t i = 0; i < size_; ++i) inverse_[i * size_ + i] = 1;
    for (std::size_t i = 0; i < states_; ++i) {
      const std::uint32_t row = row_of_[i];
      const auto out = static_cast<double>(outflow(chain_, row));
      for (const Chain::Cell& cell : chain_.cells_of(row))
        if (cell.next != row && cell.count > 0)
          inverse_[i * size_ + state_of_[cell.next]] = -(static_cast<double>(cell.count) / out);
      ends_[2 * i] = static_cast<double>(chain_.rows()[row].conversions) / out;
      ends_[2 * i + 1] = chain_.rows()[row].value.value() / out;
    }
  }

  // outcomes = N * ends, visits = starts * N.
  void follow() {
    std::fill(visits_.begin(), visits_.end(), 0.0);
    std::fill(outcomes_.begin(), outcomes_.end(), 0.0);
    for (std::size_t i = 0; i < states_; ++i) {
      const double* const line = inverse_.data() + i * size_;
      for (std::size_t j = 0; j < states_; ++j) {
        outcomes_[2 * i] += line[j] * ends_[2 * j];
        outcomes_[2 * i + 1] += line[j] * ends_[2 * j + 1];
        visits_[j] += starts_[i] * line[j];
      }
    }
  }

  void measure(std::size_t channel, const ChainTotals& totals, const RemovalEffects& effects) {
    Outcome through;
    for (std::size_t row = 0; row < chain_.rows().size(); ++row) {
      const Row& prefix = chain_.rows()[row];
      if (prefix.length < chain_.order() && holds(prefix, channel)) add_short(prefix, through);
    }
    std::size_t count = 0;
    for (std::size_t i = 0; i < states_; ++i)
      if (holds(chain_.rows()[row_of_[i]], channel))
        group_[count++] = static_cast<std::uint32_t>(i);
    // Here the inverse's scratch is free again.
    const auto block = scratch_.first(count * count);
    const auto right = scratch_.subspan(count * count, 2 * count);
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < count; ++j)
        block[i * count + j] = inverse_[group_[i] * size_ + group_[j]];
      right[2 * i] = outcomes_[2 * group_[i]];
      right[2 * i + 1] = outcomes_[2 * group_[i] + 1];
    }
    solve(block, count, right, 2);
    for (std::size_t i = 0; i < count; ++i) {
      through.conversions += visits_[group_[i]] * right[2 * i];
      through.value += visits_[group_[i]] * right[2 * i + 1];
    }
    effects.of_conversions[channel] =
        std::clamp(through.conversions / totals.p_conversion, 0.0, 1.0);
    effects.of_value[channel] =
        totals.expected_value == 0 ? 0 : through.value / totals.expected_value;
  }

  const Chain& chain_;
  std::span<double> scratch_;
  std::size_t states_ = 0, size_ = 0;
  double walks_ = 0;
  Outcome short_;
  std::span<double> inverse_, starts_, visits_, ends_, outcomes_;
  std::array<std::uint32_t, kMaxChainStates> row_of_, group_;
  std::array<std::uint32_t, 2 * kMaxChainStates + 1> state_of_;
};

std::size_t count_windows(const Chain& chain) {
  std::size_t windows = 0;
  for (std::size_t row = 0; row < chain.rows().size(); ++row) windows += is_window(chain, row);
  return windows;
}

}  // namespace

std::size_t count_states(const Chain& chain) {
  std::size_t states = count_windows(chain);
  for (std::size_t row = 0; row < chain.rows().size(); ++row) states += is_short_path(chain, row);
  return states;
}

std::size_t removal_scratch(const Chain& chain) {
  const std::size_t states = count_windows(chain), size = padded(states);
  // States that hold one channel: one at order 1, else at most all.
  const std::size_t group = chain.order() == 1 ? 1 : states;
  return size * size + 6 * states + std::max(inverse_scratch(size), group * group + 2 * group);
}

Result<ChainTotals> removal_effects(const Chain& chain, const RemovalEffects& effects,
                                    std::span<double> scratch) {
  if (effects.of_conversions.size() < chain.channels() ||
      effects.of_value.size() < chain.channels())
    return Error{ErrorKind::invalid, "effects_too_small"};
  if (count_windows(chain) > kMaxChainStates) return Error{ErrorKind::too_large, "too_many_states"};
  if (std::none_of(chain.rows().begin(), chain.rows().end(),
                   [](const Row& row) { return row.conversions > 0; }))
    return Error{ErrorKind::invalid, "no_conversions"};
  if (scratch.size() < removal_scratch(chain))
    return Error{ErrorKind::invalid, "removal_scratch_too_small"};
  return Solver(chain, scratch).run(effects);
}

std::uint64_t effect_weight(double effect) {
  constexpr double kScale = 0x1p40;
  // NOLINTNEXTLINE(bugprone-incorrect-roundings): never negative, and lround is not for shared/
  return static_cast<std::uint64_t>(std::clamp(effect, 0.0, 1.0) * kScale + 0.5);
}

Result<void> credit_channels(std::span<const double> effects, std::int64_t amount,
                             std::span<std::int64_t> shares) {
  if (effects.size() > kMaxShares) return Error{ErrorKind::invalid, "too_many_shares"};
  std::array<std::uint64_t, kMaxShares> room;
  const auto weights = std::span(room).first(effects.size());
  std::transform(effects.begin(), effects.end(), weights.begin(), effect_weight);
  return split_exactly(amount, weights, shares);
}

void weigh_by_effect(std::span<const std::uint64_t> weight_of_code, std::span<const Step> steps,
                     std::span<std::uint64_t> weights) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::uint32_t code = steps[i].channel.code();
    weights[i] = code < weight_of_code.size() ? weight_of_code[code] : 0;
    total |= weights[i];
  }
  if (total == 0) std::fill(weights.begin(), weights.end(), 1);
}

}  // namespace tl::models
