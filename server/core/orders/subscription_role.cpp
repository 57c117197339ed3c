// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/subscription_role.hpp"

#include "server/core/attribution/late_evidence.hpp"
#include "server/core/durations.hpp"
#include "server/core/orders/apart_orders.hpp"

#include <algorithm>

namespace tl::server {
namespace {

// A trial's start, the first payment and one that was taken for it; a few more cost nothing.
constexpr std::uint32_t kEarliest = 8;
// A year's subscription collects for the first time a year after the payment apart that began it.
constexpr std::int64_t kLongestPeriodMs = 400 * kDayMs;

bool is_subscribed(const ConversionDraft& draft) {
  return draft.kind == "purchase" && draft.live && !draft.subscription_id.empty();
}

bool is_payment(const OrderRow& order) {
  return order.amount_minor > 0;
}

Outcome<std::vector<OrderRow>> earliest_of(OrderStore& orders, std::string_view site_id,
                                           const ConversionDraft& draft) {
  return orders.earliest_of_subscription(site_id, draft.provider, draft.subscription_id, kEarliest);
}

// The order of no subscription that began the one of which this is the first that it collects.
Outcome<std::optional<OrderRow>> apart_before(OrderStore& orders, std::string_view site_id,
                                              const ConversionDraft& draft) {
  std::optional<OrderRow> order;
  TL_TRY(groups, apart_orders(orders, site_id, draft, draft.occurred_ms));
  if (groups.empty()) return order;
  OrderRow& surest = groups.front().orders.front();
  if (draft.occurred_ms - draft_of(surest).occurred_ms <= kLongestPeriodMs)
    order = std::move(surest);
  return order;
}

// Of one whose provider does not say: renewals are those after the first payment.
Outcome<SubscriptionRole> role_among(OrderStore& orders, std::string_view site_id,
                                     const std::vector<OrderRow>& earliest,
                                     const ConversionDraft& draft) {
  if (draft.subscription != SubscriptionRole::none &&
      draft.subscription != SubscriptionRole::collected)
    return draft.subscription;
  for (const auto& order : earliest) {
    if (order.order_id == draft.order_id) break;
    if (is_payment(order)) return SubscriptionRole::renewal;
  }
  if (draft.subscription == SubscriptionRole::none) return SubscriptionRole::first;
  TL_TRY(apart, apart_before(orders, site_id, draft));
  return apart && is_payment(*apart) ? SubscriptionRole::renewal : SubscriptionRole::first;
}

}  // namespace

Outcome<SubscriptionRole> role_of(OrderStore& orders, std::string_view site_id,
                                  const ConversionDraft& draft) {
  // A trial's start is no payment, neither the first nor one that renews.
  if (!is_subscribed(draft) || draft.amount_minor == 0)
    return draft.subscription == SubscriptionRole::collected ? SubscriptionRole::none
                                                             : draft.subscription;
  TL_TRY(earliest, earliest_of(orders, site_id, draft));
  return role_among(orders, site_id, earliest, draft);
}

Outcome<SubscriptionRole> marked_role(OrderStore& orders, std::string_view site_id,
                                      const ConversionDraft& draft, SubscriptionRole role) {
  if (!is_subscribed(draft)) return role;
  if (draft.amount_minor == 0)
    return role == SubscriptionRole::first ? SubscriptionRole::none : role;
  if (role != SubscriptionRole::renewal) return role;
  TL_TRY(earliest, earliest_of(orders, site_id, draft));
  const auto first = std::find_if(earliest.begin(), earliest.end(), is_payment);
  if (first == earliest.end() || first->order_id != draft.order_id) return role;
  if (first != earliest.begin()) return SubscriptionRole::first;
  // The trial may be an order apart, too.
  TL_TRY(apart, apart_before(orders, site_id, draft));
  return apart && !is_payment(*apart) ? SubscriptionRole::first : role;
}

Outcome<LeadingPayments> leading_payments(OrderStore& orders, std::string_view site_id,
                                          const ConversionDraft& draft) {
  LeadingPayments leading;
  if (!is_subscribed(draft)) return leading;
  TL_TRY(earliest, earliest_of(orders, site_id, draft));
  if (earliest.empty()) return leading;
  for (const auto& order : earliest) {
    if (!is_payment(order)) continue;
    TL_TRY(role, role_among(orders, site_id, earliest, draft_of(order)));
    if (role != SubscriptionRole::first) continue;
    leading.first = order;
    break;
  }
  leading.oldest = std::move(earliest.front());
  if (!leading.first && !is_payment(*leading.oldest)) leading.first = leading.oldest;
  return leading;
}

Outcome<void> settle_first_payment(Tables& tables, const SiteConfig& site,
                                   const ConversionDraft& draft, const ConversionRow& row,
                                   std::int64_t now_ms) {
  const bool is_trial = row.amount_minor == 0;
  if (!is_subscribed(draft) || (!is_trial && row.subscription != SubscriptionRole::first))
    return {};
  TL_TRY(earliest, earliest_of(tables.orders(), site.id, draft));
  const auto first = std::find_if(earliest.begin(), earliest.end(), is_payment);
  for (auto order = first; order != earliest.end(); ++order) {
    if (order->order_id == draft.order_id) continue;
    // Beside a first payment another first is none; after a trial the first payment is one.
    const auto mistaken = is_trial ? SubscriptionRole::renewal : SubscriptionRole::first;
    if (is_trial && order != first) break;
    // Whose provider says that it is a first one stays so, however often it is asked.
    if (!is_trial && order->subscription == SubscriptionRole::first) continue;
    TL_TRY(other, tables.orders().find_conversion_of_order(site.id, order->provider,
                                                           order->order_id, draft.kind));
    if (other && other->subscription == mistaken)
      TL_CHECK(restate_conversion(tables, site, *other, now_ms));
  }
  return {};
}

}  // namespace tl::server
