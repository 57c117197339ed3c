// SPDX-License-Identifier: Apache-2.0
// The orders that references lead to. A reference that named a buyer who was erased leads to the
// order of the digest that stands in its place (erased_references.hpp), so that what is told again
// is known and a refund finds its sale.
#pragma once

#include "server/core/ports/order_store.hpp"
#include "server/core/privacy/erased_references.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace tl::server {

class KnownOrders {
 public:
  // Keeps references.
  KnownOrders(OrderStore& orders, std::string_view site_id, const ErasedReferences& erased)
      : orders_(orders), site_id_(site_id), erased_(erased) {}

  // By an order's own name or another of it.
  Outcome<std::optional<OrderRow>> find(std::string_view provider, const std::string& reference);
  // As the site stated it, else as a provider told it.
  Outcome<std::optional<OrderRow>> find_anywhere(const std::string& reference);
  // What a subscription or customer is called since it was erased; none: it was not.
  Outcome<std::optional<std::string>> later_name(std::string_view provider, BuyerName kind,
                                                 std::string account);
  // What stands in the place of references that led to an order.
  [[nodiscard]] const std::set<std::string>& digests() const { return digests_; }

 private:
  Outcome<bool> has_digests(std::string_view provider);

  OrderStore& orders_;
  std::string site_id_;
  const ErasedReferences& erased_;
  std::map<std::string, bool, std::less<>> has_digests_;  // by provider
  std::set<std::string> digests_;
};

}  // namespace tl::server
