// SPDX-License-Identifier: Apache-2.0
#include "models/chain.hpp"

#include <algorithm>

namespace tl::models {

std::size_t Chain::row_limit(std::size_t channels, std::uint32_t order) {
  std::size_t rows = 1, windows = 1;
  for (std::uint32_t i = 0; i < order; ++i) {
    windows = std::min(windows * channels, 2 * kMaxChainStates);
    rows += windows;
  }
  // Prefixes are few beside windows, so twice the states are room for both.
  return std::min(rows, 2 * kMaxChainStates + 1);
}

Chain::Chain(std::size_t channels, std::uint32_t order, std::span<Row> rows, std::span<Cell> cells)
    : channels_(channels), order_(order), rows_(rows), cells_(cells) {}

std::uint32_t Chain::extend(std::uint32_t row, std::uint32_t channel) {
  const Row& from = rows_[row];
  std::uint16_t window[kMaxChainOrder + 1];
  std::copy_n(from.window, from.length, window);
  window[from.length] = static_cast<std::uint16_t>(channel);
  const bool is_full = from.length == order_;
  const std::uint16_t* const first = window + (is_full ? 1 : 0);
  const auto length = static_cast<std::uint16_t>(is_full ? order_ : from.length + 1U);

  // Down the trie, making what is missing.
  std::uint32_t at = 0;
  for (std::uint16_t depth = 0; depth < length; ++depth) {
    Cell& cell = cells_[at * channels_ + first[depth]];
    if (cell.next == 0) {
      if (used_ == rows_.size()) return 0;
      Row& made = rows_[used_];
      std::copy_n(first, depth + 1, made.window);
      made.length = static_cast<std::uint16_t>(depth + 1);
      cell.next = static_cast<std::uint32_t>(used_++);
    }
    at = cell.next;
  }
  return at;
}

}  // namespace tl::models
