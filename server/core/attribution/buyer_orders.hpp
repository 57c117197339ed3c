// SPDX-License-Identifier: Apache-2.0
// What the other orders of a buyer at the same provider tell of one. The buyer has a name there:
// the subscription, or the customer account.
//   match   An order that neither ids nor contacts lead anywhere is the visitor's whose ids the
//           earliest order of the same subscription carried, else of the same customer. An account
//           whose orders carried the ids of more than kMostTies visitors is shared and tells
//           nothing.
//   path    A later payment of a subscription takes the path of its first: the same touches, in
//           windows that end with the first payment; a trial's start is the first of its payments.
//           Where none of its own is the first, an order apart from it may have been; else the
//           oldest leads. Where the first is nobody's, its own.
// Each is a function of what is known of the orders, whichever was told first: what changes one
// restates those that follow it. Storage that was refused when the later one was bought makes it
// nobody's all the same.
#pragma once

#include "server/core/attribution/conversion_draft.hpp"
#include "server/core/attribution/conversion_path.hpp"
#include "server/core/config.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tl::server {

// Whom the ids of the buyer's earliest order with any lead to.
struct NamedVisitor {
  std::optional<Id128> id;
  bool is_shared = false;  // by too many: then none
};
Outcome<NamedVisitor> visitor_of_buyer(Tables& tables, const SiteConfig& site,
                                       const std::string& provider, BuyerName name,
                                       const std::string& value);

// For a match that is none yet.
Outcome<void> match_by_orders(Tables& tables, const SiteConfig& site, const ConversionDraft& draft,
                              const MatchEvidence& evidence, Match& match);

// Of the subscription's first payment, or of the one apart that began it (apart_payment.hpp), when
// this is a later one and the first is somebody's. `match`: whose this one is by itself.
Outcome<std::optional<ConversionRow>> first_payment(Tables& tables, const SiteConfig& site,
                                                    const ConversionDraft& draft,
                                                    const Match& match);
// Whose the later payment is then; false when it does not follow the first.
Outcome<bool> match_as_first(Tables& tables, const MatchEvidence& evidence,
                             const ConversionRow& first, Match& match);
// Its path, and what `row` says of it.
ConversionPath path_of_first(const ConversionRow& first, ConversionRow& row);

// Matches and credits again what follows this order. `before`: the row as it was, if it is no other
// than that.
Outcome<void> restate_buyer(Tables& tables, const SiteConfig& site, const ConversionDraft& draft,
                            const ConversionRow* before, const ConversionRow& row,
                            std::int64_t now_ms);

}  // namespace tl::server
