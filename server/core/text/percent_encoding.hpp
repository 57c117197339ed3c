// SPDX-License-Identifier: Apache-2.0
// Text as it may stand in an address or a form: everything but letters, digits and -._~ as %XX
// (RFC 3986).
#pragma once

#include <string>
#include <string_view>

namespace tl::server {

inline std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kFree =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kFree.find(c) != kFree.npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

}  // namespace tl::server
