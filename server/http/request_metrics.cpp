// SPDX-License-Identifier: Apache-2.0
// Label escaping and the cumulative histogram form follow the Prometheus exposition format 0.0.4.

#include "server/http/request_metrics.hpp"

namespace tl::server::http {
namespace {

// Thousandths of a unit as a decimal: 2500 becomes "2.5".
std::string decimal_of_thousandths(std::int64_t thousandths) {
  auto text = std::to_string(thousandths / 1000);
  auto rest = std::to_string(1000 + thousandths % 1000).substr(1);
  while (!rest.empty() && rest.back() == '0') rest.pop_back();
  return rest.empty() ? text : text + "." + rest;
}

}  // namespace

std::string metric_label(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\\' || c == '"') escaped.push_back('\\');
    if (c == '\n')
      escaped += "\\n";
    else
      escaped.push_back(c);
  }
  return escaped;
}

void RequestMetrics::Series::count(int status, std::int64_t duration_us) {
  if (status >= 100 && status < 600)
    by_status[static_cast<std::size_t>(status - 100)].fetch_add(1, std::memory_order_relaxed);
  std::size_t bound = 0;
  while (bound < kBoundsMs.size() && duration_us > kBoundsMs[bound] * 1000) ++bound;
  by_duration[bound].fetch_add(1, std::memory_order_relaxed);
  total_us.fetch_add(static_cast<std::uint64_t>(duration_us), std::memory_order_relaxed);
}

RequestMetrics::Series& RequestMetrics::series(std::string_view method, std::string_view route) {
  const std::lock_guard lock(mutex_);
  auto& entry = series_[{std::string(method), std::string(route)}];
  if (!entry) {
    entry = std::make_unique<Series>();
    entry->method = method;
    entry->route = route;
  }
  return *entry;
}

void RequestMetrics::write(std::string& out) const {
  const std::lock_guard lock(mutex_);
  out +=
      "# HELP throughline_http_requests_total Answers by route and status.\n"
      "# TYPE throughline_http_requests_total counter\n";
  for (const auto& [key, series] : series_)
    for (std::size_t i = 0; i < series->by_status.size(); ++i) {
      const auto count = series->by_status[i].load(std::memory_order_relaxed);
      if (count == 0) continue;
      out += "throughline_http_requests_total{method=\"" + metric_label(series->method) +
             "\",route=\"" + metric_label(series->route) + "\",status=\"" +
             std::to_string(i + 100) + "\"} " + std::to_string(count) + "\n";
    }
  out +=
      "# HELP throughline_http_request_duration_seconds From the head to the answer.\n"
      "# TYPE throughline_http_request_duration_seconds histogram\n";
  for (const auto& [key, series] : series_) {
    const auto labels = "method=\"" + metric_label(series->method) + "\",route=\"" +
                        metric_label(series->route) + "\"";
    std::uint64_t total = 0;
    std::string lines;
    for (std::size_t i = 0; i < series->by_duration.size(); ++i) {
      total += series->by_duration[i].load(std::memory_order_relaxed);
      const auto bound =
          i < kBoundsMs.size() ? decimal_of_thousandths(kBoundsMs[i]) : std::string("+Inf");
      lines += "throughline_http_request_duration_seconds_bucket{" + labels + ",le=\"" + bound +
               "\"} " + std::to_string(total) + "\n";
    }
    if (total == 0) continue;
    const auto total_us = series->total_us.load(std::memory_order_relaxed);
    out += lines + "throughline_http_request_duration_seconds_sum{" + labels + "} " +
           decimal_of_thousandths(static_cast<std::int64_t>(total_us / 1000)) +
           "\nthroughline_http_request_duration_seconds_count{" + labels + "} " +
           std::to_string(total) + "\n";
  }
}

}  // namespace tl::server::http
