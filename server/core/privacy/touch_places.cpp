// SPDX-License-Identifier: Apache-2.0
#include "server/core/privacy/touch_places.hpp"

#include "server/core/reports/local_day.hpp"
#include "server/core/reports/visitor_sketch.hpp"

#include <map>
#include <tuple>
#include <utility>
#include <vector>

namespace tl::server {
namespace {

constexpr std::uint32_t kTouchesOfAVisitor = 1000;

struct PlaceCount {
  std::int64_t touches = 0, visits = 0;
  std::vector<TouchRow> rows;
};
using DayPlace = std::pair<int, TrafficSource>;

TrafficSource source_of(const TouchRow& touch) {
  return {touch.channel, touch.source, touch.campaign, touch.content, touch.landing_path};
}

// All touches of one anonymous id, by session.
Outcome<std::vector<TouchRow>> touches_of(Tables& tables, const std::string& site_id,
                                          const Id128& visitor) {
  std::vector<TouchRow> touches;
  TouchRow last;
  last.anonymous_id = visitor;
  for (;;) {
    TL_TRY(page, tables.evidence().touches_after(site_id, last, kTouchesOfAVisitor));
    for (auto& touch : page) {
      if (touch.anonymous_id != visitor) return touches;
      touches.push_back(std::move(touch));
    }
    if (page.size() < kTouchesOfAVisitor) return touches;
    last = touches.back();
  }
}

std::map<DayPlace, PlaceCount> count_places(const SiteConfig& site,
                                            const std::vector<TouchRow>& touches) {
  std::map<DayPlace, PlaceCount> counts;
  const auto place_of = [&](const TouchRow& touch) {
    return DayPlace{local_day(touch.t_ms, site.timezone), source_of(touch)};
  };
  const TouchRow* first = nullptr;  // of its session
  const auto count_visit = [&] {
    if (first != nullptr && counts_in_reports(*first)) ++counts[place_of(*first)].visits;
  };
  for (const auto& touch : touches) {
    const auto at = [](const TouchRow& row) { return std::tie(row.t_ms, row.seq, row.id); };
    if (first == nullptr || first->session_id != touch.session_id) {
      count_visit();
      first = &touch;
    } else if (at(touch) < at(*first)) {
      first = &touch;
    }
    PlaceCount& count = counts[place_of(touch)];
    count.rows.push_back(touch);
    if (counts_in_reports(touch)) ++count.touches;
  }
  count_visit();
  return counts;
}

// What may stay of the place.
Outcome<TrafficSource> cleared(Tables& tables, const SiteConfig& site, int day,
                               const TouchRow& touch, const PlaceRule& rule) {
  const TrafficSource before = source_of(touch);
  TouchRow changed = touch;
  rule(changed);
  TrafficSource after = source_of(changed);
  if (after == before) return after;
  const auto is_shared = [&](CountedBy by) -> Outcome<bool> {
    TL_TRY(visitors, tables.privacy().count_visitors(site.id, day, before, by));
    return visitors > static_cast<std::int64_t>(VisitorSketch::kMostExact);
  };
  TL_TRY(is_shared_page, is_shared(CountedBy::landing_page));
  if (is_shared_page) return before;
  if (after.source == before.source && after.campaign == before.campaign) return after;
  TL_TRY(is_shared_campaign, is_shared(CountedBy::campaign));
  if (is_shared_campaign)
    std::tie(after.source, after.campaign) = std::tie(before.source, before.campaign);
  return after;
}

}  // namespace

Outcome<void> clear_places(Tables& tables, const SiteConfig& site, const Id128& visitor,
                           const Id128& counted_as, const PlaceRule& rule) {
  TL_TRY(touches, touches_of(tables, site.id, visitor));
  for (const auto& [place, count] : count_places(site, touches)) {
    const auto& [day, before] = place;
    TL_TRY(after, cleared(tables, site, day, count.rows.front(), rule));
    for (const auto& row : count.rows) {
      TouchRow changed = row;
      rule(changed);  // of its medium, which is not counted by
      std::tie(changed.source, changed.campaign, changed.content, changed.landing_path) =
          std::tie(after.source, after.campaign, after.content, after.landing_path);
      TL_CHECK(tables.privacy().put_place(changed));
    }
    if (after == before && counted_as == visitor) continue;
    DayTraffic left{day, before, -count.touches, -count.visits, {}};
    DayTraffic came{day, after, count.touches, count.visits, {}};
    if (count.touches > 0) {
      left.left.push_back(VisitorSketch::hash_of(visitor));
      came.visitors.push_back(VisitorSketch::hash_of(counted_as));
    }
    TL_CHECK(tables.rollups().add_traffic(site.id, std::move(left)));
    TL_CHECK(tables.rollups().add_traffic(site.id, std::move(came)));
  }
  return {};
}

}  // namespace tl::server
