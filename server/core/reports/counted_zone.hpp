// SPDX-License-Identifier: Apache-2.0
// Days are counted by the zone that a site has when something arrives; another zone makes other
// days of the same moments. So a site whose `timezone` is changed keeps the one that its days were
// counted by, everywhere, until `throughline rebuild` counts them again.
#pragma once

#include "server/core/config.hpp"
#include "server/core/ports/store.hpp"

#include <string>
#include <vector>

namespace tl::server {

struct ZoneChange {
  std::string site_id, counted, configured;
};
std::string zone_complaint(const ZoneChange& change);  // with what to do

// Gives each site the zone that its days were counted by; a site without any day, or without a zone
// that is remembered, the configured one, which is then remembered. Returns those that differ.
// Errors: unavailable.
Outcome<std::vector<ZoneChange>> keep_counted_zones(Store& store, std::vector<SiteConfig>& sites);

}  // namespace tl::server
