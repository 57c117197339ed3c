// SPDX-License-Identifier: Apache-2.0
// Text exposition format 0.0.4. No personal data: sites and route patterns are the only labels.

#include "server/http/metrics_handler.hpp"

namespace tl::server::http {

void write_gauge(std::string& out, std::string_view name, std::string_view help,
                 std::string_view type, std::uint64_t value) {
  out.append("# HELP ").append(name).append(" ").append(help);
  out.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
  out.append(name).append(" ").append(std::to_string(value)).append("\n");
}

std::vector<Route> metrics_routes(const MetricsParts& parts) {
  Route route;
  route.method = "GET";
  route.pattern = "/metrics";
  route.is_rate_limited = false;
  route.summary = "Counters and gauges for Prometheus";
  route.handler = [parts](const Request&) {
    parts.unread.write();
    std::string out =
        "# HELP throughline_stored_total Totals kept in the store, by site and name.\n"
        "# TYPE throughline_stored_total counter\n";
    const auto read = parts.store.read([&](Tables& tables) -> Outcome<void> {
      TL_TRY(totals, tables.operations().counters());
      for (const auto& total : totals)
        out += "throughline_stored_total{site=\"" + metric_label(total.site_id) + "\",name=\"" +
               metric_label(total.name) + "\"} " + std::to_string(total.total) + "\n";
      return {};
    });
    // Without the store the process can still be looked at; the gap is the alarm.
    write_gauge(out, "throughline_store_up", "1 when the store could be read.", "gauge",
                read.ok() ? 1 : 0);
    parts.requests.write(out);
    if (parts.more) parts.more(out);
    return Reply::text(200, std::move(out), "text/plain; version=0.0.4; charset=utf-8");
  };
  return {route};
}

}  // namespace tl::server::http
