// SPDX-License-Identifier: Apache-2.0
// Finds the characters that matter in a CSV of paths (comma, ">", quote, line feed), 64 bytes at a
// time, so that the text is looked at once whatever stands in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace tl::server::attribute {

class MarkScanner {
 public:
  explicit MarkScanner(std::string_view text)
      : start_(text.data()), end_(text.data() + text.size()) {
    seek(start_);
  }

  // The next mark, or the text's end.
  const char* next() {
    while (mask_ == 0) {
      if (static_cast<std::size_t>(end_ - block_) <= kBlock) return end_;
      block_ += kBlock;
      mask_ = marks_of_block();
    }
    const char* const mark = block_ + __builtin_ctzll(mask_);
    mask_ &= mask_ - 1;
    return mark;
  }

  // Goes on at `at`, which may be the end.
  void seek(const char* at) {
    const auto offset = static_cast<std::size_t>(at - start_);
    block_ = start_ + offset / kBlock * kBlock;
    mask_ = marks_of_block() & (~std::uint64_t{0} << (offset % kBlock));
  }

 private:
  static constexpr std::size_t kBlock = 64;

  [[nodiscard]] std::uint64_t marks_of_block() const {
    const auto left = static_cast<std::size_t>(end_ - block_);
    if (left >= kBlock) return marks(block_);
    char rest[kBlock] = {};
    if (left > 0) std::memcpy(rest, block_, left);
    return marks(rest);
  }

#ifdef __SSE2__
  static std::uint64_t marks(const char* bytes) {
    std::uint64_t mask = 0;
    for (std::size_t i = 0; i < kBlock; i += 16) {
      const __m128i piece = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i));
      const __m128i found = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(piece, _mm_set1_epi8(',')),
                                                      _mm_cmpeq_epi8(piece, _mm_set1_epi8('>'))),
                                         _mm_or_si128(_mm_cmpeq_epi8(piece, _mm_set1_epi8('"')),
                                                      _mm_cmpeq_epi8(piece, _mm_set1_epi8('\n'))));
      mask |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(found))} << i;
    }
    return mask;
  }
#else
  static std::uint64_t marks(const char* bytes) {
    std::uint64_t mask = 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
      const char c = bytes[i];
      mask |= std::uint64_t{c == ',' || c == '>' || c == '"' || c == '\n'} << i;
    }
    return mask;
  }
#endif

  const char* start_;
  const char* end_;
  const char* block_ = nullptr;
  std::uint64_t mask_ = 0;
};

}  // namespace tl::server::attribute
