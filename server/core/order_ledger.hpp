// SPDX-License-Identifier: Apache-2.0
// The order ledger inside a transaction: finds the sale a fact belongs to by any of its references,
// joins rows that turn out to be one sale (payment intent first, session later; the site's own
// statement and the provider's news of it; an invoice and the intent that paid it:
// sale_halves.hpp), appends the fact and writes the row that all facts together give. The sum of a
// sale's delta_minor is always what it is worth now, whatever came in which order.
#pragma once

#include "server/core/order_fact.hpp"
#include "server/core/ports/order_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

struct LedgerEntry {
  std::string site_id;
  std::string provider;  // whose order it is, whoever tells the fact
  OrderFact fact;
  std::vector<std::string> aliases;  // beside fact.order_id
  std::int64_t recorded_ms = 0;
};

struct LedgerStep {
  OrderRow order;
  bool is_new_fact = true;
  // Rows under which this sale was known until now, other than that of `order`.
  std::vector<OrderKey> former;
  // When more is refunded than before this fact: the refund's own event id, an alias of the order.
  std::optional<Id128> refund_event_id;
};

Outcome<LedgerStep> record_fact(OrderStore& store, const LedgerEntry& entry);

// What the refund with this event id gave back; 0 when the order has no such refund.
Outcome<std::int64_t> refund_event_amount(OrderStore& store, const OrderRow& order,
                                          const Id128& event_id);

}  // namespace tl::server
