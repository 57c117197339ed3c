// SPDX-License-Identifier: Apache-2.0
#include "server/core/text/plain_text.hpp"

#include "throughline/text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tl::server {
namespace {

void append_utf8(std::string& text, std::uint32_t point) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | (point >> shift & 0x3F)); };
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += static_cast<char>(0xC0 | point >> 6);
    tail(0);
  } else if (point < 0x10000) {
    text += static_cast<char>(0xE0 | point >> 12);
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0 | point >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string from_utf16(std::string_view bytes, bool is_big_endian) {
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<std::uint8_t>(bytes[at]);
    const auto second = static_cast<std::uint8_t>(bytes[at + 1]);
    return static_cast<std::uint32_t>(is_big_endian ? first << 8 | second : second << 8 | first);
  };
  constexpr std::uint32_t kReplaced = 0xFFFD;
  std::string text;
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    std::uint32_t point = unit(at);
    if (point >= 0xD800 && point < 0xDC00 && at + 3 < bytes.size() && unit(at + 2) >= 0xDC00 &&
        unit(at + 2) < 0xE000) {
      point = 0x10000 + ((point - 0xD800) << 10) + (unit(at + 2) - 0xDC00);
      at += 2;
    } else if (point >= 0xD800 && point < 0xE000) {
      point = kReplaced;
    }
    append_utf8(text, point);
  }
  return text;
}

// ASCII in UTF-16 has a zero in every pair, on the same side.
bool has_zeros_at(std::string_view bytes, std::size_t offset) {
  constexpr std::size_t kLooked = 64;
  std::size_t zeros = 0, pairs = 0;
  for (std::size_t at = offset; at < std::min(bytes.size(), kLooked); at += 2, ++pairs)
    zeros += bytes[at] == '\0' ? 1U : 0U;
  return pairs > 1 && zeros * 10 >= pairs * 8;
}

}  // namespace

std::string plain_text(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) return from_utf16(bytes.substr(2), false);
  if (bytes.starts_with("\xFE\xFF")) return from_utf16(bytes.substr(2), true);
  if (has_zeros_at(bytes, 1)) return from_utf16(bytes, false);
  if (has_zeros_at(bytes, 0)) return from_utf16(bytes, true);
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    bool is_valid = false;
    const std::size_t step = utf8_step(bytes, is_valid);
    text += is_valid ? bytes.substr(0, step) : kReplacement;
    bytes.remove_prefix(step);
  }
  return text;
}

}  // namespace tl::server
