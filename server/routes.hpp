// SPDX-License-Identifier: Apache-2.0
// The route table: everything that this server answers, on one screen (routes.cpp).
#pragma once

#include "server/http/costs_handler.hpp"
#include "server/http/dashboard_handler.hpp"
#include "server/http/deliveries_handler.hpp"
#include "server/http/ingest_routes.hpp"
#include "server/http/metrics_handler.hpp"
#include "server/http/order_routes.hpp"

#include <functional>
#include <vector>

namespace tl::server {

struct RouteParts {
  http::IngestRouteParts ingest;
  http::OrderRouteParts orders;
  http::DeliveryRouteParts deliveries;
  http::MetricsParts metrics;
  http::DashboardParts dashboard;
  http::AnalyticsParts analytics;
  Store& store;
  // Called after an answer below 300 to anything but a GET: something may wait in the outbox.
  std::function<void()> after_change;
};

std::vector<http::Route> all_routes(const RouteParts& parts);

}  // namespace tl::server
