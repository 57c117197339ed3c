// SPDX-License-Identifier: Apache-2.0
#include "server/core/event_outbox.hpp"

#include "server/core/delivery_consent.hpp"

#include <algorithm>
#include <array>

namespace tl::server {

bool is_forwarded_event(std::string_view event_name) {
  constexpr std::array<std::string_view, 6> kOurs = {
      "purchase", "checkout_completed", "refund", "identify", "consent", "page_leave"};
  return std::find(kOurs.begin(), kOurs.end(), event_name) == kOurs.end();
}

Outcome<void> enqueue_event(OutboxStore& outbox, const std::vector<EventLane>& lanes,
                            const EventRow& event, const Consent& consent, std::int64_t now_ms) {
  if (!counts_in_reports(event) || !is_forwarded_event(event.name)) return {};
  for (const EventLane& lane : lanes) {
    if (!lane.takes(event.name) || !permits(lane.purpose, consent)) continue;
    DeliveryRow row;
    row.site_id = event.site_id;
    row.destination = lane.destination;
    row.event_name = event.name;
    row.event_id = event.id;
    row.subject = DeliverySubject::event;
    row.anonymous_id = event.anonymous_id;
    row.session_id = event.session_id;
    row.occurred_ms = event.t_ms;
    row.created_ms = now_ms;
    row.next_attempt_ms = now_ms;
    TL_CHECK(outbox.enqueue(row));
  }
  return {};
}

}  // namespace tl::server
