// SPDX-License-Identifier: Apache-2.0
// Which facts are one sale. Those that share a name are; beside them a bill and the payment that
// settled it where nothing names both (SaleHalf): the same customer, amount and currency, and paid
// within minutes of each other, of several the nearest in time. A bill makes the payment that
// settles it when it becomes final, so a payment that was begun before is none of its. Such a pair
// is a guess, made because an invoice and its payment intent would else be two sales: it is made
// anew from all facts, so it ends when a name says that one of its halves belongs elsewhere.
#pragma once

#include "server/core/orders/order_fact.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// How far apart in time the halves of one sale may be paid.
inline constexpr std::int64_t kPairingMs = 5 * 60 * 1000;

// A fact that is not kept under any row yet.
inline constexpr std::size_t kNoRow = static_cast<std::size_t>(-1);

struct PlacedFact {
  OrderFact fact;
  std::size_t row = kNoRow;
};
using FactGroup = std::vector<std::size_t>;  // places in the list of facts, ascending

// By what the sale of a fact is known, to providers and to the site: references, the event id of a
// refund and that of the purchase.
std::vector<std::string> names_of(std::string_view site_id, std::string_view provider,
                                  const OrderFact& fact);

// What facts of one sale are about together.
SaleHalf half_of(const std::vector<OrderFact>& facts);
// Whether these are the bill alone or the payment alone.
bool is_half(const std::vector<OrderFact>& facts);

// Each group is one sale. What has no half (a refund, another provider's news) stays with its row.
std::vector<FactGroup> group_facts(std::string_view site_id, std::string_view provider,
                                   const std::vector<PlacedFact>& facts);

}  // namespace tl::server
