// SPDX-License-Identifier: Apache-2.0
// A webhook's body as JSON in which no number went through a double: what is no integer of 64 bits
// stands in it as the text it was written with. Form bodies become an object of texts; "a[b]=c"
// becomes {"a":{"b":"c"}}.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace tl::server {

// Discarded (is_discarded()) when it is no JSON, no UTF-8 or nested deeper than 64.
nlohmann::json parse_exact_json(std::string_view text);
nlohmann::json parse_form(std::string_view text);

}  // namespace tl::server
