// SPDX-License-Identifier: Apache-2.0
// The payment that began a subscription without naming it: an ordinary order of the shop, a month
// collected by itself. Renewals that no payment of their own subscription leads take its path
// (buyer_orders.hpp). Of the orders before the oldest payment that the subscription is known by it
// is the surest (apart_orders.hpp); of equally sure ones that of the same customer goes before one
// with the same anonymous id and one with the same e-mail address, then one that ids led to its
// visitor before what a contact or an account did, then the latest. It is somebody's, and where a
// sure one is nobody's, none is. A name that too many visitors share leads nowhere.
#pragma once

#include "server/core/attribution/conversion_draft.hpp"
#include "server/core/config.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>

namespace tl::server {

// Of a renewal; `match`: whose it is by itself.
Outcome<std::optional<ConversionRow>> apart_payment(Tables& tables, const SiteConfig& site,
                                                    const ConversionDraft& draft,
                                                    const Match& match, std::int64_t until_ms);

// Matches and credits again the renewals that this order may have begun, or did (as it was
// `before`).
Outcome<void> restate_begun(Tables& tables, const SiteConfig& site, const ConversionDraft& draft,
                            const ConversionRow* before, const ConversionRow& row,
                            std::int64_t now_ms);

}  // namespace tl::server
