// SPDX-License-Identifier: Apache-2.0
// Largest remainder over 128-bit products. The amount's magnitude is below 2^64 and so is a weight,
// so amount * weight fits 128 bits and every share fits 64.
#include "models/credit.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace tl::models {
namespace {

__extension__ using Wide = unsigned __int128;

struct Fraction {
  Wide remainder;
  std::uint32_t position;
};

std::uint64_t magnitude(std::int64_t amount) {
  const auto bits = static_cast<std::uint64_t>(amount);
  return amount < 0 ? 0 - bits : bits;
}

// Two's complement of a magnitude up to 2^63, so the smallest int64 comes back as itself.
std::int64_t with_sign(std::uint64_t share, bool is_negative) {
  return static_cast<std::int64_t>(is_negative ? 0 - share : share);
}

}  // namespace

Result<void> split_exactly(std::int64_t amount, std::span<const std::uint64_t> weights,
                           std::span<std::int64_t> shares) {
  const std::size_t count = weights.size();
  if (count > kMaxShares) return Error{ErrorKind::invalid, "too_many_shares"};
  if (shares.size() != count) return Error{ErrorKind::invalid, "share_count"};
  Wide total = 0;
  for (const std::uint64_t weight : weights) total += weight;
  if (total == 0) return Error{ErrorKind::invalid, "no_weight"};

  const std::uint64_t whole = magnitude(amount);
  std::array<Fraction, kMaxShares> fractions;
  std::array<std::uint64_t, kMaxShares> floors;
  std::uint64_t left = whole;
  for (std::size_t i = 0; i < count; ++i) {
    const Wide product = Wide{whole} * weights[i];
    floors[i] = static_cast<std::uint64_t>(product / total);
    fractions[i] = {product % total, static_cast<std::uint32_t>(i)};
    left -= floors[i];
  }

  // The floors lose less than one unit a share, so `left` < count.
  const auto end = fractions.begin() + static_cast<std::ptrdiff_t>(count);
  const auto raised = fractions.begin() + static_cast<std::ptrdiff_t>(left);
  std::nth_element(fractions.begin(), raised, end, [](const Fraction& a, const Fraction& b) {
    return a.remainder != b.remainder ? a.remainder > b.remainder : a.position < b.position;
  });
  for (auto fraction = fractions.begin(); fraction != raised; ++fraction)
    ++floors[fraction->position];

  for (std::size_t i = 0; i < count; ++i) shares[i] = with_sign(floors[i], amount < 0);
  return {};
}

std::int64_t net_value(std::int64_t value_minor, std::int64_t refunded_minor) {
  if (refunded_minor <= 0 || value_minor <= 0) return value_minor;
  return refunded_minor >= value_minor ? 0 : value_minor - refunded_minor;
}

}  // namespace tl::models
