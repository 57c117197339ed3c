// SPDX-License-Identifier: Apache-2.0
// What the site's own server states: orders and refunds go through the same ledger as a provider's
// news of them, as facts of the same sale; leads, signups and own conversions stand for themselves.
// Of a sale that a provider tells too, the provider's amount counts and the site's ids and consent.
#pragma once

#include "server/core/orders/order_steps.hpp"

namespace tl::server {

// Inside a transaction. Errors: those of Orders::receive_stated().
Outcome<StatedResult> record_stated(Tables& tables, const SiteConfig& site,
                                    const StatedConversion& stated, const OrderUseCase& by);

}  // namespace tl::server
