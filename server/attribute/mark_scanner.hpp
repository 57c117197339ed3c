// SPDX-License-Identifier: Apache-2.0
// Finds the characters that matter in a CSV of paths (comma, ">", quote, line feed), a stretch of
// text at a time: where they stand is written to a list that the reader walks, so that neither
// waits for the other's decisions.
#pragma once

#include <bit>
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
  // The text ends with a mark.
  explicit MarkScanner(std::string_view text)
      : stretch_(text.data()), scanned_(text.data()), end_(text.data() + text.size()) {}

  // The next mark; there is one.
  const char* next() {
    if (taken_ == found_) scan();
    return stretch_ + *taken_++;
  }

  // Goes on at `at`, behind the marks that were told.
  void seek(const char* at) {
    if (at >= scanned_) {
      scanned_ = at;
      taken_ = found_;
    }
    while (taken_ != found_ && stretch_ + *taken_ < at) ++taken_;
  }

 private:
  using Place = std::uint16_t;
  static constexpr std::size_t kBlock = 64, kStretch = 16 * kBlock;
  static constexpr std::size_t kAtOnce = 12;  // written whether they are there or not

  // The next stretch with a mark.
  void scan() {
    Place* found = places_;
    while (found == places_) {
      stretch_ = scanned_;
      for (std::size_t at = 0; at < kStretch && scanned_ != end_; at += kBlock) {
        const auto left = static_cast<std::size_t>(end_ - scanned_);
        if (left >= kBlock) {
          found = list(at, marks(scanned_), found);
          scanned_ += kBlock;
        } else {
          char rest[kBlock] = {};
          std::memcpy(rest, scanned_, left);
          found = list(at, marks(rest), found);
          scanned_ = end_;
        }
      }
    }
    taken_ = places_;
    found_ = found;
  }

  static Place* list(std::size_t block, std::uint64_t mask, Place* to) {
    constexpr std::uint64_t kNone = std::uint64_t{1} << (kBlock - 1);  // where there is no bit more
    Place* const end = to + std::popcount(mask);
    while (to < end)
      for (std::size_t i = 0; i < kAtOnce; ++i, mask &= mask - 1)
        *to++ = static_cast<Place>(block + static_cast<unsigned>(__builtin_ctzll(mask | kNone)));
    return end;
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

  const char* stretch_;  // where the listed places count from
  const char* scanned_;  // up to here
  const char* end_;
  Place places_[kStretch + kAtOnce];
  const Place* taken_ = places_;
  const Place* found_ = places_;  // the end of those that are listed
};

}  // namespace tl::server::attribute
