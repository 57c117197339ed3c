// SPDX-License-Identifier: Apache-2.0
// Events come in the order of the batch, which is the order of the page.

#include "server/core/ingest/session_part.hpp"

#include "server/core/ingest/content.hpp"
#include "throughline/url.hpp"

#include <algorithm>

namespace tl::server {
std::string path_of(const std::string& url) {
  const auto parsed = parse_url(url);
  return parsed.ok() && !parsed.value().path.empty() ? std::string(parsed.value().path) : "/";
}

void add_to_part(SessionRow& part, const VerifiedEvent& verified, const UserAgent& agent,
                 const Place& place) {
  const EventRow& event = verified.event;
  if (part.events == 0) {
    part.site_id = event.site_id;
    part.id = event.session_id;
    part.anonymous_id = event.anonymous_id;
    part.idx = verified.state.index;
    part.why = event.why;
    part.started_ms = std::min(verified.session_started_ms, event.t_ms);
    part.last_ms = event.t_ms;
    part.device = agent.device;
    part.browser = agent.browser;
    part.os = agent.os;
    part.country = place.country;
    part.region = place.region;
    part.city = place.city;
    if (agent.bot)
      part.bot_reason = agent.bot->reason + " " + agent.bot->name;
    else if (event.is_bot)
      part.bot_reason = "prefetch";
    part.is_bot = event.is_bot;
  }
  part.events += 1;
  part.last_ms = std::max(part.last_ms, event.t_ms);
  if (event.name == "page_view") {
    part.page_views += 1;
    part.exit_path = path_of(event.url);
    if (part.entry_path.empty()) part.entry_path = part.exit_path;
  } else if (event.name == "content_view") {
    if (auto content = write_content(read_content(event.props)); !content.empty())
      part.last_content = std::move(content);
  }
  // Any later activity of the session undoes this end.
  const bool has_left = event.name == "page_leave";
  part.ended_ms = has_left ? std::optional(event.t_ms) : std::nullopt;
  part.end_reason = has_left ? "left" : "";
  if (verified.touch) {
    if (!part.first_touch) part.first_touch = event.id;
    part.last_touch = event.id;
  }
}

}  // namespace tl::server
