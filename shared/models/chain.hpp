// SPDX-License-Identifier: Apache-2.0
// Counts of a Markov chain of order 1 to 3 over paths of channels, in the caller's memory.
// States are the windows of `order` consecutive channels; a shorter path is one state by itself. No
// padding: start goes to the first full window. A path with windows s1 … sm counts conversions +
// nulls on start -> s1 and every s_j -> s_j+1, conversions on sm -> conversion, nulls on sm ->
// null. A window equal to its predecessor (a,a,a at order 2) is merged into it. (The chain of the R
// package ChannelAttribution 2.2.4, src/ChannelAttribution.cpp.)
//
// Rows form a trie: row 0 is the start, the rows under it are prefixes, and at depth `order` the
// windows, whose links lead on to other windows. So counting a path is one look-up a step:
//   order 2, path a>b>c:   start -a-> (a) -b-> (a,b) -c-> (b,c)
#pragma once

#include "models/exact_sum.hpp"
#include "throughline/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace tl::models {

inline constexpr std::uint32_t kMaxChainOrder = 3;
inline constexpr std::size_t kMaxChainStates = 4096;

class Chain {
 public:
  struct Cell {
    std::uint64_t count = 0;
    std::uint32_t next = 0;  // row; 0: never gone
  };
  struct Row {
    std::uint64_t conversions = 0, nulls = 0;
    ExactSum value;
    std::uint16_t window[kMaxChainOrder] = {};
    std::uint16_t length = 0;
  };

  // How many rows are enough for any paths; for more than these the chain has too many states.
  static std::size_t row_limit(std::size_t channels, std::uint32_t order);

  // `rows` and `cells` (rows.size() * channels) value-initialised, alive as long as the chain.
  // 1 <= order <= kMaxChainOrder, channels < 65536.
  Chain(std::size_t channels, std::uint32_t order, std::span<Row> rows, std::span<Cell> cells);

  // `path` holds channel numbers below `channels`; an empty path belongs to no state and is
  // refused. `value_rest`: what rounding lost of a value that is a sum.
  // Errors: invalid (empty_path), too_large (too_many_states).
  template <class Channels>
  Result<void> add(const Channels& path, std::uint64_t conversions, double value,
                   std::uint64_t nulls, double value_rest = 0) {
    const std::uint64_t count = conversions + nulls;
    std::uint32_t row = 0;
    for (const auto step : path) {
      const auto channel = static_cast<std::uint32_t>(step);
      Cell* cell = &cells_[row * channels_ + channel];
      if (cell->next == 0) {
        cell->next = extend(row, channel);
        if (cell->next == 0) return Error{ErrorKind::too_large, "too_many_states"};
      }
      cell->count += count;
      row = cell->next;
    }
    if (row == 0) return Error{ErrorKind::invalid, "empty_path"};
    rows_[row].conversions += conversions;
    rows_[row].nulls += nulls;
    rows_[row].value.add(value);
    rows_[row].value.add(value_rest);
    return {};
  }

  [[nodiscard]] std::size_t channels() const { return channels_; }
  [[nodiscard]] std::uint32_t order() const { return order_; }
  [[nodiscard]] std::span<const Row> rows() const { return rows_.first(used_); }
  [[nodiscard]] std::span<const Cell> cells_of(std::size_t row) const {
    return cells_.subspan(row * channels_, channels_);
  }

 private:
  // The row of the window that follows `row` with `channel`; 0 when there is no room.
  std::uint32_t extend(std::uint32_t row, std::uint32_t channel);

  std::size_t channels_;
  std::uint32_t order_;
  std::span<Row> rows_;
  std::span<Cell> cells_;
  std::size_t used_ = 1;
};

}  // namespace tl::models
