// SPDX-License-Identifier: Apache-2.0
// Sales that the order ledger found to be other than their rows say: rows are joined and parted,
// and every name and every conversion goes to the sale it belongs to.
#pragma once

#include "server/core/orders/order_ledger.hpp"
#include "server/core/orders/sale_halves.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace tl::server {

// A group of facts that a step changes, and its row from now on.
struct SaleGroup {
  FactGroup facts;
  ChangedSale changed;
  std::set<std::size_t> rows;  // whose facts it has
};

struct Regrouped {
  const std::vector<OrderRow>& rows;
  const std::vector<PlacedFact>& facts;
  std::vector<SaleGroup>& sales;
};

inline OrderKey key_of(const OrderRow& row) {
  return {row.provider, row.order_id};
}

// The names that the fact itself gives its sale; the first is its own.
std::vector<std::string> references_of(const OrderFact& fact);

// Removes the rows that the sales had, moves what belonged to them and says in `changed.former`
// what a sale's conversion has still to take over. The sales' own rows and changes are the
// caller's to write.
Outcome<void> regroup(OrderStore& store, const LedgerEntry& entry, const Regrouped& regrouped);

}  // namespace tl::server
