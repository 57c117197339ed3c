// SPDX-License-Identifier: Apache-2.0
// When and why a session ended. What somebody said stands in its row: the page said goodbye
// ("left"), or a purchase ended it. Otherwise a session that saw no event for the site's timeout
// ended with its last one ("timeout"), which nobody has to write down.
#pragma once

#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tl::server {

struct SessionEnd {
  std::int64_t t_ms = 0;
  std::string_view reason;  // left, purchase or timeout; borrows from the row
};

// None while the session may go on.
inline std::optional<SessionEnd> end_of(const SessionRow& session, std::int64_t timeout_ms,
                                        std::int64_t now_ms) {
  if (session.ended_ms) return SessionEnd{*session.ended_ms, session.end_reason};
  if (session.last_ms >= now_ms - timeout_ms) return std::nullopt;
  return SessionEnd{session.last_ms, "timeout"};
}

}  // namespace tl::server
