// SPDX-License-Identifier: Apache-2.0
// Pairing of a bill with the payment that settled it where nothing names both (SaleHalf): the same
// customer, amount and currency, and paid within minutes of each other. A bill makes the payment
// that settles it when it becomes final, so a payment that was begun before is none of its. An
// exact reference is always better; without one an invoice and its payment intent would be two
// sales.
#pragma once

#include "server/core/order_fact.hpp"
#include "server/core/ports/order_store.hpp"

#include <optional>
#include <vector>

namespace tl::server {

// What the facts name together.
SaleHalf half_of(const std::vector<OrderFact>& facts);

// Whether joining these would lose a sale, which no reference may: two bills, or payments that come
// to more than the bill. Pairing guesses among equals (two subscriptions of one buyer, billed in
// one minute; a payment right after a renewal); a later exact reference must not join all of them.
bool are_two_sales(const std::vector<OrderFact>& a, const std::vector<OrderFact>& b);

// The order that holds the half which `facts`, folded to `order`, lack: of several the nearest in
// time. None while `order` is unpaid, whole or of no known customer.
Outcome<std::optional<OrderRow>> find_other_half(OrderStore& store, const OrderRow& order,
                                                 const std::vector<OrderFact>& facts);

}  // namespace tl::server
