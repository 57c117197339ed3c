// SPDX-License-Identifier: Apache-2.0
// What a user agent and its client hints say in words for reports: browser, system, device class,
// and whether it is a bot's.
#pragma once

#include "server/core/classify/bot.hpp"
#include "server/core/classify/client_hints.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

struct UserAgent {
  std::string browser, browser_version;  // "chrome", "140.0.0.0"
  std::string os, os_version;            // "windows", "11"
  std::string device;  // desktop, mobile, tablet, tv, console, wearable, xr, embedded, bot, unknown
  std::optional<Bot> bot;
};

// Pure; tens of microseconds: AgentReader remembers.
UserAgent read_user_agent(std::string_view text, const ClientHints& hints = {});

}  // namespace tl::server
