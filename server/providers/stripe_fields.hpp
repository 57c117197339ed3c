// SPDX-License-Identifier: Apache-2.0
// What Stripe's objects have in common: references, the visit's ids, money and times, read into an
// OrderChange.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/ports/provider.hpp"
#include "server/providers/webhook_fields.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

// malformed_body, naming the event and the field.
ServerError unreadable(const OrderChange& change, std::string_view field);

// Amount and currency at these paths of the object, in ISO minor units. Errors: malformed_body.
Outcome<std::int64_t> money_at(const OrderChange& change, const nlohmann::json& object,
                               std::string_view amount_path, std::string& currency);
// A time in whole seconds, as its second's end: Stripe cuts times off, and a touch in the same
// second came before the payment. None when it is missing or no time between 2000 and 9999.
std::optional<std::int64_t> stripe_time_ms(const nlohmann::json& object, std::string_view path);

}  // namespace tl::server
