// SPDX-License-Identifier: Apache-2.0
// GET /api/live: server-sent events, one for each event, touch, webhook, statement and refusal as
// it arrives, with the server's verdict and reason (docs/dashboard.md lists the members).
#pragma once

#include "server/core/ingest/live_feed.hpp"
#include "server/core/ports/store.hpp"
#include "server/http/exchange.hpp"
#include "server/http/order_routes.hpp"

#include <vector>

namespace tl::server::http {

struct LiveParts {
  LiveFeed& feed;
  Store& store;
  Authorise authorise;  // scope read
};

std::vector<Route> live_routes(const LiveParts& parts);
// Lets the intakes among the routes tell the feed what came, after they have answered and only
// while somebody watches the site.
void watch_intakes(std::vector<Route>& routes, const LiveParts& parts);

}  // namespace tl::server::http
