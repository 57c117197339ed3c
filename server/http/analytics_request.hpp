// SPDX-License-Identifier: Apache-2.0
// What the analytics routes are asked: site, startDate, endDate, attributionModel, filters,
// groupBy, currency, basis, kind, compare, limit, format.
#pragma once

#include "server/core/config.hpp"
#include "server/core/report_models.hpp"
#include "server/core/reports.hpp"
#include "server/http/exchange.hpp"

#include <cstdint>
#include <string>

namespace tl::server::http {

struct AnalyticsRequest {
  ReportQuery query;  // choice.configs: filled in by the model
  bool has_group = false;
  bool compares = false;  // with the period of equal length just before
  bool is_csv = false;
  bool wants_intervals = false;
  std::uint32_t limit = 1000;
  std::string model;  // as asked; empty: the site's default
};

// Days of the site, both inclusive; the last 30 without dates. Errors: invalid (bad_date,
// range_too_large, unknown_channel, bad_group, bad_currency, bad_basis, bad_kind, bad_compare,
// bad_limit, bad_format).
Outcome<AnalyticsRequest> read_analytics_request(const Request& request, const SiteConfig& site,
                                                 std::int64_t now_ms);

const char* group_name(GroupBy group);

}  // namespace tl::server::http
