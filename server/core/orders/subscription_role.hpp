// SPDX-License-Identifier: Apache-2.0
// Which payment of a subscription is the first where the provider does not say: the earliest live
// one that is known, by (time, order id); the others renew it. One that arrives late and is earlier
// takes the place of the one that had it. What costs nothing is no payment: a trial has no role,
// and its first payment is the first although the provider calls it a renewal. A subscription that
// only collects may have begun with a payment apart from it: then its own first one renews that, if
// the customer paid one within the year before.
#pragma once

#include "server/core/attribution/conversions.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <optional>
#include <string_view>

namespace tl::server {

// By which the buyer is looked for: the draft's own role where it has one; none outside
// subscriptions.
Outcome<SubscriptionRole> role_of(OrderStore& orders, std::string_view site_id,
                                  const ConversionDraft& draft);

// By which the conversion is marked; `role` is role_of's.
Outcome<SubscriptionRole> marked_role(OrderStore& orders, std::string_view site_id,
                                      const ConversionDraft& draft, SubscriptionRole role);

// Of a subscription, as its own orders name it.
struct LeadingPayments {
  std::optional<OrderRow> first;   // or the trial that it ends; none where none is known for it
  std::optional<OrderRow> oldest;  // none outside subscriptions
};
Outcome<LeadingPayments> leading_payments(OrderStore& orders, std::string_view site_id,
                                          const ConversionDraft& draft);

// Whoever is taken for another than it is beside this conversion is restated.
Outcome<void> settle_first_payment(Tables& tables, const SiteConfig& site,
                                   const ConversionDraft& draft, const ConversionRow& row,
                                   std::int64_t now_ms);

}  // namespace tl::server
