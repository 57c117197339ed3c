// SPDX-License-Identifier: Apache-2.0
// The configured store, open as long as a command runs, beside a running server or alone.
#pragma once

#include "server/cli/commands.hpp"
#include "server/core/access/secret_box.hpp"
#include "server/core/reports/counted_zone.hpp"
#include "server/system_sources.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tl::server::cli {

struct OpenedStore {
  explicit OpenedStore(Config chosen)
      : config(std::move(chosen)), box(config.secret, entropy, config.older_secrets()) {}

  Config config;
  SystemEntropy entropy;
  SystemClock clock;
  SecretBox box;
  std::unique_ptr<Store> store;
  std::vector<ZoneChange> zone_changes;  // the sites in `config` have the zones of their days
};
void warn_of_zones(const OpenedStore& opened);

// Loads the configuration, or takes one that is loaded, and opens its store. Tells problems on
// stderr, sets the exit code and returns none on failure.
std::unique_ptr<OpenedStore> open_or_explain(Session& session);
std::unique_ptr<OpenedStore> open_or_explain(Session& session, Config config);

// The sites that --site names: all of them for "". Told, the exit code set and none returned when
// it is not configured.
std::vector<const SiteConfig*> sites_or_explain(Session& session, const Config& config,
                                                const std::string& id);

}  // namespace tl::server::cli
