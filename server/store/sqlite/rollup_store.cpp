// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/rollup_store.hpp"

#include "server/store/sqlite/credit_split.hpp"
#include "server/store/sqlite/recent_traffic.hpp"
#include "server/store/sqlite/rollup_revisions.hpp"

#include <map>
#include <utility>

namespace tl::server::sqlite {

using std::string_view;

Outcome<void> SqliteRollupStore::add_traffic(string_view site_id, DayTraffic delta) {
  sums_.add(site_id, std::move(delta));
  return {};
}
Outcome<void> SqliteRollupStore::add_credit(string_view site_id, DayCredit delta,
                                            RollupReason reason) {
  sums_.add(site_id, std::move(delta), reason);
  return {};
}
Outcome<void> SqliteRollupStore::add_path(string_view site_id, DayPath delta, RollupReason reason) {
  sums_.add(site_id, std::move(delta), reason);
  return {};
}
Outcome<void> SqliteRollupStore::add_conversions(string_view site_id, DayConversions delta,
                                                 RollupReason reason) {
  sums_.add(site_id, std::move(delta), reason);
  return {};
}

Outcome<void> SqliteRollupStore::put_split(string_view site_id, const DayConversion& conversion,
                                           const std::vector<CreditRow>& credits) {
  return attempt([&] {
    const std::string split = write_split(credits);
    connection_
        .query(
            "INSERT OR REPLACE INTO conversion_split (site_id, day, kind, currency, conversion_id,"
            " split) VALUES (?,?,?,?,?,?)")
        .bind(site_id, conversion.day, conversion.kind, conversion.currency, conversion.id,
              Blob{split})
        .run();
  });
}

Outcome<void> SqliteRollupStore::remove_split(string_view site_id,
                                              const DayConversion& conversion) {
  return attempt([&] {
    connection_
        .query(
            "DELETE FROM conversion_split WHERE site_id = ? AND day = ? AND kind = ? AND"
            " currency = ? AND conversion_id = ?")
        .bind(site_id, conversion.day, conversion.kind, conversion.currency, conversion.id)
        .run();
  });
}

Outcome<void> SqliteRollupStore::name_config(string_view site_id, std::int64_t config,
                                             string_view model, string_view rules) {
  return attempt([&] {
    connection_
        .query(
            "INSERT INTO model_config (site_id, config, model, rules) VALUES (?,?,?,?)"
            " ON CONFLICT DO NOTHING")
        .bind(site_id, config, model, rules)
        .run();
  });
}

// Nothing of these days waits to be folded (RollupSums::write).
Outcome<std::vector<DayTraffic>> SqliteRollupStore::published_traffic(string_view site_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT day, channel, touches, visits FROM day_traffic WHERE site_id = ?1 AND level = 1"
        " AND day <= (SELECT day FROM day_seal WHERE site_id = ?1)");
    query.bind(site_id);
    return all_rows<DayTraffic>(query, [](Query& row) {
      DayTraffic traffic;
      row.read(traffic.day, traffic.source.channel, traffic.touches, traffic.visits);
      return traffic;
    });
  });
}

Outcome<void> SqliteRollupStore::revise_traffic(string_view site_id,
                                                const std::vector<DayTraffic>& before) {
  return attempt([&] {
    Revisions revisions(connection_, /*is_noting=*/true);
    for (const DayTraffic& row : before)
      if (Revisions::Change* change = revisions.published(site_id, row.day))
        note_traffic_before(*change, RollupReason::rebuild, row.source.channel, row.touches,
                            row.visits);
    revisions.write();
  });
}

Outcome<bool> SqliteRollupStore::seal_days(string_view site_id, int day) {
  return attempt([&] {
    RollupSums::settle(connection_);
    return connection_
               .query(
                   "INSERT INTO day_seal (site_id, day) VALUES (?,?) ON CONFLICT DO UPDATE SET"
                   " day = excluded.day WHERE excluded.day > day")
               .bind(site_id, day)
               .run() > 0;
  });
}

Outcome<std::optional<SiteZone>> SqliteRollupStore::zone(string_view site_id) {
  return attempt([&] {
    auto query = connection_.query("SELECT counted, configured FROM site_zone WHERE site_id = ?");
    query.bind(site_id);
    return first_row<SiteZone>(query, [](Query& row) {
      SiteZone zone;
      row.read(zone.counted, zone.configured);
      return zone;
    });
  });
}

Outcome<void> SqliteRollupStore::set_zone(string_view site_id, const SiteZone& zone) {
  return attempt([&] {
    connection_
        .query("INSERT OR REPLACE INTO site_zone (site_id, counted, configured) VALUES (?,?,?)")
        .bind(site_id, zone.counted, zone.configured)
        .run();
  });
}

Outcome<std::vector<DayTraffic>> SqliteRollupStore::traffic(string_view site_id, int from_day,
                                                            int to_day) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT day, channel, source, campaign, content, landing_path, touches, visits FROM"
        " day_traffic WHERE site_id = ? AND level = 3 AND day BETWEEN ? AND ?");
    query.bind(site_id, from_day, to_day);
    std::map<std::pair<int, TrafficSource>, DayTraffic> rows;
    const auto add = [&](int day, const LentSource& source, std::int64_t touches,
                         std::int64_t visits) {
      DayTraffic& row = rows[{day, owned(source)}];
      row.day = day;
      row.source = owned(source);
      row.touches += touches;
      row.visits += visits;
    };
    while (query.step()) {
      int day = 0;
      LentSource source;
      std::int64_t touches = 0, visits = 0;
      query.read(day, source.channel, source.source, source.campaign, source.content,
                 source.landing_path, touches, visits);
      add(day, source, touches, visits);
    }
    read_recent(connection_, site_id, from_day, to_day,
                [&](int day, const LentSource& source, std::int64_t touches, std::int64_t visits,
                    const auto&) { add(day, source, touches, visits); });
    std::vector<DayTraffic> list;
    for (auto& [key, row] : rows) list.push_back(std::move(row));
    return list;
  });
}

Outcome<std::vector<DayCredit>> SqliteRollupStore::credits(string_view site_id, string_view model,
                                                           int from_day, int to_day) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT c.day, c.config, c.currency, c.kind, c.channel, c.source, c.campaign, c.content,"
        " c.landing_path, c.conversions_micro, c.new_customers_micro, c.value_minor,"
        " c.refund_minor, c.net_minor FROM model_config m JOIN day_credit c ON"
        " c.site_id = m.site_id AND c.level = 3 AND c.config = m.config"
        " WHERE m.site_id = ? AND m.model = ? AND c.day BETWEEN ? AND ?"
        " ORDER BY c.day, c.currency, c.kind, c.channel, c.source, c.campaign, c.content,"
        " c.landing_path, c.config");
    query.bind(site_id, model, from_day, to_day);
    return all_rows<DayCredit>(query, [](Query& row) {
      DayCredit day;
      row.read(day.day, day.config, day.currency, day.kind, day.source.channel, day.source.source,
               day.source.campaign, day.source.content, day.source.landing_path,
               day.conversions_micro, day.new_customers_micro, day.money.value_minor,
               day.money.refund_minor, day.money.net_minor);
      return day;
    });
  });
}

}  // namespace tl::server::sqlite
