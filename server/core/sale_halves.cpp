// SPDX-License-Identifier: Apache-2.0
#include "server/core/sale_halves.hpp"

#include "server/core/durations.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string_view>

namespace tl::server {
namespace {

// An invoice is paid in the second in which its intent succeeds; a provider's clock and an event
// object that was made late need no more than this.
constexpr std::int64_t kPairingMs = 5 * kMinuteMs;

// Stripe writes whole seconds, and the bill's own may come after its payment's.
constexpr std::int64_t kSameMomentMs = 2000;

bool names(SaleHalf half, SaleHalf part) {
  return (static_cast<int>(half) & static_cast<int>(part)) != 0;
}

bool is_billed(const OrderFact& fact) {
  return fact.kind == OrderChange::Kind::purchase && names(fact.half, SaleHalf::bill);
}
bool is_payment(const OrderFact& fact) {
  return fact.kind == OrderChange::Kind::purchase && fact.rank <= kPaymentRank &&
         names(fact.half, SaleHalf::payment);
}

bool are_two_bills(const std::vector<OrderFact>& a, const std::vector<OrderFact>& b) {
  return std::any_of(a.begin(), a.end(), [&](const OrderFact& one) {
    return is_billed(one) && std::any_of(b.begin(), b.end(), [&](const OrderFact& other) {
             return is_billed(other) && other.rank == one.rank && other.order_id != one.order_id;
           });
  });
}

bool are_too_many_payments(const std::vector<OrderFact>& a, const std::vector<OrderFact>& b) {
  std::map<std::string_view, std::int64_t> payments;
  std::optional<std::int64_t> billed;
  for (const auto* facts : {&a, &b})
    for (const auto& fact : *facts) {
      if (is_payment(fact)) payments.try_emplace(fact.order_id, fact.amount_minor);
      if (is_billed(fact)) billed = std::max(billed.value_or(0), fact.amount_minor);
    }
  std::int64_t paid = 0;
  for (const auto& [id, amount_minor] : payments) paid += amount_minor;
  return billed && payments.size() > 1 && paid > *billed;
}

std::optional<std::int64_t> made_ms(const std::vector<OrderFact>& facts) {
  for (const auto& fact : facts)
    if (fact.half_made_ms) return fact.half_made_ms;
  return std::nullopt;
}

// Whether the payment was begun before the bill was final.
bool is_too_early(const std::vector<OrderFact>& payment, const std::vector<OrderFact>& bill) {
  const auto begun = made_ms(payment), final = made_ms(bill);
  return begun && final && *begun + kSameMomentMs < *final;
}

}  // namespace

SaleHalf half_of(const std::vector<OrderFact>& facts) {
  int bits = 0;
  for (const auto& fact : facts) bits |= static_cast<int>(fact.half);
  return static_cast<SaleHalf>(bits);
}

bool are_two_sales(const std::vector<OrderFact>& a, const std::vector<OrderFact>& b) {
  return are_two_bills(a, b) || are_too_many_payments(a, b);
}

Outcome<std::optional<OrderRow>> find_other_half(OrderStore& store, const OrderRow& order,
                                                 const std::vector<OrderFact>& facts) {
  std::optional<OrderRow> nearest;
  const SaleHalf half = half_of(facts);
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
    std::vector<OrderFact> others;
    for (const auto& change : changes) others.push_back(read_fact(change));
    if (half_of(others) != other) continue;
    if (half == SaleHalf::payment ? is_too_early(facts, others) : is_too_early(others, facts))
      continue;
    nearest = std::move(row);
  }
  return nearest;
}

}  // namespace tl::server
