// SPDX-License-Identifier: Apache-2.0
// GET /openapi.json: an OpenAPI 3.1 document made from the route table, so that no route is
// missing, with the bodies described in openapi_bodies.json.
#pragma once

#include "server/http/exchange.hpp"

#include <string>
#include <vector>

namespace tl::server::http {

std::string openapi_document(const std::vector<Route>& routes);
// "POST /api/events" for every description of a body; each names a route.
std::vector<std::string> described_routes();
// For the whole table, itself included: call it last.
Route openapi_route(const std::vector<Route>& routes);

}  // namespace tl::server::http
