// SPDX-License-Identifier: Apache-2.0
// What the site's own server says in POST /api/conversions, from JSON to checked values: amounts as
// decimal text (never through a double) or in minor units, ids, contacts, items, consent. The
// digest of everything that was said tells the same statement from a conflicting one.
#pragma once

#include "server/core/orders/orders.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>

namespace tl::server::http {

// `now_ms` is the time of a statement that names none. Errors: invalid, each with its own code.
Outcome<StatedConversion> read_stated_conversion(const nlohmann::json& body, std::int64_t now_ms);

}  // namespace tl::server::http
