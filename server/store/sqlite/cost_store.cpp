// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/cost_store.hpp"

namespace tl::server::sqlite {

Outcome<std::int64_t> SqliteCostStore::remove_scope(std::string_view site_id, const CostRow& row) {
  return attempt([&]() -> std::int64_t {
    return connection_
        .query(
            "DELETE FROM cost WHERE site_id = ?1 AND day = ?2 AND source = ?3 AND"
            " ((?5 <> '' AND campaign_id = ?5) OR (campaign = ?4 AND"
            "  (?5 = '' OR (?4 <> '' AND campaign_id = ''))))")
        .bind(site_id, row.day, row.source, row.campaign, row.campaign_id)
        .run();
  });
}

Outcome<void> SqliteCostStore::add(std::string_view site_id, const CostRow& row) {
  return attempt([&] {
    connection_
        .query(
            "INSERT INTO cost (site_id, day, channel, source, campaign, campaign_id, currency,"
            " amount_minor, clicks, impressions, imported_ms, origin, platform)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"
            " ON CONFLICT DO UPDATE SET amount_minor = amount_minor + excluded.amount_minor,"
            " clicks = clicks + excluded.clicks, impressions = impressions + excluded.impressions,"
            " imported_ms = excluded.imported_ms, origin = excluded.origin,"
            " platform = excluded.platform")
        .bind(site_id, row.day, row.channel, row.source, row.campaign, row.campaign_id,
              row.currency, row.amount_minor, row.clicks, row.impressions, row.imported_ms,
              row.origin, row.platform)
        .run();
  });
}

Outcome<std::vector<CostRow>> SqliteCostStore::list(std::string_view site_id, int from_day,
                                                    int to_day, const std::optional<CostRow>& after,
                                                    std::uint32_t limit) {
  return attempt([&] {
    const CostRow place = after.value_or(CostRow{});
    auto query = connection_.query(
        "SELECT day, channel, source, campaign, campaign_id, currency, amount_minor, clicks,"
        " impressions, imported_ms, origin, platform FROM cost WHERE site_id = ?1 AND"
        " day BETWEEN ?2 AND ?3 AND (?4 = 0 OR"
        " (-day, channel, source, campaign, campaign_id, currency) > (-?4, ?5, ?6, ?7, ?8, ?9))"
        " ORDER BY day DESC, channel, source, campaign, campaign_id, currency LIMIT ?10");
    query.bind(site_id, from_day, to_day, place.day, place.channel, place.source, place.campaign,
               place.campaign_id, place.currency, limit);
    return all_rows<CostRow>(query, [](Query& row) {
      CostRow cost;
      row.read(cost.day, cost.channel, cost.source, cost.campaign, cost.campaign_id, cost.currency,
               cost.amount_minor, cost.clicks, cost.impressions, cost.imported_ms, cost.origin,
               cost.platform);
      return cost;
    });
  });
}

}  // namespace tl::server::sqlite
