// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/apart_payment.hpp"

#include "server/core/attribution/buyer_orders.hpp"
#include "server/core/attribution/conversion_path.hpp"
#include "server/core/attribution/late_evidence.hpp"
#include "server/core/orders/apart_orders.hpp"
#include "server/core/orders/subscription_role.hpp"
#include "server/core/people/person.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tl::server {
namespace {

constexpr std::uint32_t kMostRenewals = 10'000;

Outcome<bool> is_shared_name(Tables& tables, const SiteConfig& site, const ConversionDraft& draft,
                             const OrderBuyer& name) {
  if (const auto* customer = std::get_if<std::string>(&name)) {
    TL_TRY(named, visitor_of_buyer(tables, site, draft.provider, BuyerName::customer, *customer));
    return named.is_shared;
  }
  if (const auto* visitor = std::get_if<Id128>(&name)) {
    TL_TRY(ties, ties_of(tables, site.id, *visitor));
    return ties.is_shared;
  }
  TL_TRY(ties, ties_of(tables, site.id, ContactRef{ContactKind::email, std::get<Digest>(name)}));
  return ties.is_shared;
}

// Of those that are somebody's, latest first: one whose visitor is known for certain, else any.
Outcome<std::optional<ConversionRow>> chosen_of(Tables& tables,
                                                const std::vector<OrderRow>& orders) {
  std::optional<ConversionRow> chosen;
  for (const auto& order : orders) {
    TL_TRY(row, tables.orders().find_conversion_of_order(order.site_id, order.provider,
                                                         order.order_id, "purchase"));
    if (!row || row->match_type == MatchType::none) continue;
    if (identifies_visitor(row->match_type)) return row;
    if (!chosen) chosen = std::move(row);
  }
  return chosen;
}

bool is_apart(const ConversionDraft& draft) {
  return draft.live && draft.subscription_id.empty() &&
         (draft.subscription == SubscriptionRole::none ||
          draft.subscription == SubscriptionRole::first);
}

// The renewals of that name among whose kApartOrders one may be that was paid then.
Outcome<std::vector<OrderRow>> renewals_after(OrderStore& orders, const SiteConfig& site,
                                              const std::string& provider, const OrderBuyer& name,
                                              std::int64_t from_ms, std::int64_t to_ms) {
  std::int64_t until_ms = std::numeric_limits<std::int64_t>::max();
  TL_TRY(apart, orders.earliest_of_buyer(site.id, provider, name, /*apart=*/true, to_ms, until_ms,
                                         kApartOrders + 1));
  if (apart.size() > kApartOrders) until_ms = apart.back().paid_ms.value_or(until_ms);
  return orders.earliest_of_buyer(site.id, provider, name, /*apart=*/false, from_ms, until_ms,
                                  kMostRenewals);
}

// The payments that look for their beginning when that one does: all of its subscription, unless
// one of them leads it.
Outcome<std::vector<OrderRow>> unled_with(OrderStore& orders, const SiteConfig& site,
                                          const OrderRow& order) {
  if (order.subscription_id.empty()) return std::vector<OrderRow>{order};
  TL_TRY(leading, leading_payments(orders, site.id, draft_of(order)));
  // A collected one is first only as long as nothing began its subscription before.
  const bool is_led = leading.first && leading.first->subscription != SubscriptionRole::collected;
  if (is_led) return std::vector<OrderRow>{};
  return orders.earliest_of_subscription(site.id, order.provider, order.subscription_id,
                                         kMostRenewals);
}

}  // namespace

Outcome<std::optional<ConversionRow>> apart_payment(Tables& tables, const SiteConfig& site,
                                                    const ConversionDraft& draft,
                                                    const Match& match, std::int64_t until_ms) {
  TL_TRY(groups, apart_orders(tables.orders(), site.id, draft, until_ms));
  std::optional<int> surest;
  for (const auto& group : groups) {
    // Where the one that began it is nobody's, no other one did.
    if (surest && group.surety < *surest) break;
    // Ids that somebody else's order had bind nobody.
    if (std::holds_alternative<Id128>(group.name) && match.handover != "bound") continue;
    TL_TRY(is_shared, is_shared_name(tables, site, draft, group.name));
    if (is_shared) continue;
    if (group.surety > 0) surest = group.surety;
    TL_TRY(chosen, chosen_of(tables, group.orders));
    if (chosen) return chosen;
  }
  return std::optional<ConversionRow>{};
}

Outcome<void> restate_begun(Tables& tables, const SiteConfig& site, const ConversionDraft& draft,
                            const ConversionRow* before, const ConversionRow& row,
                            std::int64_t now_ms) {
  // A new one that is none began nothing yet.
  if (!is_apart(draft) && before == nullptr && draft.former.empty()) return {};
  OrderStore& orders = tables.orders();
  const std::int64_t before_ms = before != nullptr ? before->occurred_ms : row.occurred_ms;
  const std::int64_t from_ms = std::min(before_ms, row.occurred_ms);
  const std::int64_t to_ms = std::max(before_ms, row.occurred_ms);
  std::set<std::string> providers = {draft.provider};
  for (const auto& former : draft.former) providers.insert(former.provider);
  std::map<std::pair<std::string, std::string>, OrderRow> renewals;  // by provider and order id
  for (const auto& provider : providers)
    for (const auto& name : names_of_buyer(draft)) {
      TL_TRY(after, renewals_after(orders, site, provider, name, from_ms, to_ms));
      for (const auto& order : after) {
        if (renewals.contains({provider, order.order_id})) continue;
        if (!is_apart(draft)) {
          renewals.try_emplace({provider, order.order_id}, order);
          continue;
        }
        TL_TRY(unled, unled_with(orders, site, order));
        for (auto& one : unled) renewals.try_emplace({provider, one.order_id}, std::move(one));
      }
    }
  renewals.erase({draft.provider, draft.order_id});
  for (const auto& [key, order] : renewals) {
    TL_TRY(other,
           orders.find_conversion_of_order(site.id, order.provider, order.order_id, "purchase"));
    if (!other) continue;
    const bool may_follow = is_apart(draft) && order.provider == draft.provider;
    if (may_follow || parse_snapshot(other->snapshot).path_of == row.id)
      TL_CHECK(restate_conversion(tables, site, *other, now_ms));
  }
  return {};
}

}  // namespace tl::server
