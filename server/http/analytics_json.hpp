// SPDX-License-Identifier: Apache-2.0
// One function a report: reads its figures in a snapshot and writes them as the API shows them.
// Each answer holds its lines in `items` or `buckets`, which is also what becomes CSV.
#pragma once

#include "server/core/ports/store.hpp"
#include "server/http/analytics_request.hpp"

#include <nlohmann/json.hpp>

namespace tl::server::http {

using ReportJson = nlohmann::ordered_json;

struct ReportContext {
  Tables& tables;
  const SiteConfig& site;
  const AnalyticsRequest& request;
  const ModelChoice& model;
};

// Conversions as an exact decimal text: 1500000 is "1.5".
std::string decimal(std::int64_t micro);

using WriteReport = Outcome<ReportJson> (*)(const ReportContext& context);

Outcome<ReportJson> overview_json(const ReportContext& context);
Outcome<ReportJson> by_channel_json(const ReportContext& context);
Outcome<ReportJson> models_compare_json(const ReportContext& context);
Outcome<ReportJson> trained_json(const ReportContext& context);
Outcome<ReportJson> paths_json(const ReportContext& context);
Outcome<ReportJson> time_series_json(const ReportContext& context);
Outcome<ReportJson> time_lag_json(const ReportContext& context);
Outcome<ReportJson> path_length_json(const ReportContext& context);
Outcome<ReportJson> assists_json(const ReportContext& context);
Outcome<ReportJson> self_reported_json(const ReportContext& context);
Outcome<ReportJson> revisions_json(const ReportContext& context);

}  // namespace tl::server::http
