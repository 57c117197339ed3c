// SPDX-License-Identifier: Apache-2.0
// Readers take a reference to the whole map under a short lock and look around in peace.

#include "server/site_directory.hpp"

namespace tl::server {

void SiteDirectory::replace(const std::vector<SiteConfig>& sites) {
  auto entries = std::make_shared<Entries>();
  for (const auto& site : sites)
    (*entries)[site.id] = {std::make_shared<const SiteConfig>(site),
                           std::make_shared<const std::vector<EventLane>>(make_lanes_(site))};
  const std::lock_guard lock(mutex_);
  entries_ = std::move(entries);
}

std::shared_ptr<const SiteDirectory::Entries> SiteDirectory::current() const {
  const std::lock_guard lock(mutex_);
  return entries_;
}

std::shared_ptr<const SiteConfig> SiteDirectory::find(std::string_view id) const {
  const auto entries = current();
  const auto found = entries->find(id);
  return found == entries->end() ? nullptr : found->second.site;
}

std::shared_ptr<const std::vector<EventLane>> SiteDirectory::lanes(std::string_view id) const {
  static const auto none = std::make_shared<const std::vector<EventLane>>();
  const auto entries = current();
  const auto found = entries->find(id);
  return found == entries->end() ? none : found->second.lanes;
}

std::vector<std::shared_ptr<const SiteConfig>> SiteDirectory::all() const {
  const auto entries = current();  // held: a reload meanwhile lets go of the map
  std::vector<std::shared_ptr<const SiteConfig>> sites;
  for (const auto& [id, entry] : *entries) sites.push_back(entry.site);
  return sites;
}

}  // namespace tl::server
