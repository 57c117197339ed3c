// SPDX-License-Identifier: Apache-2.0
// Short texts as 64-bit words, the first byte lowest: compared, hashed and read as numbers at once,
// without a loop whose length the processor cannot foresee.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tl::server::attribute {

inline constexpr std::size_t kWordBytes = sizeof(std::uint64_t);

// The eight bytes from `at` on, all readable.
inline std::uint64_t word_at(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, kWordBytes);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

// The same where the readable ends at `end`; zeros from there on.
inline std::uint64_t word_at(const char* at, const char* end) {
  if (end - at >= static_cast<std::ptrdiff_t>(kWordBytes)) return word_at(at);
  char bytes[kWordBytes] = {};
  if (at < end) std::memcpy(bytes, at, static_cast<std::size_t>(end - at));
  return word_at(bytes);
}

// The lowest `count` bytes of a word; all from 8 on.
inline std::uint64_t first_bytes(std::uint64_t word, std::size_t count) {
  return count >= kWordBytes ? word : word & ~(~std::uint64_t{0} << (8 * count));
}

}  // namespace tl::server::attribute
