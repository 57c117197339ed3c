// SPDX-License-Identifier: Apache-2.0
// A line of the cache of a hash table: eight entries by 32 bits of their hash, all compared at
// once. Filled from the front; a full one goes on in the next.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace tl::server::attribute {

struct alignas(64) TagBucket {
  static constexpr std::size_t kSlots = 8;

  std::uint32_t tags[kSlots] = {};  // 0: free
  std::uint32_t entries[kSlots] = {};

  // A bit for each slot with this tag.
  [[nodiscard]] unsigned slots_with(std::uint32_t tag) const {
#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi32(static_cast<int>(tag));
    const auto* const halves = reinterpret_cast<const __m128i*>(tags);
    const __m128i low = _mm_cmpeq_epi32(_mm_load_si128(halves), wanted);
    const __m128i high = _mm_cmpeq_epi32(_mm_load_si128(halves + 1), wanted);
    const __m128i both = _mm_packs_epi16(_mm_packs_epi32(low, high), _mm_setzero_si128());
    return static_cast<unsigned>(_mm_movemask_epi8(both));
#else
    unsigned found = 0;
    for (std::size_t i = 0; i < kSlots; ++i) found |= unsigned{tags[i] == tag} << i;
    return found;
#endif
  }
  [[nodiscard]] bool is_full() const {
    return tags[kSlots - 1] != 0;
  }
  // Not into a full one.
  void put(std::uint32_t tag, std::uint32_t entry) {
    const auto slot = static_cast<std::size_t>(std::countr_zero(slots_with(0)));
    tags[slot] = tag;
    entries[slot] = entry;
  }
};
static_assert(sizeof(TagBucket) == 64);

}  // namespace tl::server::attribute
