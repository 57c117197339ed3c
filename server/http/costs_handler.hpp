// SPDX-License-Identifier: Apache-2.0
// GET /api/costs (newest day first) and POST /api/costs: what ads cost, all rows or none.
#pragma once

#include "server/http/analytics_handler.hpp"

#include <vector>

namespace tl::server::http {

std::vector<Route> costs_routes(const AnalyticsParts& parts);

}  // namespace tl::server::http
