// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/subscription_role.hpp"

#include "server/core/attribution/late_evidence.hpp"

#include <algorithm>

namespace tl::server {
namespace {

// A trial's start, the first payment and one that was taken for it; a few more cost nothing.
constexpr std::uint32_t kEarliest = 8;

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

// Of one whose provider does not say: renewals are those after the first payment.
SubscriptionRole role_among(const std::vector<OrderRow>& earliest, SubscriptionRole told,
                            std::string_view order_id) {
  if (told != SubscriptionRole::none) return told;
  for (const auto& order : earliest) {
    if (order.order_id == order_id) break;
    if (is_payment(order)) return SubscriptionRole::renewal;
  }
  return SubscriptionRole::first;
}

}  // namespace

Outcome<SubscriptionRole> role_of(OrderStore& orders, std::string_view site_id,
                                  const ConversionDraft& draft) {
  // A trial's start is no payment, neither the first nor one that renews.
  if (!is_subscribed(draft) || draft.subscription != SubscriptionRole::none ||
      draft.amount_minor == 0)
    return draft.subscription;
  TL_TRY(earliest, earliest_of(orders, site_id, draft));
  return role_among(earliest, draft.subscription, draft.order_id);
}

Outcome<SubscriptionRole> marked_role(OrderStore& orders, std::string_view site_id,
                                      const ConversionDraft& draft, SubscriptionRole role) {
  if (!is_subscribed(draft)) return role;
  if (draft.amount_minor == 0)
    return role == SubscriptionRole::first ? SubscriptionRole::none : role;
  if (role != SubscriptionRole::renewal) return role;
  TL_TRY(earliest, earliest_of(orders, site_id, draft));
  const auto first = std::find_if(earliest.begin(), earliest.end(), is_payment);
  const bool ends_trial =
      first != earliest.end() && first != earliest.begin() && first->order_id == draft.order_id;
  return ends_trial ? SubscriptionRole::first : role;
}

Outcome<std::optional<OrderRow>> leading_payment(OrderStore& orders, std::string_view site_id,
                                                 const ConversionDraft& draft) {
  if (!is_subscribed(draft)) return std::optional<OrderRow>{};
  TL_TRY(earliest, earliest_of(orders, site_id, draft));
  for (const auto& order : earliest)
    if (is_payment(order) &&
        role_among(earliest, order.subscription, order.order_id) == SubscriptionRole::first)
      return std::optional(order);
  return earliest.empty() ? std::optional<OrderRow>{} : std::optional(earliest.front());
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
