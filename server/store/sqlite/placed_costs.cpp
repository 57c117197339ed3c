// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/placed_costs.hpp"

#include "server/store/sqlite/folded_traffic.hpp"
#include "server/store/sqlite/recent_traffic.hpp"

namespace tl::server::sqlite {
namespace {

// What the costs name: few things, however many rows of cost and of traffic there are.
std::vector<CostRow> named_costs(Connection& connection, const DayRange& range,
                                 std::string_view currency) {
  auto query = connection.query(
      "SELECT DISTINCT channel, source, campaign, campaign_id, platform FROM cost"
      " WHERE site_id = ? AND day BETWEEN ? AND ? AND currency = ?");
  query.bind(range.site_id, range.from_day, range.to_day, currency);
  return all_rows<CostRow>(query, [](Query& row) {
    CostRow cost;
    row.read(cost.channel, cost.source, cost.campaign, cost.campaign_id, cost.platform);
    return cost;
  });
}

}  // namespace

CostPlaces cost_places(Connection& connection, const DayRange& range, std::string_view currency) {
  constexpr int kLastDay = 99991231;
  const std::vector<CostRow> costs = named_costs(connection, range, currency);
  CostPlaces places;
  const auto add = [&](CostPlaces::When when, const std::vector<RollupSpan>& spans, int from_day,
                       int to_day) {
    SourceSums<TrafficSum> sums(GroupBy::campaign);
    const auto count = [&](int, const LentSource& source, std::int64_t touches, std::int64_t,
                           const auto&...) {
      if (places.seeks(source.campaign)) sums.of(source).touches += touches;
    };
    for (const RollupSpan& span : spans) read_folded(connection, range.site_id, span, count);
    read_recent(connection, range.site_id, from_day, to_day, count);
    sums.each([&](const TrafficSource& source, const TrafficSum& sum) {
      places.add_traffic(when, source, sum.touches);
    });
  };
  if (places.seek(costs))
    add(CostPlaces::When::asked, spans_of(RollupLevel::campaign, range.from_day, range.to_day),
        range.from_day, range.to_day);
  if (places.seek(costs))
    add(CostPlaces::When::ever, {{RollupLevel::campaign_ever, 0, 0}}, 0, kLastDay);
  return places;
}

}  // namespace tl::server::sqlite
