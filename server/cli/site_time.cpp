// SPDX-License-Identifier: Apache-2.0
#include "server/cli/site_time.hpp"

#include "server/core/reports/local_day.hpp"
#include "server/core/text/rfc3339.hpp"

namespace tl::server::cli {

std::optional<std::int64_t> parse_site_time(const std::string& written, const SiteConfig& site) {
  const auto t_ms = parse_rfc3339(written);
  const bool is_day = written.size() == 10;
  if (!t_ms || !is_day) return t_ms;
  return day_start(local_day(*t_ms, "UTC"), site.timezone);
}

}  // namespace tl::server::cli
