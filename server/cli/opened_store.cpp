// SPDX-License-Identifier: Apache-2.0
#include "server/cli/opened_store.hpp"

#include "server/store/open_store.hpp"

#include <iostream>

namespace tl::server::cli {

std::unique_ptr<OpenedStore> open_or_explain(Session& session) {
  auto loaded = load_or_explain(session);
  return loaded ? open_or_explain(session, std::move(loaded->config)) : nullptr;
}

std::unique_ptr<OpenedStore> open_or_explain(Session& session, Config config) {
  auto opened = std::make_unique<OpenedStore>(std::move(config));
  auto store = open_store(opened->config.store_url, opened->box, opened->clock.now_ms());
  if (!store.ok()) {
    explain(session, store.error());
    return nullptr;
  }
  opened->store = std::move(store).value();
  auto changes = keep_counted_zones(*opened->store, opened->config.sites);
  if (!changes.ok()) {
    explain(session, changes.error());
    return nullptr;
  }
  opened->zone_changes = std::move(changes).value();
  return opened;
}

void warn_of_zones(const OpenedStore& opened) {
  for (const auto& change : opened.zone_changes)
    std::cerr << "warning: " << zone_complaint(change) << ".\n";
}

std::vector<const SiteConfig*> sites_or_explain(Session& session, const Config& config,
                                                const std::string& id) {
  std::vector<const SiteConfig*> sites;
  for (const auto& site : config.sites)
    if (id.empty() || site.id == id) sites.push_back(&site);
  if (sites.empty()) {
    std::cerr << "There is no [[site]] " << id << ".\n";
    session.exit_code = 2;
  }
  return sites;
}

}  // namespace tl::server::cli
