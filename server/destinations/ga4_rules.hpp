// SPDX-License-Identifier: Apache-2.0
// The limits of the Measurement Protocol, which the collecting server breaks without a word: what
// it would drop is refused or brought into form here.
// Source: Google developer documentation "Measurement Protocol (GA4): Limitations, Reserved names",
// 2026-11.
#pragma once

#include "server/core/outcome.hpp"
#include "server/destinations/json_object.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace tl::server::destinations {

inline constexpr std::size_t kGa4ValueBytes = 100;  // a parameter's text

// Letters, digits and "_", not reserved, at most 40: "my event" becomes my_event, "error" e_error.
std::string ga4_event_name(std::string_view name);

// The page's own properties that can be parameters, while there is room.
void add_ga4_props(JsonObject& params, const std::string& props);

// A whole body as it would be sent. Errors: invalid (bad_ga4_event), naming the part.
Outcome<void> check_ga4_body(const std::string& body);

}  // namespace tl::server::destinations
