// SPDX-License-Identifier: Apache-2.0
// What a user agent says in words for reports: device class, browser, system, and whether it names
// itself a bot. Bots are stored and flagged, but neither counted nor forwarded.
#pragma once

#include <string_view>

namespace tl::server {

// Static storage.
struct UserAgent {
  std::string_view device, browser, os;
  bool is_bot = false;
};
UserAgent read_user_agent(std::string_view text);

}  // namespace tl::server
