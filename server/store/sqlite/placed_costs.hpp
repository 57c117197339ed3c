// SPDX-License-Identifier: Apache-2.0
// Costs of a report, each on the source that its traffic has.
#pragma once

#include "server/core/costs/cost_places.hpp"
#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/source_groups.hpp"

namespace tl::server::sqlite {

// Where the costs of these days stand, by the campaigns that traffic was seen under.
CostPlaces cost_places(Connection& connection, const DayRange& range, std::string_view currency);

// Costs where they stand in reports, or as they were told where no report would show the
// difference. `each` is told the cost, the source and the part.
template <class Each>
void read_costs(Connection& connection, const DayRange& range, std::string_view currency,
                bool are_placed, Each&& each) {
  auto query = connection.query(
      "SELECT day, channel, source, campaign, campaign_id, platform, amount_minor, clicks,"
      " impressions FROM cost WHERE site_id = ? AND day BETWEEN ? AND ? AND currency = ?");
  query.bind(range.site_id, range.from_day, range.to_day, currency);
  CostPlaces places;
  if (are_placed) places = cost_places(connection, range, currency);
  CostRow cost;
  while (query.step()) {
    query.read(cost.day, cost.channel, cost.source, cost.campaign, cost.campaign_id, cost.platform,
               cost.amount_minor, cost.clicks, cost.impressions);
    places.split(cost, [&](const TrafficSource& source, const CostPart& part) {
      each(cost, lent(source), part);
    });
  }
}

}  // namespace tl::server::sqlite
