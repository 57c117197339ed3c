// SPDX-License-Identifier: Apache-2.0
// Sessions, touches, events and what followed from them as the API shows them (api.md section 3).
// Times of rows are RFC 3339 text, `t` of touches and events is UTC milliseconds as on the wire.
#pragma once

#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <nlohmann/json.hpp>

namespace tl::server::http {

nlohmann::ordered_json touch_item(const TouchRow& touch);
nlohmann::ordered_json event_item(const EventRow& event);
// With its first and last touch.
Outcome<nlohmann::ordered_json> session_item(Tables& tables, const SessionRow& session);
// The item with touches, events, orders (its conversions) and deliveries, each in order of time.
Outcome<nlohmann::ordered_json> session_timeline(Tables& tables, const SessionRow& session);
// Everything of one browser: sessions, newest first, touches and conversions.
Outcome<nlohmann::ordered_json> visitor_item(Tables& tables, const std::string& site_id,
                                             const Id128& anonymous_id);

}  // namespace tl::server::http
