// SPDX-License-Identifier: Apache-2.0
// A fast hash of short byte strings for the tables here. Not for anything an attacker may choose to
// make slow beyond his own command, and never stored.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tl::server::attribute {

inline std::uint64_t text_hash(std::string_view text) {
  constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;
  const auto mix = [](std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * kMultiplier;
    return hash ^ (hash >> 32);
  };
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t hash = left * kMultiplier;
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    hash = mix(hash, word);
  }
  std::uint64_t word = 0;
  if (left >= 4) {
    std::uint32_t low = 0, high = 0;
    std::memcpy(&low, at, 4);
    std::memcpy(&high, at + left - 4, 4);
    word = low | std::uint64_t{high} << 32;
  } else {
    for (std::size_t i = 0; i < left; ++i)
      word |= std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
  }
  return mix(mix(hash, word), left);
}

}  // namespace tl::server::attribute
