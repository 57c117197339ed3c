// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/apart_orders.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace tl::server {
namespace {

std::set<std::string> products_of(const std::string& items) {
  std::set<std::string> products;
  const auto list = nlohmann::json::parse(items, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) return products;
  for (const auto& item : list) {
    if (!item.is_object()) continue;
    const auto id = item.find("id");
    if (id != item.end() && id->is_string() && !id->get_ref<const std::string&>().empty())
      products.insert(id->get<std::string>());
  }
  return products;
}

// As of a shared payment link or browser.
bool has_another_buyer(const OrderRow& order, const ConversionDraft& later) {
  return are_two_buyers(
      {order.provider, order.customer_id, order.subscription_id, order.email_hash},
      {later.provider, later.customer_id, later.subscription_id, later.email_hash});
}

// A session alone may hold several checkouts.
bool has_same_handover(const OrderRow& order, const ConversionDraft& later, bool sold_same) {
  const bool has_same_session = order.session_id && order.session_id == later.session_id;
  if (!order.checkout_started_ms || !later.checkout_started_ms)
    return has_same_session && sold_same;
  const bool has_same_visitor = order.anonymous_id && order.anonymous_id == later.anonymous_id;
  return order.checkout_started_ms == later.checkout_started_ms &&
         (has_same_session || has_same_visitor);
}

// None: it began nothing.
std::optional<int> surety_of(const OrderRow& order, const ConversionDraft& later,
                             const std::set<std::string>& later_products) {
  const auto products = products_of(order.items);
  const bool are_told = !products.empty() && !later_products.empty();
  const bool sold_same =
      are_told ? std::any_of(products.begin(), products.end(),
                             [&](const auto& id) { return later_products.contains(id); })
               : order.amount_minor == later.amount_minor && order.currency == later.currency;
  const bool sold_other = are_told && !sold_same;
  if (sold_other && order.amount_minor == 0) return std::nullopt;
  const bool is_first = order.subscription == SubscriptionRole::first && !sold_other;
  const bool is_of_checkout = has_same_handover(order, later, sold_same);
  return (is_of_checkout ? 4 : 0) + (is_first ? 2 : 0) + (sold_same ? 1 : 0);
}

}  // namespace

std::vector<OrderBuyer> names_of_buyer(const ConversionDraft& draft) {
  std::vector<OrderBuyer> names;
  if (!draft.customer_id.empty()) names.emplace_back(draft.customer_id);
  if (draft.anonymous_id) names.emplace_back(*draft.anonymous_id);
  if (draft.email_hash) names.emplace_back(*draft.email_hash);
  return names;
}

Outcome<std::vector<ApartOrders>> apart_orders(OrderStore& orders, std::string_view site_id,
                                               const ConversionDraft& later,
                                               std::int64_t until_ms) {
  const auto products = products_of(later.items);
  std::vector<ApartOrders> groups;
  for (const auto& name : names_of_buyer(later)) {
    TL_TRY(latest, orders.latest_of_buyer(site_id, later.provider, name, /*apart=*/true, until_ms,
                                          kApartOrders));
    std::map<int, std::vector<OrderRow>> by_surety;
    for (auto& order : latest) {
      if (has_another_buyer(order, later)) continue;
      if (const auto surety = surety_of(order, later, products))
        by_surety[*surety].push_back(std::move(order));
    }
    for (auto& [surety, equal] : by_surety) groups.push_back({surety, name, std::move(equal)});
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const ApartOrders& a, const ApartOrders& b) { return a.surety > b.surety; });
  return groups;
}

}  // namespace tl::server
