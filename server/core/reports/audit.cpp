// SPDX-License-Identifier: Apache-2.0
#include "server/core/reports/audit.hpp"

namespace tl::server {

Outcome<std::vector<std::string>> audit(
    Store& copy, const std::vector<std::shared_ptr<const SiteConfig>>& sites, std::uint32_t limit,
    std::int64_t now_ms,
    const std::function<void(std::string_view step, std::int64_t done, std::int64_t all)>&
        progress) {
  TL_CHECK(copy.write([](Tables& tables) { return tables.evidence().remember_derived(); }));
  RebuildOptions options;
  options.keeps_configuration = true;
  options.progress = progress;
  for (const auto& site : sites) TL_CHECK(rebuild(copy, *site, options, now_ms));
  std::vector<std::string> lines;
  TL_CHECK(copy.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(found, tables.evidence().differences(limit));
    lines = std::move(found);
    return {};
  }));
  return lines;
}

}  // namespace tl::server
