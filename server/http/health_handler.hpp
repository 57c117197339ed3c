// SPDX-License-Identifier: Apache-2.0
// GET /healthz: the process answers. GET /readyz: a write reaches the disk and migrations are done;
// load balancers and `tools/` wait for it.
#pragma once

#include "server/core/ports/store.hpp"
#include "server/http/exchange.hpp"

#include <vector>

namespace tl::server::http {

std::vector<Route> health_routes(Store& store);

}  // namespace tl::server::http
