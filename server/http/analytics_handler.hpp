// SPDX-License-Identifier: Apache-2.0
// GET /api/analytics/attribution/…: the reports, from the day rollups alone, as JSON or CSV, kept
// for a minute. POST /api/sites/{site}/model: the model that reports show first;
// POST /api/sites/{site}/train: models learn now.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/ports/cache.hpp"
#include "server/core/ports/store.hpp"
#include "server/http/exchange.hpp"
#include "server/http/order_routes.hpp"

#include <stop_token>
#include <vector>

namespace tl::server::http {

struct AnalyticsParts {
  Store& store;
  const Clock& clock;
  Cache& cache;
  SiteLookup find_site;
  Authorise authorise;
  std::stop_token stop{};  // breaks off a training
};

std::vector<Route> analytics_routes(const AnalyticsParts& parts);
std::vector<Route> site_model_routes(const AnalyticsParts& parts);

}  // namespace tl::server::http
