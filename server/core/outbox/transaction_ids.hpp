// SPDX-License-Identifier: Apache-2.0
// Some vendors know a sale again by its number alone, and two shops may both have a sale 7777. The
// first of them that is told keeps the bare number, for the site's own tag says that too; every
// other is called provider-number. Decided once: attempts, restatements and refunds say the same.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/ports/destination.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

// What a purchase is called in that account; none: nobody was told of it by a number yet.
Outcome<std::optional<std::string>> known_transaction_id(Tables& tables,
                                                         const OrderNumbers& numbers,
                                                         const ConversionRow& purchase);

// Of a purchase, within a write, at the destination of that name. A sale that others were joined
// into goes by the name under which one of them was told.
Outcome<std::string> assign_transaction_id(Tables& tables, const OrderNumbers& numbers,
                                           std::string_view destination,
                                           const ConversionRow& purchase);

}  // namespace tl::server
