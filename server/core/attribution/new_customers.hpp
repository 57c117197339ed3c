// SPDX-License-Identifier: Apache-2.0
// Which purchases won a customer: the first live purchase, in (time, id) order, of whoever bought,
// unless it is a later payment of a subscription. Who bought is the strongest of e-mail, phone,
// user id and matched browser. A purchase that arrives late takes the mark from the one that had
// it.
#pragma once

#include "server/core/attribution/conversions.hpp"
#include "server/core/config.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <optional>
#include <vector>

namespace tl::server {

// None when nothing tells who bought, and for what is no purchase.
std::optional<Digest> customer_of(const ConversionDraft& draft, const ConversionRow& row);

// Sets the marks of these customers' purchases right, and restates the rollups of those that
// changed.
Outcome<void> settle_new_customers(Tables& tables, const SiteConfig& site,
                                   std::vector<std::optional<Digest>> customers);

}  // namespace tl::server
