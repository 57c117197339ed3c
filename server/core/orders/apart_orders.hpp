// SPDX-License-Identifier: Apache-2.0
// The orders among which the one is that began a subscription without naming it: those of the same
// buyer at the same provider that no subscription names and that renew nothing; what has the same
// ids and names another buyer (conversion_match.hpp) is none. Which of them is
// told by three things, of which each counts for more than all that follow it:
//   4  the hand-over: the later payment carries the ids and the start of the order's own checkout
//      or, where one of the two does not say that start, the same session and it sold the same
//   2  the provider calls it a first payment, and it is not known to have sold something else
//   1  it sold the same: a product of it, or for the same amount where products are not told
//   0  nothing but its buyer
// What cost nothing and sold something else is no trial and began nothing, whatever ids it has.
#pragma once

#include "server/core/attribution/conversion_draft.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace tl::server {

// So many of a buyer's orders are looked at, however many there are.
inline constexpr std::uint32_t kApartOrders = 8;

// By account, ids, address: the strongest first.
std::vector<OrderBuyer> names_of_buyer(const ConversionDraft& draft);

// Equally sure ones that have one name in common with the later payment.
struct ApartOrders {
  int surety = 0;  // the sum
  OrderBuyer name;
  std::vector<OrderRow> orders;  // latest first, never empty
};
// Up to and including then; the surest first, equally sure ones by their name's strength. Errors:
// unavailable.
Outcome<std::vector<ApartOrders>> apart_orders(OrderStore& orders, std::string_view site_id,
                                               const ConversionDraft& later, std::int64_t until_ms);

}  // namespace tl::server
