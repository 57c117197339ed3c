// SPDX-License-Identifier: Apache-2.0
// Consent to marketing may come after consent to storage: the arrival was kept without its click
// ids by then, and the page tells it once more, with them. What was kept takes them; nothing counts
// twice.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <optional>
#include <string>

namespace tl::server {

struct RevealedTouch {
  TouchRow before, after;
  std::string fbclid;  // "": none
};

// `visitor`: of the session. The touch of the event's session that was kept without the click ids
// that the event's URL has, with them; none where there is no such touch. Writes nothing. Errors:
// unavailable, bug.
Outcome<std::optional<RevealedTouch>> find_revealed(Tables& tables, const SiteConfig& site,
                                                    const EventRow& event, const Id128& visitor);

// Writes it; moves its traffic where a click id names the campaign, and restates the conversions
// that look at it. The session is merged already. Errors: unavailable, bug.
Outcome<void> put_revealed(Tables& tables, const SiteConfig& site, const RevealedTouch& revealed,
                           std::int64_t now_ms);

}  // namespace tl::server
