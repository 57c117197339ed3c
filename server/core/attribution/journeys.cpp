// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/journeys.hpp"

#include <algorithm>
#include <span>
#include <tuple>

namespace tl::server {
namespace {

std::string journey_path(std::span<const models::PathTouch> journey,
                         const models::AttributionRules& rules) {
  std::vector<models::Step> steps(journey.size());
  const auto path = models::eligible_path(rules, {journey.back().t_ms},
                                          /*applies_direct_rule=*/true, journey, steps, {});
  std::string channels;
  if (!path.ok()) return channels;
  for (std::size_t i = 0; i < path.value().count; ++i)
    channels += static_cast<char>(steps[i].channel.code());
  return channels;
}

}  // namespace

std::vector<std::string> failed_journeys(std::vector<models::PathTouch> touches,
                                         const std::vector<std::int64_t>& conversions,
                                         const models::AttributionRules& rules) {
  std::sort(touches.begin(), touches.end(),
            [](const models::PathTouch& a, const models::PathTouch& b) {
              return std::tie(a.t_ms, a.seq, a.id) < std::tie(b.t_ms, b.seq, b.id);
            });
  std::vector<std::string> paths;
  for (std::size_t first = 0, last = 0; first < touches.size(); first = last) {
    // The first conversion that may end this journey, and the touches up to it.
    const auto next = std::lower_bound(conversions.begin(), conversions.end(), touches[first].t_ms);
    const bool has_next = next != conversions.end();
    for (last = first + 1; last < touches.size(); ++last) {
      if (touches[last].t_ms - touches[last - 1].t_ms > rules.click_lookback_ms) break;
      if (has_next && touches[last].t_ms > *next) break;
    }
    const bool converts = has_next && *next - touches[last - 1].t_ms <= rules.click_lookback_ms &&
                          (last == touches.size() || touches[last].t_ms > *next);
    if (converts) continue;
    std::string path = journey_path(std::span(touches).subspan(first, last - first), rules);
    if (!path.empty()) paths.push_back(std::move(path));
  }
  return paths;
}

}  // namespace tl::server
