// SPDX-License-Identifier: Apache-2.0
// The limits of the Measurement Protocol, which the collecting server breaks without a word: what
// it would drop is refused or brought into form here.
// Source: Google developer documentation "Measurement Protocol (GA4): Limitations, Reserved names",
// 2026-11; the cookie's two forms as gtag writes them, 2025-05.
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

// The session of gtag's cookie _ga_<stream>: GS1.1.<session>.<number>… or
// GS2.1.s<session>$o<number>…, where the parts after the second point stand in any order. Empty
// when it is none of these.
std::string_view ga4_session_of_cookie(std::string_view cookie);

// A whole body as it would be sent. Errors: invalid (bad_ga4_event), naming the part.
Outcome<void> check_ga4_body(const std::string& body);

}  // namespace tl::server::destinations
