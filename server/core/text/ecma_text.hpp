// SPDX-License-Identifier: Apache-2.0
// Text operations with the results of ECMAScript's String methods, for normalisation that must
// agree with vendors' JavaScript: trim() and \s, toLowerCase() with its two context rules, and
// lengths in UTF-16 code units. Ill-formed UTF-8 becomes U+FFFD. Source: ECMA-262 2026, Unicode 15
// SpecialCasing.txt; tests/vendor/ compares every code point with Node.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tl::server {

std::u32string decode_utf8(std::string_view text);
std::string encode_utf8(std::u32string_view text);

bool is_ecma_space(char32_t c);  // WhiteSpace and LineTerminator
std::string ecma_trim(std::string_view text);
std::string ecma_lower(std::string_view text);
std::size_t utf16_length(std::string_view text);
// The first `units` UTF-16 code units; a character cut in half becomes U+FFFD, as it does when such
// a string is written as UTF-8.
std::string utf16_prefix(std::string_view text, std::size_t units);

}  // namespace tl::server
