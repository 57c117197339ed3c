// SPDX-License-Identifier: Apache-2.0
// Conversions and refunds on their way to destinations: rows of the outbox, written in the
// transaction of what they report. Consent is the sender's business, read again at send time. A
// refund's delivery has an event id of its own, which is an alias of the order: find_conversion()
// leads from it to the purchase.
#pragma once

#include "server/core/config.hpp"
#include "server/core/orders/orders.hpp"
#include "server/core/ports/outbox_store.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <string_view>

namespace tl::server {

// Money that a refund gave back has come again, or goes again after that: for destinations alone
// that restate a sale (DestinationLimits::restates) and take its refunds.
inline constexpr std::string_view kRefundReversed = "refund_reversed";
// The amount of a sale has changed since it was told: for the same destinations.
inline constexpr std::string_view kPurchaseRestated = "purchase_restated";

// Whether those alone hear of it that restate a sale.
inline bool is_restatement(std::string_view event_name) {
  return event_name == kRefundReversed || event_name == kPurchaseRestated;
}
// Whether it changes what is left of a sale that was told before.
inline bool follows_sale(std::string_view event_name) {
  return event_name == "refund" || is_restatement(event_name);
}

struct DueTime {
  std::int64_t now_ms = 0, due_ms = 0;
  bool has_new_consent = false;    // stated since the deliveries were made
  bool keeps_wait = false;         // nothing was told that ends a companion's hold
  bool has_found_visitor = false;  // matched otherwise than before, and to a visitor for certain
  bool has_new_contact = false;    // the buyer has one, and there is news of who that is
};

// A live conversion to every destination that takes `event_name`. What was made for it before
// follows the conversion, whatever `takes` says now: a better match, an earlier due time; what was
// withheld because nobody knew the consent, or was read by a lane and not sent yet, is tried again
// when a match is found or consent is stated; what told too little of the buyer to be sent, when
// there is a contact.
Outcome<void> enqueue_conversion(OutboxStore& outbox, const SiteConfig& site,
                                 const ConversionRow& conversion, std::string_view event_name,
                                 const Id128& event_id, const DestinationTakes& takes,
                                 const DueTime& time);

// To those that restate a sale and have heard of this one, or are hearing of it: whom it still
// waits for is told of it as it is by then.
Outcome<void> restate_sale(OutboxStore& outbox, const SiteConfig& site,
                           const ConversionRow& conversion, const Id128& event_id,
                           const DestinationTakes& takes, std::int64_t now_ms);

// The same for what was made for its refunds.
Outcome<void> follow_refunds(Tables& tables, const SiteConfig& site,
                             const ConversionRow& conversion, const DueTime& time);

// The conversion `from` turned out to be `into`. What was not sent yet under its id is not sent.
// What was sent, or may have been, stays with a note, and that destination is not told again under
// the other id.
Outcome<void> join_deliveries(OutboxStore& outbox, std::string_view site_id, const Id128& from,
                              const Id128& into);
// And the other way round: what join_deliveries() withheld of `event_id` because it was held for
// one with `other` waits again.
Outcome<void> part_deliveries(OutboxStore& outbox, std::string_view site_id, const Id128& event_id,
                              const Id128& other, std::int64_t now_ms);

}  // namespace tl::server
