// SPDX-License-Identifier: Apache-2.0
// The order ledger inside a transaction: finds the facts that a new one belongs with by any of its
// references, and which of them all are one sale (sale_halves.hpp): payment intent first, session
// later; the site's own statement and the provider's news of it; an invoice and the intent that
// paid it. Rows that turn out to be one sale are joined, and what was only guessed to be one is
// parted again when a name says so. Appends the fact and writes the rows that all facts together
// give. The sum of a sale's delta_minor is always what it is worth now, whatever came in which
// order.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/orders/order_fact.hpp"
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
  std::int64_t recorded_ms = 0;
};

struct ChangedSale {
  OrderRow order;
  SaleHalf half = SaleHalf::unsaid;  // what all its facts are about
  bool is_in_parts = false;          // further payments of it may come
  // Other orders under which conversions of this sale are kept until they are joined with its own.
  std::vector<OrderKey> former;
};

struct LedgerStep : ChangedSale {
  bool is_new_fact = true;
  bool is_fuller = false;  // a known fact, of which something was not known yet
  bool is_erased = false;  // the buyer was erased: the fact was kept without the buyer
  // When more is refunded than was ever told of the sale, or less than before of what was told, or
  // the amount of a paid sale has changed: the event's own id, an alias of the order.
  std::optional<Id128> refund_event_id;
  bool is_reversal = false;  // less
  bool is_restated = false;  // the amount alone
  // Sales that were held for one with this one, or with each other.
  std::vector<ChangedSale> parted;
};

// `box`: by which what named an erased buyer is known again.
Outcome<LedgerStep> record_fact(OrderStore& store, const LedgerEntry& entry, const SecretBox* box);

}  // namespace tl::server
