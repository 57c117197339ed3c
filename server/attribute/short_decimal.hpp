// SPDX-License-Identifier: Apache-2.0
// Numbers of at most eight characters, all their digits at once: most counts and amounts of a path
// file. What is refused here may still be a number for decimal.hpp.
#pragma once

#include "server/attribute/text_words.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>

namespace tl::server::attribute {

namespace short_decimal {

// A number below 10^8 of eight digits, the first one lowest; each 0 to 9.
inline std::uint32_t number_of(std::uint64_t digits) {
  digits = digits * 10 + (digits >> 8);  // pairs in every other byte
  constexpr std::uint64_t kPairs = 0x000000FF000000FF;
  return static_cast<std::uint32_t>(
      ((digits & kPairs) * (100 + (std::uint64_t{1000000} << 32)) +
       (digits >> 16 & kPairs) * (1 + (std::uint64_t{10000} << 32))) >>
      32);
}

// `text`: `size` characters, 0 to 8, the first one lowest, zeros behind them. false: not all are
// digits.
inline bool read(std::uint64_t text, std::size_t size, std::uint32_t& number) {
  constexpr std::uint64_t kZeros = 0x3030303030303030;
  if (size == 0) return false;
  // To the end, zeros before them: digits that do not count.
  const std::size_t shift = 8 * (kWordBytes - size);
  const std::uint64_t digits = (text ^ first_bytes(kZeros, size)) << shift;
  constexpr std::uint64_t kAboveNine = 0x7676767676767676;  // carries into the byte's upper bit
  if (((digits + kAboveNine) | digits) & 0x8080808080808080) return false;
  number = number_of(digits);
  return true;
}

}  // namespace short_decimal

// Of the lowest `size` bytes of `text`, which are 1 to 8. false: not all are digits.
inline bool read_short_count(std::uint64_t text, std::size_t size, std::uint64_t& count) {
  std::uint32_t number = 0;
  if (!short_decimal::read(first_bytes(text, size), size, number)) return false;
  count = number;
  return true;
}

// The same with one point in it, to the nearest double.
inline bool read_short_amount(std::uint64_t text, std::size_t size, double& amount) {
  text = first_bytes(text, size);
  const std::uint64_t other = text ^ 0x2E2E2E2E2E2E2E2E;  // points are 0
  // The upper bit of the first byte that is 0.
  const std::uint64_t point = (other - 0x0101010101010101) & ~other & 0x8080808080808080;
  std::size_t decimals = 0;
  if (point != 0) {
    const auto at = static_cast<std::size_t>(std::countr_zero(point)) / 8;
    const std::uint64_t before = (std::uint64_t{1} << (8 * at)) - 1;
    text = (text & before) | (text >> 8 & ~before);
    decimals = --size - at;
  }
  std::uint32_t digits = 0;
  if (!short_decimal::read(text, size, digits)) return false;
  constexpr double kPowers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
  amount = digits / kPowers[decimals];
  return true;
}

}  // namespace tl::server::attribute
