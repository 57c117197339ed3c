// SPDX-License-Identifier: Apache-2.0
// The sites as they are configured right now. A reload replaces all of them at once; whoever holds
// a site from before goes on with it. Thread-safe.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outbox/event_lane.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

class SiteDirectory {
 public:
  // Makes the lanes of a site from its destinations.
  using LaneMaker = std::function<std::vector<EventLane>(const SiteConfig& site)>;
  explicit SiteDirectory(LaneMaker make_lanes) : make_lanes_(std::move(make_lanes)) {}

  void replace(const std::vector<SiteConfig>& sites);
  [[nodiscard]] std::shared_ptr<const SiteConfig> find(std::string_view id) const;
  // Never null.
  [[nodiscard]] std::shared_ptr<const std::vector<EventLane>> lanes(std::string_view id) const;
  [[nodiscard]] std::vector<std::shared_ptr<const SiteConfig>> all() const;

 private:
  struct Entry {
    std::shared_ptr<const SiteConfig> site;
    std::shared_ptr<const std::vector<EventLane>> lanes;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;
  [[nodiscard]] std::shared_ptr<const Entries> current() const;

  LaneMaker make_lanes_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Entries> entries_ = std::make_shared<Entries>();
};

}  // namespace tl::server
