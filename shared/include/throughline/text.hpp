// SPDX-License-Identifier: Apache-2.0
// Small ASCII and UTF-8 text functions, without locale and without allocation.
#pragma once

#include "throughline/out.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tl {

constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
int hex_value(char c);  // -1 when it is no hex digit
bool equals_ignoring_case(std::string_view a, std::string_view b);
bool contains(std::string_view text, std::string_view part);
bool contains(std::string_view text, char c);
// Takes what is before the first of the characters `ends` off the front; that character stays.
std::string_view take_until(std::string_view& text, std::string_view ends);
// The same for one character, which goes too.
std::string_view take_field(std::string_view& text, char end);
std::string_view trim(std::string_view text);               // ASCII blanks and controls
std::string_view lower(std::string_view text, Out& arena);  // empty when the arena is full

// Word lists are one string, "first|second||fourth": smaller in the WASM than a table of pointers.
std::string_view word_at(std::string_view list, std::uint32_t index);  // empty past the end
// Position of `word` (any case), or -1. The empty word is never found.
std::int32_t find_word(std::string_view list, std::string_view word, char separator = '|');

// Bytes of the first character, or of the ill-formed sequence in its place (Unicode 15, table 3-7,
// maximal subparts). `text` must not be empty.
std::size_t utf8_step(std::string_view text, bool& is_valid);
inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
// Appends valid UTF-8, at most `limit` bytes cut at a character's edge: every ill-formed byte
// sequence becomes U+FFFD (Unicode 15, maximal subparts).
std::string_view repair_utf8(std::string_view text, Out& arena,
                             std::size_t limit = std::string_view::npos);
// Longest prefix of at most `limit` bytes that does not cut a character.
std::string_view cut_utf8(std::string_view text, std::size_t limit);

// false unless all is decimal digits that fit; no sign.
bool parse_decimal(std::string_view text, std::int64_t& number);

}  // namespace tl
