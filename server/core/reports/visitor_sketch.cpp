// SPDX-License-Identifier: Apache-2.0
// A hash's upper 12 bits choose the register, the place of the first one among the other 20 is its
// value (1 to 21).

#include "server/core/reports/visitor_sketch.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

namespace tl::server {
namespace {

constexpr int kIndexBits = 12;
constexpr int kRankBits = 32 - kIndexBits;
// Added between two sorts: no more than may be few, or what is many is sorted for nothing.
constexpr std::size_t kUnsorted = VisitorSketch::kMostExact;

// A report merges thousands of sketches, and a compiler that may not assume that they lie apart
// takes them byte by byte.
using Lanes = std::uint8_t __attribute__((vector_size(16)));
static_assert(VisitorSketch::kRegisters % sizeof(Lanes) == 0);

std::uint64_t shift_and_multiply(std::uint64_t x, std::uint64_t first, std::uint64_t second) {
  x ^= x >> 33;
  x *= first;
  x ^= x >> 33;
  x *= second;
  return x ^ (x >> 33);
}

// The finaliser of MurmurHash3: every input bit reaches every output bit.
std::uint64_t mix(std::uint64_t x) {
  return shift_and_multiply(x, 0xff51afd7ed558ccdULL, 0xc4ceb9fe1a85ec53ULL);
}

// What mix() made the number from: a shift by more than half undoes itself, and these are the
// factors' inverses.
std::uint64_t unmix(std::uint64_t x) {
  return shift_and_multiply(x, 0x9cb4b2f8129337dbULL, 0x4f74430c22a54005ULL);
}

std::uint64_t word(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | bytes[i];
  return value;
}

std::uint32_t read_hash(const char* bytes) {
  const auto byte = [bytes](int i) { return std::uint32_t{static_cast<std::uint8_t>(bytes[i])}; };
  return byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
}

std::uint8_t rank_of(std::uint32_t hash) {
  const std::uint32_t rest = hash << kIndexBits | 1U << (kIndexBits - 1);
  return static_cast<std::uint8_t>(std::countl_zero(rest) + 1);
}

// Ertl's sigma and tau: what empty and full registers contribute.
double sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double y = 1, z = x, before = -1;
  while (z != before) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}
double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1, z = 1 - x, before = -1;
  while (z != before) {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

}  // namespace

std::uint32_t VisitorSketch::hash_of(const Id128& anonymous_id) {
  const std::uint64_t high = word(anonymous_id.bytes.data());
  const std::uint64_t low = word(anonymous_id.bytes.data() + 8);
  return static_cast<std::uint32_t>(mix(high ^ mix(low)) >> 32);
}

void VisitorSketch::raise(std::uint32_t hash) {
  std::uint8_t& value = registers_[hash >> kRankBits];
  value = std::max(value, rank_of(hash));
}

bool VisitorSketch::holds(std::string_view bytes, const std::vector<std::uint32_t>& hashes) {
  const bool is_dense = bytes.size() == kRegisters;
  return std::all_of(hashes.begin(), hashes.end(), [&](std::uint32_t hash) {
    if (is_dense) return static_cast<std::uint8_t>(bytes[hash >> kRankBits]) >= rank_of(hash);
    std::size_t from = 0, to = bytes.size() / 4;
    while (from < to) {
      const std::size_t middle = (from + to) / 2;
      if (read_hash(bytes.data() + 4 * middle) < hash)
        from = middle + 1;
      else
        to = middle;
    }
    return 4 * from < bytes.size() && read_hash(bytes.data() + 4 * from) == hash;
  });
}

void VisitorSketch::add_hash(std::uint32_t hash) {
  if (!registers_.empty()) return raise(hash);
  hashes_.push_back(hash);
  if (hashes_.size() - settled_ >= kUnsorted) settle();
}

void VisitorSketch::remove_hash(std::uint32_t hash) {
  settle();
  const auto found = std::lower_bound(hashes_.begin(), hashes_.end(), hash);
  if (found == hashes_.end() || *found != hash) return;
  hashes_.erase(found);
  settled_ = hashes_.size();
}

Id128 VisitorSketch::stand_in(const Id128& anonymous_id, const Id128& random) {
  const std::uint64_t high = word(random.bytes.data()), low = word(random.bytes.data() + 8);
  const std::uint32_t hash = hash_of(anonymous_id);
  // The register and the bits up to the first one stay.
  const int fixed = kIndexBits + std::min(std::countl_zero(hash << kIndexBits) + 1, kRankBits);
  const std::uint32_t free_bits = fixed == 32 ? 0 : ~std::uint32_t{0} >> fixed;
  const std::uint32_t wanted =
      (hash & ~free_bits) | (static_cast<std::uint32_t>(high >> 32) & free_bits);
  const std::uint64_t mixed = std::uint64_t{wanted} << 32 | (high & 0xffffffffULL);
  const std::uint64_t first = unmix(mixed) ^ mix(low);
  Id128 id = random;
  for (int i = 0; i < 8; ++i)
    id.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(first >> (56 - 8 * i));
  return id;
}

void VisitorSketch::settle() {
  if (!registers_.empty() || settled_ == hashes_.size()) return;
  const auto added = hashes_.begin() + static_cast<std::ptrdiff_t>(settled_);
  std::sort(added, hashes_.end());
  std::inplace_merge(hashes_.begin(), added, hashes_.end());
  hashes_.erase(std::unique(hashes_.begin(), hashes_.end()), hashes_.end());
  settled_ = hashes_.size();
  if (settled_ <= kMostExact) return;
  registers_.assign(kRegisters, 0);
  for (const std::uint32_t hash : hashes_) raise(hash);
  hashes_.clear();
  settled_ = 0;
}

void VisitorSketch::merge(std::string_view bytes) {
  if (bytes.size() == kRegisters) {
    if (registers_.empty()) {
      registers_.assign(kRegisters, 0);
      for (const std::uint32_t hash : hashes_) raise(hash);
      hashes_.clear();
      settled_ = 0;
    }
    for (std::size_t at = 0; at < kRegisters; at += sizeof(Lanes)) {
      Lanes mine, other;
      std::memcpy(&mine, registers_.data() + at, sizeof(Lanes));
      std::memcpy(&other, bytes.data() + at, sizeof(Lanes));
      mine = mine > other ? mine : other;
      std::memcpy(registers_.data() + at, &mine, sizeof(Lanes));
    }
    return;
  }
  if (bytes.size() > 4 * kMostExact) return;
  const bool is_first = hashes_.empty() && registers_.empty();
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) add_hash(read_hash(bytes.data() + at));
  // bytes() gives them sorted.
  if (is_first && std::is_sorted(hashes_.begin(), hashes_.end(), std::less_equal<>()))
    settled_ = hashes_.size();
}

std::string VisitorSketch::bytes() {
  settle();
  if (!registers_.empty()) return {registers_.begin(), registers_.end()};
  std::string text(hashes_.size() * 4, '\0');
  char* at = text.data();
  for (const std::uint32_t hash : hashes_)
    for (int shift = 24; shift >= 0; shift -= 8) *at++ = static_cast<char>(hash >> shift);
  return text;
}

std::int64_t VisitorSketch::count() {
  settle();
  if (registers_.empty()) return static_cast<std::int64_t>(hashes_.size());
  std::array<int, kRankBits + 2> with{};
  for (const std::uint8_t value : registers_) ++with[value];
  const double m = kRegisters;
  double z = m * tau(1 - with[kRankBits + 1] / m);
  for (int rank = kRankBits; rank >= 1; --rank)
    z = 0.5 * (z + with[static_cast<std::size_t>(rank)]);
  z += m * sigma(with[0] / m);
  constexpr double kAlpha = 0.72134752044448170368;  // 1 / (2 ln 2)
  return std::llround(kAlpha * m * m / z);
}

}  // namespace tl::server
