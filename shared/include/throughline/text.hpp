// SPDX-License-Identifier: Apache-2.0
// Small ASCII and UTF-8 text functions, without locale and without allocation.
#pragma once

#include <cstdint>
#include <string_view>

#include "throughline/out.hpp"

namespace tl {

constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text);  // ASCII blanks
std::string_view lower(std::string_view text, Out& arena);

// Appends valid UTF-8: every ill-formed byte sequence becomes U+FFFD (Unicode 15, maximal subparts).
std::string_view repair_utf8(std::string_view text, Out& arena);
// Longest prefix of at most `limit` bytes that does not cut a character.
std::string_view cut_utf8(std::string_view text, std::size_t limit);

// false unless all is decimal digits that fit; no sign.
bool parse_decimal(std::string_view text, std::int64_t& number);

}  // namespace tl
