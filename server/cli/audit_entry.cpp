// SPDX-License-Identifier: Apache-2.0
#include "server/cli/audit_entry.hpp"

#include "server/system_sources.hpp"

namespace tl::server::cli {

Outcome<void> append_entry(Tables& tables, const std::string& site_id, const char* action,
                           const std::string& detail) {
  return tables.users().append_audit(
      {0, site_id, SystemClock().now_ms(), "cli", action, detail, ""});
}

Outcome<void> append_entry(Store& store, const std::string& site_id, const char* action,
                           const std::string& detail) {
  return store.write([&](Tables& tables) { return append_entry(tables, site_id, action, detail); });
}

Outcome<void> append_entries(Store& store, const std::vector<SiteConfig>& sites, const char* action,
                             const std::string& detail) {
  return store.write([&](Tables& tables) -> Outcome<void> {
    for (const auto& site : sites) TL_CHECK(append_entry(tables, site.id, action, detail));
    return {};
  });
}

}  // namespace tl::server::cli
