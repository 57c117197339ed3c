// SPDX-License-Identifier: Apache-2.0
#include "server/core/conversion_outbox.hpp"

#include <algorithm>

namespace tl::server {
namespace {

bool is_waiting(const DeliveryRow& delivery) {
  return delivery.state == DeliveryState::queued && delivery.attempts == 0;
}

Outcome<void> follow(OutboxStore& outbox, const DeliveryRow& wanted) {
  TL_TRY(rows, outbox.deliveries_of_event(wanted.site_id, wanted.event_id));
  for (auto& row : rows) {
    if (row.destination != wanted.destination || row.event_name != wanted.event_name) continue;
    const bool has_new_match =
        row.anonymous_id != wanted.anonymous_id || row.session_id != wanted.session_id;
    // Nobody knew whose purchase it was, so nobody knew the consent; a denial stays one.
    const bool is_retried = row.state == DeliveryState::withheld &&
                            row.last_error == "consent_unknown" && has_new_match;
    if (!is_waiting(row) && !is_retried) continue;
    const std::int64_t due_ms =
        is_retried ? wanted.next_attempt_ms : std::min(row.next_attempt_ms, wanted.next_attempt_ms);
    if (!has_new_match && due_ms == row.next_attempt_ms) continue;
    row.anonymous_id = wanted.anonymous_id;
    row.session_id = wanted.session_id;
    row.next_attempt_ms = due_ms;
    if (is_retried) {
      row.state = DeliveryState::queued;
      row.last_error.clear();
    }
    TL_CHECK(outbox.put_delivery(row));
  }
  return {};
}

}  // namespace

Outcome<void> enqueue_conversion(OutboxStore& outbox, const SiteConfig& site,
                                 const ConversionRow& conversion, std::string_view event_name,
                                 const Id128& event_id, const DestinationTakes& takes,
                                 const DueTime& time) {
  if (!conversion.live) return {};
  for (const auto& destination : site.destinations) {
    if (!takes(destination, event_name)) continue;
    DeliveryRow row;
    row.site_id = site.id;
    row.destination = destination.name;
    row.event_name = event_name;
    row.event_id = event_id;
    row.subject = DeliverySubject::conversion;
    row.anonymous_id = conversion.anonymous_id;
    row.session_id = conversion.session_id;
    row.occurred_ms = conversion.occurred_ms;
    row.created_ms = time.now_ms;
    row.next_attempt_ms = time.due_ms;
    TL_TRY(is_new, outbox.enqueue(row));
    if (!is_new) TL_CHECK(follow(outbox, row));
  }
  return {};
}

Outcome<void> withdraw_deliveries(OutboxStore& outbox, std::string_view site_id,
                                  const Id128& event_id) {
  TL_TRY(rows, outbox.deliveries_of_event(site_id, event_id));
  for (auto& row : rows) {
    if (row.state != DeliveryState::queued && row.state != DeliveryState::failed) continue;
    row.state = DeliveryState::withheld;
    row.last_error = "joined_order: this order turned out to be part of another one";
    row.body.clear();
    TL_CHECK(outbox.put_delivery(row));
  }
  return {};
}

}  // namespace tl::server
