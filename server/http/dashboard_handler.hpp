// SPDX-License-Identifier: Apache-2.0
// GET /dashboard: the page and its files, and GET /api/status, the site's totals.
#pragma once

#include "server/core/outbox/event_lane.hpp"
#include "server/core/ports/store.hpp"
#include "server/http/exchange.hpp"
#include "server/http/order_routes.hpp"

#include <vector>

namespace tl::server::http {

struct DashboardParts {
  Store& store;
  SiteLookup find_site;
  Authorise authorise;  // scope read
};

std::vector<Route> dashboard_routes(const DashboardParts& parts);

}  // namespace tl::server::http
