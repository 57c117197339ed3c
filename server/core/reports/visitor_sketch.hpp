// SPDX-License-Identifier: Apache-2.0
// How many different visitors, in at most 4 KiB, mergeable over days and sources. The bytes are a
// pure function of the set of anonymous ids: the order of arrival, repeats and the way in which
// parts were merged never show.
//   up to 512 visitors   exact: their 32-bit hashes, sorted (two visitors share one with
//                        probability below 4e-5 at 512)
//   above                HyperLogLog, 4,096 registers of one byte; standard error 1.6 %
// Estimator: Ertl, "New cardinality estimation algorithms for HyperLogLog sketches"
// (arXiv:1702.01284, algorithm 6), unbiased over the whole range; good to 10^8 visitors.
#pragma once

#include "throughline/hash.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

class VisitorSketch {
 public:
  static constexpr std::size_t kRegisters = 4096;
  static constexpr std::size_t kMostExact = 512;

  VisitorSketch() = default;
  // What bytes() gave; anything else reads as no visitors.
  explicit VisitorSketch(std::string_view bytes) { merge(bytes); }

  // What stands for a visitor.
  static std::uint32_t hash_of(const Id128& anonymous_id);
  void add(const Id128& anonymous_id) { add_hash(hash_of(anonymous_id)); }
  void add_hash(std::uint32_t hash);
  void merge(std::string_view bytes);
  // Whether adding them to what bytes() gave changes nothing, which is most often so.
  static bool holds(std::string_view bytes, const std::vector<std::uint32_t>& hashes);
  // Of few visitors; of many nobody can be taken away, which stand_in() makes unnecessary.
  void remove_hash(std::uint32_t hash);
  // Another id that many sketches count alike: its hash has the same register and value, and is
  // random otherwise, as the id is. `random`: 16 random bytes.
  static Id128 stand_in(const Id128& anonymous_id, const Id128& random);

  [[nodiscard]] std::int64_t count();
  [[nodiscard]] std::string bytes();

 private:
  void settle();  // sorts what was added; becomes dense when there is too much of it
  void raise(std::uint32_t hash);

  // Few: hashes, sorted up to `settled_`, then as added. Many: registers, and no hashes.
  std::vector<std::uint32_t> hashes_;
  std::size_t settled_ = 0;
  std::vector<std::uint8_t> registers_;
};

}  // namespace tl::server
