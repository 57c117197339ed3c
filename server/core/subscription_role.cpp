// SPDX-License-Identifier: Apache-2.0
#include "server/core/subscription_role.hpp"

#include "server/core/late_evidence.hpp"

namespace tl::server {
namespace {

bool is_for_us_to_say(const ConversionDraft& draft) {
  return draft.kind == "purchase" && draft.live && draft.subscription == SubscriptionRole::none &&
         !draft.subscription_id.empty();
}

}  // namespace

Outcome<SubscriptionRole> role_of(OrderStore& orders, std::string_view site_id,
                                  const ConversionDraft& draft) {
  if (!is_for_us_to_say(draft)) return draft.subscription;
  TL_TRY(earliest,
         orders.earliest_of_subscription(site_id, draft.provider, draft.subscription_id, 1));
  const bool is_first = earliest.empty() || earliest.front().order_id == draft.order_id;
  return is_first ? SubscriptionRole::first : SubscriptionRole::renewal;
}

Outcome<void> settle_first_payment(Tables& tables, const SiteConfig& site,
                                   const ConversionDraft& draft, const ConversionRow& row,
                                   std::int64_t now_ms) {
  if (!is_for_us_to_say(draft) || row.subscription != SubscriptionRole::first) return {};
  TL_TRY(earliest, tables.orders().earliest_of_subscription(site.id, draft.provider,
                                                            draft.subscription_id, 2));
  for (const auto& order : earliest) {
    if (order.order_id == draft.order_id) continue;
    TL_TRY(next, tables.orders().find_conversion_of_order(site.id, order.provider, order.order_id,
                                                          draft.kind));
    if (next && next->subscription == SubscriptionRole::first)
      TL_CHECK(restate_conversion(tables, site, *next, now_ms));
  }
  return {};
}

}  // namespace tl::server
