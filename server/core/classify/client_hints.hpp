// SPDX-License-Identifier: Apache-2.0
// What a Chromium browser says of itself beside its frozen user agent (facts: channels,
// section 6.2): Sec-CH-UA, -Platform, -Platform-Version and -Mobile as sent, empty where they were
// not. Only what arrives by itself is read; more is never asked for.
#pragma once

#include <string>

namespace tl::server {

struct ClientHints {
  std::string brands, platform, platform_version, mobile;

  [[nodiscard]] bool empty() const {
    return brands.empty() && platform.empty() && platform_version.empty() && mobile.empty();
  }
};

}  // namespace tl::server
