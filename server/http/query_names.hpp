// SPDX-License-Identifier: Apache-2.0
// A question that is not understood is not answered as if it were another one: what reports and
// lists are asked by.
#pragma once

#include "server/core/outcome.hpp"
#include "server/http/exchange.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server::http {

// Every parameter of the query is one of `names` and stands once, but for `many`. Errors: invalid
// (unknown_parameter: the message says the nearest; repeated_parameter).
Outcome<void> check_query_names(const Request& request, const std::vector<std::string>& names,
                                std::string_view many = {});

}  // namespace tl::server::http
