// SPDX-License-Identifier: Apache-2.0
// What the use cases about money share, whoever reports it.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/config.hpp"
#include "server/core/orders/order_ledger.hpp"
#include "server/core/orders/orders.hpp"
#include "server/core/ports/store.hpp"

#include <cstdint>

namespace tl::server {

// What every step needs to know.
struct OrderUseCase {
  const DestinationTakes& takes;
  const SecretBox* box = nullptr;
  std::int64_t now_ms = 0;
  // Destinations wait as long at least: something more of the sale is being fetched.
  std::int64_t least_hold_ms = 0;
};

// Keeps what destinations need to know of the buyer's contacts while their plain text is at hand.
Outcome<void> keep_contacts(Tables& tables, const SiteConfig& site, const CustomerDetails& customer,
                            const OrderUseCase& by);

// Tells the ledger a fact, and what that means to the conversion and its destinations. The contacts
// of `customer` are kept, unless the buyer of this order was erased or `keeps_contacts` is false.
Outcome<LedgerStep> tell_ledger(Tables& tables, const SiteConfig& site, const LedgerEntry& entry,
                                const CustomerDetails& customer, bool keeps_contacts,
                                const OrderUseCase& by);

}  // namespace tl::server
