// SPDX-License-Identifier: Apache-2.0
// Paths and limits are with their handlers; GET /openapi.json lists them all.

#include "server/routes.hpp"

#include "server/http/health_handler.hpp"
#include "server/http/openapi_handler.hpp"
#include "server/http/sdk_handler.hpp"

#include <iterator>

namespace tl::server {
namespace {

void wake_after(std::vector<http::Route>& routes, const std::function<void()>& after_change) {
  for (auto& route : routes) {
    if (route.method == "GET") continue;
    route.handler = [handler = std::move(route.handler),
                     after_change](const http::Request& request) {
      auto reply = handler(request);
      if (reply.status < 300) after_change();
      return reply;
    };
  }
}

void audit_after(std::vector<http::Route>& routes, const decltype(RouteParts::audit)& audit) {
  for (auto& route : routes) {
    if (route.audit_action.empty()) continue;
    route.handler = [handler = std::move(route.handler), audit,
                     action = route.audit_action](const http::Request& request) {
      auto reply = handler(request);
      if (reply.status < 300 && !reply.is_dry_run) audit(request, action);
      return reply;
    };
  }
}

}  // namespace

std::vector<http::Route> all_routes(const RouteParts& parts) {
  std::vector<http::Route> routes;
  const auto add = [&routes](std::vector<http::Route> more) {
    std::move(more.begin(), more.end(), std::back_inserter(routes));
  };
  // From browsers
  add(http::events_routes(parts.ingest));       // POST /api/events
  add(http::touch_routes(parts.ingest));        // POST /api/touch, its aliases, /track/events
  add(http::identify_routes(parts.ingest));     // POST /api/identify
  add(http::consent_routes(parts.ingest));      // POST /api/consent
  add(http::order_event_routes(parts.orders));  // GET  /api/order-event
  add(http::region_routes(parts.ingest));       // GET  /api/region
  add(http::pixel_routes(parts.ingest));        // GET  /px.gif
  // GET /throughline.js, /t.js, /sdk.json
  add(http::sdk_routes(http::embedded_sdk(), parts.install.script_name));
  // From servers and payment providers
  add(http::webhook_routes(parts.orders));     // POST /api/webhook/{provider}/{site}
  add(http::conversion_routes(parts.orders));  // POST, GET /api/conversions
  add(http::view_routes(parts.ingest));        // POST /api/views
  add(http::lead_routes(parts.orders,
                        parts.ingest.ingest));  // POST /api/webhook/lead, GET /api/leads
  // Reading and managing
  add(http::rejects_routes(parts.ingest, routes));  // GET  /api/rejects, POST …/replay
  // After the rejects: nobody waits for a hand-over or a checkout that is replayed.
  add(http::handover_routes(parts.ingest));                       // POST /api/handover
  add(http::coarse_handover_routes(parts.ingest));                // POST /api/coarse-handover
  add(http::checkout_routes(parts.orders, parts.ingest.ingest));  // POST /api/checkout/{provider}
  add(http::sessions_routes(parts.ingest));        // GET  /api/sessions, /api/visitors
  add(http::people_routes(parts.ingest));          // POST /api/people/cut, …/join
  add(http::deliveries_routes(parts.deliveries));  // GET /api/deliveries, POST …/retry
  add(http::analytics_routes(parts.analytics));    // GET  /api/analytics/attribution/…
  add(http::site_model_routes(parts.analytics));   // POST /api/sites/{site}/model
  add(http::costs_routes(parts.analytics));        // GET, POST /api/costs
  add(http::privacy_routes(parts.privacy));        // POST /api/erasures, /api/exports
  // Operations
  add(http::health_routes(parts.store));         // GET  /healthz, /readyz
  add(http::metrics_routes(parts.metrics));      // GET  /metrics
  add(http::dashboard_routes(parts.dashboard));  // GET  /dashboard, /api/status
  add(http::login_routes(parts.login));          // POST /api/login, /api/logout, GET /api/me
  add(http::users_routes(parts.users));          // /api/users, GET /api/audit-log
  add(http::live_routes(parts.live));            // GET  /api/live
  add(http::install_routes(parts.install));      // GET  /api/install
  wake_after(routes, parts.after_change);
  audit_after(routes, parts.audit);
  http::watch_intakes(routes, parts.live);
  routes.push_back(http::openapi_route(routes));  // GET /openapi.json
  return routes;
}

}  // namespace tl::server
