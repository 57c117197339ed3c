// SPDX-License-Identifier: Apache-2.0
// The route table: everything that this server answers, on one screen (routes.cpp).
#pragma once

#include "server/http/costs_handler.hpp"
#include "server/http/dashboard_handler.hpp"
#include "server/http/deliveries_handler.hpp"
#include "server/http/ingest_routes.hpp"
#include "server/http/install_handler.hpp"
#include "server/http/live_handler.hpp"
#include "server/http/login_handler.hpp"
#include "server/http/metrics_handler.hpp"
#include "server/http/order_routes.hpp"
#include "server/http/privacy_handler.hpp"
#include "server/http/users_handler.hpp"

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
  http::LoginParts login;
  http::UserRouteParts users;
  http::LiveParts live;
  http::InstallParts install;
  http::PrivacyRouteParts privacy;
  Store& store;
  // Called after an answer below 300 to anything but a GET: something may wait in the outbox.
  std::function<void()> after_change;
  // Tells the audit log of a success of a route with an audit_action.
  std::function<void(const http::Request&, const std::string& action)> audit;
};

std::vector<http::Route> all_routes(const RouteParts& parts);

}  // namespace tl::server
