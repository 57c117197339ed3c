// SPDX-License-Identifier: Apache-2.0
// What an id or other one-line text from outside may be: orders, refunds, users, references. The
// limit is ours; vendors' own ids stay far below it (Stripe documents at most 255 characters).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tl::server {

inline constexpr std::size_t kLongestIdBytes = 255;

// "" or what is wrong, "is longer than 255 bytes": too long, no UTF-8, or with a control character
// (below U+0020, or U+007F).
std::string id_complaint(std::string_view text, std::size_t longest = kLongestIdBytes);

// `text` with a blank in place of each control character, at most `longest` bytes: for what people
// typed, which is kept rather than refused.
std::string one_line(std::string_view text, std::size_t longest = kLongestIdBytes);

}  // namespace tl::server
