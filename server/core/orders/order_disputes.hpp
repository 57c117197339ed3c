// SPDX-License-Identifier: Apache-2.0
// The disputes of an order, from its facts in any order of arrival. Until it is decided a dispute
// takes nothing; a lost one takes its amount like a refund, a won one leaves or gives back the
// money. A decision that is told later in time stands for an earlier one (a chargeback that is
// reversed); of one moment the won one.
#pragma once

#include "server/core/orders/order_fact.hpp"
#include "server/core/orders/order_refunds.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

struct FoldedDispute {
  std::string id;
  DisputeState state = DisputeState::open;
  std::int64_t opened_ms = 0, decided_ms = 0;
  std::int64_t amount_minor = 0;  // as the decision told it, else the opening
  std::string currency;           // empty: no amount was told
};

// In the order of their ids.
std::vector<FoldedDispute> fold_disputes(const std::vector<OrderFact>& facts);

// Of several a lost one tells more than an open one, and that more than a won one.
DisputeState state_of(const std::vector<FoldedDispute>& disputes);

// Adds to `steps`, the refunds, what lost disputes took: each at most what is left of
// `paid_minor`, and all of it where the amount is unknown or in another currency. What was refunded
// since a dispute was opened settles it, in one refund or several, up to its amount: the disputed
// money goes back once.
void take_lost(const std::vector<FoldedDispute>& disputes, std::string_view currency,
               std::int64_t paid_minor, std::vector<RefundStep>& steps);

}  // namespace tl::server
