// SPDX-License-Identifier: Apache-2.0
// Who is no visitor (facts: channels, section 6.3). Bots are stored and flagged, neither counted
// nor forwarded.
#pragma once

#include "server/core/classify/agent_patterns.hpp"

#include <optional>
#include <string>

namespace tl::server {

struct Bot {
  std::string name;    // "Googlebot"; "unknown" where nothing names it
  std::string reason;  // snake_case: empty_user_agent, headless, search_engine, bot_pattern …
};

// Reasons, in the order in which they are tried:
//   empty_user_agent  nothing was sent
//   headless          a browser without a window
//   the kind of crawler-user-agents: search_engine, ai_crawler, seo, monitoring, social_preview …
//   bot_pattern       isbot's patterns
std::optional<Bot> find_bot(const AgentText& text);

}  // namespace tl::server
