// SPDX-License-Identifier: Apache-2.0
// What ingest must know of a configured destination: which events of a browser go there, and which
// consent that takes. Made by App from the configuration and the destinations' registry.
#pragma once

#include "server/core/config.hpp"
#include "server/core/ports/destination.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

struct EventLane {
  std::string destination;  // lane name, DeliveryRow::destination
  Purpose purpose = Purpose::marketing;
  std::vector<std::string> events;           // canonical names; "*": every event, own names too
  bool uses_address = false;                 // its requests carry the visitor's IP address
  std::int64_t max_age_ms = 0;               // of an event when it is queued; 0: any
  std::optional<std::int64_t> account = {};  // account_of()

  [[nodiscard]] bool takes(std::string_view event_name) const {
    return std::any_of(events.begin(), events.end(),
                       [&](const auto& name) { return name == "*" || name == event_name; });
  }
};

// The running configuration of a site, or null. Shared, so that a reload never pulls it away.
using SiteLookup = std::function<std::shared_ptr<const SiteConfig>(std::string_view site_id)>;
// The lanes of a site, never null.
using LaneLookup =
    std::function<std::shared_ptr<const std::vector<EventLane>>(std::string_view site_id)>;

}  // namespace tl::server
