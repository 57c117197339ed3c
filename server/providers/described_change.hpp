// SPDX-License-Identifier: Apache-2.0
// One event, or one member of a list in it, read into an order change by the rule that fits it.
#pragma once

#include "server/core/outcome.hpp"
#include "server/providers/event_source.hpp"
#include "server/providers/webhook_fields.hpp"

namespace tl::server {

struct RuleInForce {
  const PaymentDescription& description;
  const EventRule& rule;
  const SiteConfig& site;
};

// `start` has the event's key, type and live flag. Errors: invalid (malformed_body) when an event
// that moves money has no readable sale key, amount or currency.
Outcome<OrderChange> read_described_change(const RuleInForce& force, const EventPlace& place,
                                           OrderChange start);

}  // namespace tl::server
