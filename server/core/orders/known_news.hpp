// SPDX-License-Identifier: Apache-2.0
// News of an order that are known already, under other names or told once more.
#pragma once

#include "server/core/orders/sale_halves.hpp"
#include "server/core/privacy/erased_references.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace tl::server {

// What named the buyer when it was told first is known by what stands in its place now: in the
// facts, or among the digests that led to their orders.
void name_as_known(OrderFact& news, const std::vector<PlacedFact>& facts,
                   const std::set<std::string>& digests, const ErasedReferences& erased);

// The newest known list of refunds where the told one is the same at a later time, or one that
// was told again since: a shop lists them with every edit of the order, which is no news. As
// many as there are facts: none is.
std::size_t same_list(const OrderFact& news, const std::vector<PlacedFact>& facts);

// Whether two tellings of one payment name two buyers: other ids, or another address, account or
// number. Who has one account, or pays one subscription, is one buyer whose address or number
// changed, and of one address one whose number did. No order is made of two (fill_missing,
// order_fold.cpp).
bool names_another_buyer(const OrderFact& known, const OrderFact& told);

// What news that are told once more say of the buyer and of what was sold beyond the known fact: a
// list of orders often tells less than the webhook of the same. What is known stays, and of news
// that name another buyer nothing is taken. Whether there was any; of an erased buyer there is
// none.
bool fill_missing(OrderFact& known, const OrderFact& news);

// Whether an amount that is told once more may have been another in between: nobody says since when
// it is this, and another of the same payment is known.
bool comes_back(const OrderFact& told, const std::vector<PlacedFact>& facts);

}  // namespace tl::server
