// SPDX-License-Identifier: Apache-2.0
#include "server/core/outbox/conversion_outbox.hpp"

#include "server/core/orders/order_fact.hpp"
#include "server/core/orders/order_refunds.hpp"
#include "server/core/outbox/destination_account.hpp"
#include "server/core/ports/destination.hpp"
#include "server/core/text/uuid_text.hpp"

#include <algorithm>

namespace tl::server {
namespace {

bool is_waiting(const DeliveryRow& delivery) {
  return delivery.state == DeliveryState::queued && delivery.attempts == 0;
}
// It was never sent: the receiver would have known nobody by it (destinations, build()).
bool is_too_little(const DeliveryRow& delivery) {
  return delivery.state == DeliveryState::dead && !delivery.first_sent_ms &&
         delivery.last_error.starts_with(kTooLittleInformation);
}
// Taken by a lane that has not sent it: it may have read what held before.
bool is_read_only(const DeliveryRow& delivery) {
  return delivery.state == DeliveryState::sending && !delivery.first_sent_ms && !delivery.ambiguous;
}

Outcome<void> withhold(OutboxStore& outbox, DeliveryRow& row, std::string reason) {
  if (row.state != DeliveryState::queued && row.state != DeliveryState::failed) return {};
  row.state = DeliveryState::withheld;
  row.last_error = std::move(reason);
  row.body.clear();
  return outbox.put_delivery(row);
}

bool has_destination(const SiteConfig& site, const std::string& name) {
  return std::any_of(site.destinations.begin(), site.destinations.end(),
                     [&](const auto& destination) { return destination.name == name; });
}

// Under the name by which its account was known then.
bool has_heard(const std::vector<DeliveryRow>& made, const DestinationConfig& destination,
               std::string_view event_name) {
  return std::any_of(made.begin(), made.end(), [&](const DeliveryRow& row) {
    return row.event_name == event_name && row.destination != destination.name &&
           row.account == account_of(destination) &&
           (row.state == DeliveryState::delivered || row.state == DeliveryState::accepted);
  });
}

std::string joined_into(const Id128& other) {
  return "joined_order: this order turned out to be part of " + uuid_text(other);
}
std::string sent_already_as(const Id128& other) {
  return "joined_order: sent already as " + uuid_text(other);
}
std::string delivered_before(const Id128& other) {
  return "joined_order: delivered before it turned out to be part of " + uuid_text(other);
}

// What was made for a conversion or a refund of it follows the conversion.
Outcome<void> follow(OutboxStore& outbox, const SiteConfig& site, const ConversionRow& conversion,
                     std::string_view event_name, const Id128& event_id, const DueTime& time) {
  TL_TRY(rows, outbox.deliveries_of_event(site.id, event_id));
  for (auto& row : rows) {
    if (row.event_name != event_name || !has_destination(site, row.destination)) continue;
    const bool has_new_match =
        row.anonymous_id != conversion.anonymous_id || row.session_id != conversion.session_id;
    const bool may_have_consent = has_new_match || time.has_found_visitor || time.has_new_consent;
    // Nobody knew whose purchase it was, so nobody knew the consent; a denial stays one.
    const bool is_withheld =
        row.state == DeliveryState::withheld && row.last_error == "consent_unknown";
    const bool may_lead_to_buyer = has_new_match || time.has_new_contact;
    const bool is_retried = (may_have_consent && (is_withheld || is_read_only(row))) ||
                            (may_lead_to_buyer && (is_too_little(row) || is_read_only(row)));
    if (!is_waiting(row) && !is_retried) continue;
    const std::int64_t waits_until_ms =
        time.keeps_wait ? row.next_attempt_ms : std::min(row.next_attempt_ms, time.due_ms);
    const std::int64_t due_ms = is_retried ? time.due_ms : waits_until_ms;
    if (!is_retried && !has_new_match && due_ms == row.next_attempt_ms) continue;
    row.anonymous_id = conversion.anonymous_id;
    row.session_id = conversion.session_id;
    row.next_attempt_ms = due_ms;
    if (is_retried) {
      row.state = DeliveryState::queued;
      row.lease_until_ms = 0;
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
  TL_CHECK(follow(outbox, site, conversion, event_name, event_id, time));
  TL_TRY(made, outbox.deliveries_of_event(site.id, event_id));
  for (const auto& destination : site.destinations) {
    if (!takes(destination, event_name) || has_heard(made, destination, event_name)) continue;
    DeliveryRow row;
    row.site_id = site.id;
    row.destination = destination.name;
    row.account = account_of(destination);
    row.event_name = event_name;
    row.event_id = event_id;
    row.subject = DeliverySubject::conversion;
    row.anonymous_id = conversion.anonymous_id;
    row.session_id = conversion.session_id;
    row.occurred_ms = conversion.occurred_ms;
    row.created_ms = time.now_ms;
    row.next_attempt_ms = time.due_ms;
    TL_CHECK(outbox.enqueue(row));
  }
  return {};
}

Outcome<void> restate_sale(OutboxStore& outbox, const SiteConfig& site,
                           const ConversionRow& conversion, const Id128& event_id,
                           const DestinationTakes& takes, std::int64_t now_ms) {
  TL_TRY(rows, outbox.deliveries_of_event(site.id, conversion.id));
  const DestinationTakes knows = [&](const DestinationConfig& config, std::string_view event_name) {
    return takes(config, event_name) &&
           std::any_of(rows.begin(), rows.end(), [&](const DeliveryRow& row) {
             return is_same_receiver(row, config.name, account_of(config)) &&
                    row.event_name == conversion.kind &&
                    (row.state == DeliveryState::sending || row.state == DeliveryState::accepted ||
                     row.state == DeliveryState::delivered);
           });
  };
  return enqueue_conversion(outbox, site, conversion, kPurchaseRestated, event_id, knows,
                            {now_ms, now_ms});
}

Outcome<void> follow_refunds(Tables& tables, const SiteConfig& site,
                             const ConversionRow& conversion, const DueTime& time) {
  if (!conversion.live || read_refund_steps(conversion.refunds).empty()) return {};
  TL_TRY(changes, tables.orders().changes_of(site.id, conversion.provider, conversion.order_id));
  for (const auto& change : changes) {
    const OrderFact fact = read_fact(change);
    if (!fact.refund_event_id) continue;
    const auto name = fact.refund_event_minor > 0 ? std::string_view("refund") : kRefundReversed;
    TL_CHECK(follow(tables.outbox(), site, conversion, name, *fact.refund_event_id, time));
  }
  return {};
}

Outcome<void> join_deliveries(OutboxStore& outbox, std::string_view site_id, const Id128& from,
                              const Id128& into) {
  TL_TRY(former, outbox.deliveries_of_event(site_id, from));
  TL_TRY(staying, outbox.deliveries_of_event(site_id, into));
  for (auto& row : former) {
    const bool is_taken =
        row.state == DeliveryState::delivered || row.state == DeliveryState::accepted;
    const bool may_have_arrived = is_taken || row.state == DeliveryState::sending || row.ambiguous;
    if (!may_have_arrived) {
      TL_CHECK(withhold(outbox, row, joined_into(into)));
      continue;
    }
    for (auto& other : staying)
      if (is_same_receiver(other, row.destination, row.account) &&
          other.event_name == row.event_name && is_waiting(other))
        TL_CHECK(withhold(outbox, other, sent_already_as(from)));
    if (!is_taken) continue;
    row.last_error = delivered_before(into);
    TL_CHECK(outbox.put_delivery(row));
  }
  return {};
}

Outcome<void> part_deliveries(OutboxStore& outbox, std::string_view site_id, const Id128& event_id,
                              const Id128& other, std::int64_t now_ms) {
  TL_TRY(rows, outbox.deliveries_of_event(site_id, event_id));
  for (auto& row : rows) {
    const bool waits_again =
        row.state == DeliveryState::withheld &&
        (row.last_error == joined_into(other) || row.last_error == sent_already_as(other));
    if (!waits_again && row.last_error != delivered_before(other)) continue;
    row.last_error.clear();
    if (waits_again) {
      row.state = DeliveryState::queued;
      row.attempts = 0;
      row.next_attempt_ms = now_ms;
    }
    TL_CHECK(outbox.put_delivery(row));
  }
  return {};
}

}  // namespace tl::server
