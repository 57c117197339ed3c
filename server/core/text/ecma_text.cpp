// SPDX-License-Identifier: Apache-2.0
// Simple case mappings come from utf8proc; the only unconditional and conditional exceptions of
// toLowerCase() are U+0130 and the final sigma.
#include "server/core/text/ecma_text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace tl::server {
namespace {

constexpr char32_t kReplacementCodePoint = 0xFFFD;
constexpr char32_t kCapitalSigma = 0x03A3;
constexpr char32_t kFinalSigma = 0x03C2;
constexpr char32_t kCapitalDottedI = 0x0130;

utf8proc_category_t category_of(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

// Property Case_Ignorable: marks, format and modifier characters, and the word-break classes
// MidLetter, MidNumLet and Single_Quote.
bool is_case_ignorable(char32_t c) {
  switch (c) {
    case U'\'':
    case U'.':
    case U':':
    case 0x00B7:
    case 0x0387:
    case 0x055F:
    case 0x05F4:
    case 0x2018:
    case 0x2019:
    case 0x2024:
    case 0x2027:
    case 0xFE13:
    case 0xFE52:
    case 0xFE55:
    case 0xFF07:
    case 0xFF0E:
    case 0xFF1A:
      return true;
    default:
      break;
  }
  switch (category_of(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
      return true;
    default:
      return false;
  }
}

// Property Cased: letters with case, and the Other_Lowercase and Other_Uppercase characters that
// are not case-ignorable anyway.
bool is_cased(char32_t c) {
  switch (category_of(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
      return true;
    default:
      break;
  }
  return c == 0x00AA || c == 0x00BA || (c >= 0x2160 && c <= 0x217F) ||
         (c >= 0x24B6 && c <= 0x24E9) || (c >= 0x1F130 && c <= 0x1F149) ||
         (c >= 0x1F150 && c <= 0x1F169) || (c >= 0x1F170 && c <= 0x1F189);
}

// SpecialCasing's Final_Sigma: a cased letter before, none after, case-ignorable ones aside.
bool is_final_sigma(std::u32string_view text, std::size_t at) {
  std::size_t before = at;
  while (before > 0 && is_case_ignorable(text[before - 1])) --before;
  if (before == 0 || !is_cased(text[before - 1])) return false;
  std::size_t after = at + 1;
  while (after < text.size() && is_case_ignorable(text[after])) ++after;
  return after == text.size() || !is_cased(text[after]);
}

}  // namespace

std::u32string decode_utf8(std::string_view text) {
  std::u32string decoded;
  decoded.reserve(text.size());
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t c = 0;
    auto used = utf8proc_iterate(bytes, left, &c);
    if (used <= 0) {
      used = 1;
      c = static_cast<utf8proc_int32_t>(kReplacementCodePoint);
    }
    decoded.push_back(static_cast<char32_t>(c));
    bytes += used;
    left -= used;
  }
  return decoded;
}

std::string encode_utf8(std::u32string_view text) {
  std::string encoded;
  encoded.reserve(text.size());
  for (const char32_t c : text) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto used = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes.data());
    encoded.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(used));
  }
  return encoded;
}

bool is_ecma_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000 || c == 0xFEFF;
}

std::string ecma_trim(std::string_view text) {
  const std::u32string decoded = decode_utf8(text);
  std::size_t from = 0;
  std::size_t to = decoded.size();
  while (from < to && is_ecma_space(decoded[from])) ++from;
  while (to > from && is_ecma_space(decoded[to - 1])) --to;
  return encode_utf8(std::u32string_view(decoded).substr(from, to - from));
}

std::string ecma_lower(std::string_view text) {
  const std::u32string decoded = decode_utf8(text);
  std::u32string lowered;
  lowered.reserve(decoded.size());
  for (std::size_t i = 0; i < decoded.size(); ++i) {
    const char32_t c = decoded[i];
    if (c == kCapitalDottedI) {
      lowered += U"i\u0307";
    } else if (c == kCapitalSigma && is_final_sigma(decoded, i)) {
      lowered += kFinalSigma;
    } else {
      lowered += static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
    }
  }
  return encode_utf8(lowered);
}

std::size_t utf16_length(std::string_view text) {
  std::size_t units = 0;
  for (const char32_t c : decode_utf8(text)) units += c > 0xFFFF ? 2 : 1;
  return units;
}

std::string utf16_prefix(std::string_view text, std::size_t units) {
  std::u32string prefix;
  for (const char32_t c : decode_utf8(text)) {
    const std::size_t needs = c > 0xFFFF ? 2 : 1;
    if (units == 0) break;
    prefix += needs > units ? kReplacementCodePoint : c;
    units -= std::min(needs, units);
  }
  return encode_utf8(prefix);
}

}  // namespace tl::server
