// SPDX-License-Identifier: Apache-2.0
// Sums only: every change of a source row adds its difference in the same transaction.

#include "server/store/sqlite/rollup_store.hpp"

namespace tl::server::sqlite {

Outcome<void> SqliteRollupStore::add_traffic(std::string_view site_id, const DayTraffic& delta) {
  sums_.add_traffic(site_id, delta);
  return {};
}

Outcome<void> SqliteRollupStore::add_credit(std::string_view site_id, const DayCredit& delta) {
  return attempt([&] {
    connection_
        .query(
            "INSERT INTO day_credit (site_id, day, model, currency, kind, channel, source, "
            "campaign, conversions_micro, value_minor, net_minor) "
            "VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET "
            "conversions_micro = conversions_micro + excluded.conversions_micro, "
            "value_minor = value_minor + excluded.value_minor, "
            "net_minor = net_minor + excluded.net_minor")
        .bind(site_id, delta.day, delta.model, delta.currency, delta.kind, delta.channel,
              delta.source, delta.campaign, delta.conversions_micro, delta.value_minor,
              delta.net_minor)
        .run();
  });
}

Outcome<std::vector<DayTraffic>> SqliteRollupStore::traffic(std::string_view site_id, int from_day,
                                                            int to_day) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT day, channel, source, campaign, touches, sessions FROM day_traffic "
        "WHERE site_id = ? AND day BETWEEN ? AND ? ORDER BY day, channel, source, campaign");
    query.bind(site_id, from_day, to_day);
    return all_rows<DayTraffic>(query, [](Query& row) {
      DayTraffic day;
      row.read(day.day, day.channel, day.source, day.campaign, day.touches, day.sessions);
      return day;
    });
  });
}

Outcome<std::vector<DayCredit>> SqliteRollupStore::credits(std::string_view site_id,
                                                           std::string_view model, int from_day,
                                                           int to_day) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT day, model, currency, kind, channel, source, campaign, conversions_micro, "
        "value_minor, net_minor FROM day_credit WHERE site_id = ? AND model = ? "
        "AND day BETWEEN ? AND ? ORDER BY day, currency, kind, channel, source, campaign");
    query.bind(site_id, model, from_day, to_day);
    return all_rows<DayCredit>(query, [](Query& row) {
      DayCredit day;
      row.read(day.day, day.model, day.currency, day.kind, day.channel, day.source, day.campaign,
               day.conversions_micro, day.value_minor, day.net_minor);
      return day;
    });
  });
}

}  // namespace tl::server::sqlite
