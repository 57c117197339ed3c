// SPDX-License-Identifier: Apache-2.0
// The people of a site, for its owners: GET and POST /api/users, DELETE /api/users/{id}, and
// GET /api/audit-log.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/ports/store.hpp"
#include "server/http/exchange.hpp"
#include "server/http/order_routes.hpp"

#include <vector>

namespace tl::server::http {

struct UserRouteParts {
  Store& store;
  const Clock& clock;
  Entropy& entropy;
  SiteLookup find_site;
  Authorise authorise;  // scope admin
};

std::vector<Route> users_routes(const UserRouteParts& parts);

}  // namespace tl::server::http
