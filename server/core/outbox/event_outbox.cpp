// SPDX-License-Identifier: Apache-2.0
#include "server/core/outbox/event_outbox.hpp"

#include "server/core/outbox/delivery_consent.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace tl::server {
namespace {

// A page may tell finer marks for our own reports; vendors are told of quarters (95: the end).
bool is_told_mark(const std::string& props) {
  const auto json = nlohmann::json::parse(props, nullptr, false);
  const auto percent = json.is_object() ? json.find("percent") : json.end();
  if (percent == json.end() || !percent->is_number()) return false;
  constexpr std::array<double, 4> kMarks = {25, 50, 75, 95};
  return std::find(kMarks.begin(), kMarks.end(), percent->get<double>()) != kMarks.end();
}

}  // namespace

bool is_forwarded_event(const EventRow& event) {
  constexpr std::array<std::string_view, 6> kOurs = {
      "purchase", "checkout_completed", "refund", "identify", "consent", "page_leave"};
  if (event.name == "video_progress") return is_told_mark(event.props);
  return std::find(kOurs.begin(), kOurs.end(), event.name) == kOurs.end();
}

Outcome<void> enqueue_event(OutboxStore& outbox, const std::vector<EventLane>& lanes,
                            const EventRow& event, const Consent& consent, std::int64_t now_ms) {
  if (!counts_in_reports(event) || !is_forwarded_event(event)) return {};
  for (const EventLane& lane : lanes) {
    if (!lane.takes(event.name) || !permits(lane.purpose, consent)) continue;
    if (lane.max_age_ms > 0 && now_ms - event.t_ms > lane.max_age_ms) continue;
    DeliveryRow row;
    row.site_id = event.site_id;
    row.destination = lane.destination;
    row.account = lane.account;
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
