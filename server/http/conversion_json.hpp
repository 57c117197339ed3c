// SPDX-License-Identifier: Apache-2.0
// Conversions and pending orders as the API shows them (api.md section 3).
#pragma once

#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <nlohmann/json.hpp>

namespace tl::server::http {

// With its touches and, for a purchase, the state of its order.
Outcome<nlohmann::ordered_json> conversion_item(Tables& tables, const ConversionRow& conversion);
// An order that is not paid yet: listed, counted nowhere.
nlohmann::ordered_json pending_item(const OrderRow& order);
// The item with credits of every model, the path as it was seen, and the order's references.
Outcome<nlohmann::ordered_json> conversion_details(Tables& tables, const ConversionRow& conversion);

}  // namespace tl::server::http
