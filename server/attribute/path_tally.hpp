// SPDX-License-Identifier: Apache-2.0
// What the rule-based models need to know of many paths: how much stands on the first, the middle
// and the last touch of each channel, by length of path; and for the Shapley value on the i-th of n
// distinct channels. Every model is a combination of these sums, so one pass serves them all,
// counts stay integers and the order of the paths never shows.
#pragma once

#include "models/exact_sum.hpp"
#include "server/attribute/path_table.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace tl::server::attribute {

struct Credit {
  double conversions = 0, value = 0;
};

// Shares of the first touch, of all middle ones together and of the last one.
struct Shares {
  double first = 0, middle = 0, last = 0;
};

class PathTally {
 public:
  explicit PathTally(std::size_t channels) : channels_(channels), seen_(channels) {}

  // An empty path counts as unattributed.
  void add(std::span<const std::uint32_t> path, const PathTable::Counts& counts);
  void add(const PathTally& other);

  // Credits by channel number.
  [[nodiscard]] std::vector<Credit> linear() const;
  [[nodiscard]] std::vector<Credit> positions(const Shares& shares) const;
  [[nodiscard]] std::vector<Credit> shapley() const;
  // shapley()'s credit by the place of the channel's first touch among the distinct ones:
  // result[channel][place].
  [[nodiscard]] std::vector<std::vector<Credit>> shapley_by_place() const;

  [[nodiscard]] Credit unattributed() const;
  [[nodiscard]] bool has_empty_path() const { return has_empty_path_; }
  [[nodiscard]] std::uint64_t conversions() const { return conversions_; }
  [[nodiscard]] double value() const { return value_.value(); }

 private:
  struct Sum {
    std::uint64_t conversions = 0;
    models::ExactSum value;

    void add(const PathTable::Counts& counts) {
      conversions += counts.conversions;
      value.add(counts.value);
      value.add(counts.value_rest);
    }
    void add(const Sum& other) {
      conversions += other.conversions;
      value.add(other.value);
    }
  };
  using Table = std::vector<std::vector<Sum>>;  // [row][column]; empty rows had nothing

  static std::vector<Sum>& row(Table& table, std::size_t index, std::size_t columns);
  static void merge(Table& into, const Table& from);

  std::size_t channels_;
  Table by_length_;    // [steps]: first, middle and last of each channel
  Table by_distinct_;  // [place of place among n distinct, triangular]: each channel
  Sum unattributed_;
  bool has_empty_path_ = false;
  std::uint64_t conversions_ = 0;  // of paths with steps
  models::ExactSum value_;
  std::vector<std::uint64_t> seen_;  // by channel: the last path it was on
  std::uint64_t path_number_ = 0;
  std::vector<std::uint32_t> distinct_;
};

}  // namespace tl::server::attribute
