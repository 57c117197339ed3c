// SPDX-License-Identifier: Apache-2.0
// Characters of ASCII, whatever the locale.
#pragma once

namespace tl::server {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace tl::server
