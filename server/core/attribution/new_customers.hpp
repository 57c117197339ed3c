// SPDX-License-Identifier: Apache-2.0
// Which purchases won a customer: the first live purchase, in (time, id) order, of a person, unless
// it is a later payment of a subscription. A customer is the person to whom the purchase is
// credited (person.hpp): what joins or parts people moves the mark, and so does an earlier purchase
// that arrives late.
#pragma once

#include "server/core/attribution/conversion_match.hpp"
#include "server/core/config.hpp"
#include "server/core/people/person.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <optional>
#include <vector>

namespace tl::server {

// The same for all purchases of a person: by one of the contacts that are proven to be theirs, else
// by the first of their browser's ids. Nobody is looked for without consent, and who has too many
// ids is nobody: then the buyer is the strongest contact of the purchase itself. None when nothing
// tells who bought, and for what is no purchase.
std::optional<Digest> customer_of(const ConversionRow& row, const MatchEvidence& evidence,
                                  const Person& person);

// Sets the marks of these customers' purchases right, and restates the rollups of those that
// changed.
Outcome<void> settle_new_customers(Tables& tables, const SiteConfig& site,
                                   std::vector<std::optional<Digest>> customers);

}  // namespace tl::server
