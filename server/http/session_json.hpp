// SPDX-License-Identifier: Apache-2.0
// Sessions, events and what followed from them as the API shows them (api.md section 3).
// Times of rows are RFC 3339 text, `t` of touches and events is UTC milliseconds as on the wire.
#pragma once

#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace tl::server::http {

nlohmann::ordered_json event_item(const EventRow& event);
// What tells whether a session has ended by now.
struct SessionMoment {
  std::int64_t timeout_ms = 0, now_ms = 0;
};
// With its first and last touch.
Outcome<nlohmann::ordered_json> session_item(Tables& tables, const SessionRow& session,
                                             const SessionMoment& moment);
// The item with touches, events, orders (its conversions) and deliveries, each in order of time.
Outcome<nlohmann::ordered_json> session_timeline(Tables& tables, const SessionRow& session,
                                                 const SessionMoment& moment);
// Everything of one browser: sessions, newest first, touches and conversions; and of
// which person it is.
Outcome<nlohmann::ordered_json> visitor_item(Tables& tables, const std::string& site_id,
                                             const Id128& anonymous_id,
                                             const SessionMoment& moment);

}  // namespace tl::server::http
