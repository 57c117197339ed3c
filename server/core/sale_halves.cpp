// SPDX-License-Identifier: Apache-2.0
#include "server/core/sale_halves.hpp"

#include "server/core/durations.hpp"

#include <algorithm>
#include <cstdlib>

namespace tl::server {
namespace {

// An invoice is paid in the second in which its intent succeeds; a provider's clock and an event
// object that was made late need no more than this.
constexpr std::int64_t kPairingMs = 5 * kMinuteMs;

bool names(SaleHalf half, SaleHalf part) {
  return (static_cast<int>(half) & static_cast<int>(part)) != 0;
}

bool is_billed(const OrderFact& fact) {
  return fact.kind == OrderChange::Kind::purchase && names(fact.half, SaleHalf::bill);
}

}  // namespace

SaleHalf half_of(const std::vector<OrderFact>& facts) {
  int bits = 0;
  for (const auto& fact : facts) bits |= static_cast<int>(fact.half);
  return static_cast<SaleHalf>(bits);
}

bool are_two_bills(const std::vector<OrderFact>& a, const std::vector<OrderFact>& b) {
  return std::any_of(a.begin(), a.end(), [&](const OrderFact& one) {
    return is_billed(one) && std::any_of(b.begin(), b.end(), [&](const OrderFact& other) {
             return is_billed(other) && other.rank == one.rank && other.order_id != one.order_id;
           });
  });
}

Outcome<std::optional<OrderRow>> find_other_half(OrderStore& store, const OrderRow& order,
                                                 SaleHalf half) {
  std::optional<OrderRow> nearest;
  const bool is_half = half == SaleHalf::bill || half == SaleHalf::payment;
  if (!is_half || !order.paid_ms || order.customer_id.empty()) return nearest;
  const SaleHalf other = half == SaleHalf::bill ? SaleHalf::payment : SaleHalf::bill;
  const auto distance = [&](const OrderRow& row) {
    return std::abs(*row.paid_ms - *order.paid_ms);
  };
  TL_TRY(rows,
         store.paid_orders_of_customer(order.site_id, order.provider, order.customer_id,
                                       *order.paid_ms - kPairingMs, *order.paid_ms + kPairingMs));
  for (auto& row : rows) {
    if (row.amount_minor != order.amount_minor || row.currency != order.currency) continue;
    if (row.live != order.live || (nearest && distance(row) >= distance(*nearest))) continue;
    TL_TRY(changes, store.changes_of(row.site_id, row.provider, row.order_id));
    std::vector<OrderFact> facts;
    for (const auto& change : changes) facts.push_back(read_fact(change));
    if (half_of(facts) == other) nearest = std::move(row);
  }
  return nearest;
}

}  // namespace tl::server
