// SPDX-License-Identifier: Apache-2.0
// The outbox for people: GET /api/deliveries (every state, newest first, with the attempts and the
// vendors' answers of dead ones), POST /api/deliveries/{id}/retry and POST
// /api/deliveries/retry.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/ports/store.hpp"
#include "server/http/exchange.hpp"
#include "server/http/order_routes.hpp"

#include <functional>
#include <vector>

namespace tl::server::http {

struct DeliveryRouteParts {
  Store& store;
  const Clock& clock;
  SiteLookup find_site;
  Authorise authorise;         // scopes read and write
  std::function<void()> wake;  // the outbox, after a retry was ordered
};

std::vector<Route> deliveries_routes(const DeliveryRouteParts& parts);

}  // namespace tl::server::http
