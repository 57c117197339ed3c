// SPDX-License-Identifier: Apache-2.0
// Paths on their way into a table, which takes a hundred or so at a time.
#pragma once

#include "server/attribute/path_table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>

namespace tl::server::attribute {

class PathBatch {
 public:
  explicit PathBatch(PathTable& table) : table_(table) {}

  // Where the next path's code is written: kMaxPathCode bytes and one step more.
  [[nodiscard]] char* room() { return room_.get() + used_; }
  // Takes the path that was written to room(), of `size` <= kMaxPathCode bytes. false: the table
  // did not take all (PathTable::add).
  bool push(std::size_t size, const PathTable::Counts& counts) {
    PathTable::Row& row = rows_[count_++];
    row.code = {room(), size};
    row.counts = counts;
    used_ += size;
    return (count_ < kRows && used_ < kCodes) || flush();
  }
  // Adds all to the table.
  bool flush() {
    const bool are_added = table_.add(std::span(rows_).first(count_));
    count_ = used_ = 0;
    return are_added;
  }

 private:
  static constexpr std::size_t kRows = 128, kCodes = 1 << 14;

  PathTable& table_;
  std::unique_ptr<char[]> room_ = std::make_unique_for_overwrite<char[]>(
      kCodes + kMaxPathCode + std::max(kMaxStepCode, kWordBytes));
  std::size_t used_ = 0;
  std::array<PathTable::Row, kRows> rows_;
  std::size_t count_ = 0;
};

}  // namespace tl::server::attribute
