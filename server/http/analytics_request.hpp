// SPDX-License-Identifier: Apache-2.0
// What the analytics routes are asked: site, startDate, endDate, attributionModel, filters,
// groupBy, currency, basis, kind, compare, limit, format.
#pragma once

#include "server/core/config.hpp"
#include "server/core/reports/report_models.hpp"
#include "server/core/reports/reports.hpp"
#include "server/http/exchange.hpp"

#include <cstdint>
#include <string>
#include <string_view>

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

// Days of the site, both inclusive; the last 30 without dates. Errors: invalid (unknown_parameter,
// repeated_parameter, bad_date, range_too_large, unknown_channel, bad_group, bad_currency,
// bad_basis, bad_kind, bad_compare, bad_limit, bad_format).
Outcome<AnalyticsRequest> read_analytics_request(const Request& request, const SiteConfig& site,
                                                 std::int64_t now_ms);

const char* group_name(GroupBy group);
// The period of equal length just before.
ReportQuery previous_period(const ReportQuery& query);

// What a report can be asked beside its days, model, currency, basis and kind.
struct ReportTakes {
  enum class Filters : std::uint8_t { none, channel, all };
  enum class Groups : std::uint8_t { none, channel, all };
  // whole: `previous` holds the same report of the period before; lines: each line its own.
  enum class Compares : std::uint8_t { no, whole, lines };
  Filters filters = Filters::none;
  Groups groups = Groups::none;
  Compares compares = Compares::no;
  bool intervals = false;
};
// What is asked and not taken is refused, never left out silently. Errors: invalid (bad_filter,
// bad_group, bad_compare, bad_intervals).
Outcome<void> check_takes(const AnalyticsRequest& asked, const ReportTakes& takes,
                          std::string_view report);

}  // namespace tl::server::http
