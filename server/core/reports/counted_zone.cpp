// SPDX-License-Identifier: Apache-2.0
#include "server/core/reports/counted_zone.hpp"

#include "server/core/reports/local_day.hpp"

namespace tl::server {
namespace {

// No evidence of anything that is counted by days.
Outcome<bool> is_uncounted(Tables& tables, const std::string& site_id) {
  TL_TRY(touches, tables.evidence().touches_after(site_id, {}, 1));
  TL_TRY(conversions, tables.evidence().conversions_after(site_id, {}, 1));
  return touches.empty() && conversions.empty();
}

Outcome<void> keep_zone(Store& store, SiteConfig& site, std::vector<ZoneChange>& changes) {
  SiteZone zone{site.timezone, site.timezone};
  bool is_known = false;
  TL_CHECK(store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(found, tables.rollups().zone(site.id));
    if (!found) return {};
    is_known = found->configured == site.timezone;
    if (found->counted == site.timezone) return {};
    TL_TRY(is_free, is_uncounted(tables, site.id));
    // A zone that this system does not know any more cannot count on.
    if (!is_free && check_time_zone(found->counted).ok()) zone.counted = found->counted;
    is_known = is_known && zone.counted == found->counted;
    return {};
  }));
  if (!is_known)
    TL_CHECK(store.write([&](Tables& tables) { return tables.rollups().set_zone(site.id, zone); }));
  if (zone.counted != zone.configured) changes.push_back({site.id, zone.counted, zone.configured});
  site.timezone = zone.counted;
  return {};
}

}  // namespace

std::string zone_complaint(const ZoneChange& change) {
  return "Site \"" + change.site_id + "\" is configured with timezone " + change.configured +
         ", but its days were counted in " + change.counted +
         ": reports keep to that until the server is stopped, throughline rebuild has counted "
         "them again, and it is started";
}

Outcome<std::vector<ZoneChange>> keep_counted_zones(Store& store, std::vector<SiteConfig>& sites) {
  std::vector<ZoneChange> changes;
  for (auto& site : sites) TL_CHECK(keep_zone(store, site, changes));
  return changes;
}

}  // namespace tl::server
