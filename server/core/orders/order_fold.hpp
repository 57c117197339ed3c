// SPDX-License-Identifier: Apache-2.0
// From the facts told about an order to its row. Pure, and independent of the facts' order:
//   state      paid if any fact says so, else failed, else pending: forward only
//   amount     of the purchase fact of the highest rank (session > invoice > payment intent > what
//              the site states); among equals the earliest payment, by the latest word on it: as
//              the provider dates it, else as it came. Parts of one rank add up, each by its own
//   paid at    the earliest purchase fact of the provider, else the site's
//   refunds    order_refunds.hpp, and what lost disputes took
//   dispute    order_disputes.hpp
//   ids        of the site's own statement if it has any, else of the best-ranked fact that has,
//              together; contacts and the rest one by one
//   order id   the sale key of the best-ranked fact
#pragma once

#include "server/core/orders/order_fact.hpp"
#include "server/core/records.hpp"

#include <string_view>
#include <vector>

namespace tl::server {

// `facts` is not empty.
OrderRow fold_order(std::string_view site_id, std::string_view provider,
                    std::vector<OrderFact> facts);

// Whether a paid order's amount is what its payments add up to, of which another may come.
bool is_paid_in_parts(const OrderRow& order, const std::vector<OrderFact>& facts);

// What the order is worth now: nothing until it is paid, then the amount without refunds.
std::int64_t net_minor(const OrderRow& order);

}  // namespace tl::server
