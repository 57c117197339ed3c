// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/named_order.hpp"

#include <utility>

namespace tl::server {

Outcome<std::optional<OrderRow>> find_named_order(OrderStore& orders, std::string_view site_id,
                                                  std::string_view reference) {
  TL_TRY(order, orders.find_order_by_reference(site_id, reference));
  if (order) return order;
  TL_TRY(providers, orders.providers(site_id));
  for (const auto& provider : providers) {
    TL_TRY(first, orders.earliest_of_subscription(site_id, provider, reference, 1));
    if (!first.empty()) return std::optional(std::move(first.front()));
  }
  return std::optional<OrderRow>{};
}

}  // namespace tl::server
