// SPDX-License-Identifier: Apache-2.0
// Which payment of a subscription is the first where the provider does not say: the earliest live
// one that is known, by (time, order id); the others renew it. One that arrives late and is earlier
// takes the place of the one that had it.
#pragma once

#include "server/core/conversions.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <string_view>

namespace tl::server {

// The draft's own role where it has one; none outside subscriptions.
Outcome<SubscriptionRole> role_of(OrderStore& orders, std::string_view site_id,
                                  const ConversionDraft& draft);

// Whoever is taken for the first beside this conversion, which is the first, is restated.
Outcome<void> settle_first_payment(Tables& tables, const SiteConfig& site,
                                   const ConversionDraft& draft, const ConversionRow& row,
                                   std::int64_t now_ms);

}  // namespace tl::server
