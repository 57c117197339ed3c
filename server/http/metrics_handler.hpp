// SPDX-License-Identifier: Apache-2.0
// GET /metrics, for Prometheus: the stored totals per site (they survive restarts), and what this
// process counted: answers, connections, further numbers that App adds.
#pragma once

#include "server/core/ports/store.hpp"
#include "server/http/exchange.hpp"
#include "server/http/request_metrics.hpp"
#include "server/http/unread_tally.hpp"

#include <functional>
#include <string>
#include <vector>

namespace tl::server::http {

struct MetricsParts {
  Store& store;
  const RequestMetrics& requests;
  UnreadTally& unread;                         // written before the totals are read
  std::function<void(std::string& out)> more;  // lines in the exposition format
};

std::vector<Route> metrics_routes(const MetricsParts& parts);
// One sample with its help line.
void write_gauge(std::string& out, std::string_view name, std::string_view help,
                 std::string_view type, std::uint64_t value);

}  // namespace tl::server::http
