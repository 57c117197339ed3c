// SPDX-License-Identifier: Apache-2.0
// Neither route is rate limited: they are asked by machines, from one address, all the time.

#include "server/http/health_handler.hpp"

namespace tl::server::http {

std::vector<Route> health_routes(Store& store) {
  Route health{"GET", "/healthz",
               [](const Request&) { return Reply::json(200, R"({"status":"ok"})"); }};
  health.is_rate_limited = false;
  health.summary = "The process answers";

  Route ready{"GET", "/readyz", [&store](const Request&) {
                const auto written = store.probe();
                if (!written.ok()) return Reply::error(written.error());
                return Reply::json(200, R"({"status":"ready"})");
              }};
  ready.is_rate_limited = false;
  ready.summary = "The store takes writes; 503 until then";
  return {health, ready};
}

}  // namespace tl::server::http
