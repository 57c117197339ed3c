// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/fetch_store.hpp"

#include <set>
#include <string>

namespace tl::server::sqlite {

Outcome<std::optional<ImportMark>> SqliteFetchStore::find_import(std::string_view site_id,
                                                                 std::string_view provider) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT site_id, provider, account, since_ms, list, cursor, items, kept, known, "
        "unreadable, t_ms"
        " FROM order_import WHERE site_id = ? AND provider = ?");
    query.bind(site_id, provider);
    return first_row<ImportMark>(query, [](Query& row) {
      ImportMark mark;
      row.read(mark.site_id, mark.provider, mark.account, mark.since_ms, mark.list, mark.cursor,
               mark.items, mark.kept, mark.known, mark.unreadable, mark.t_ms);
      return mark;
    });
  });
}

Outcome<void> SqliteFetchStore::put_import(const ImportMark& mark) {
  return attempt([&] {
    connection_
        .query(
            "INSERT OR REPLACE INTO order_import (site_id, provider, account, since_ms, list,"
            " cursor, items, kept, known, unreadable, t_ms) VALUES (?,?,?,?,?,?,?,?,?,?,?)")
        .bind(mark.site_id, mark.provider, mark.account, mark.since_ms, mark.list, mark.cursor,
              mark.items, mark.kept, mark.known, mark.unreadable, mark.t_ms)
        .run();
  });
}

Outcome<void> SqliteFetchStore::remove_import(std::string_view site_id, std::string_view provider) {
  return attempt([&] {
    connection_.query("DELETE FROM order_import WHERE site_id = ? AND provider = ?")
        .bind(site_id, provider)
        .run();
  });
}

Outcome<void> SqliteFetchStore::ask(const LookupRow& lookup) {
  return attempt([&] {
    connection_
        .query(
            "INSERT INTO order_lookup (site_id, provider, key, subject, event_type, inbox_key, "
            "live,"
            " is_proven, asks, asked_ms, attempts, next_attempt_ms, last_error)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET asks = asks + 1,"
            " asked_ms = max(asked_ms, excluded.asked_ms),"
            " next_attempt_ms = min(next_attempt_ms, excluded.next_attempt_ms),"
            " is_proven = max(is_proven, excluded.is_proven)")
        .bind(lookup.site_id, lookup.provider, lookup.key, lookup.subject, lookup.event_type,
              lookup.inbox_key, lookup.live, lookup.is_proven, lookup.asks, lookup.asked_ms,
              lookup.attempts, lookup.next_attempt_ms, lookup.last_error)
        .run();
  });
}

Outcome<std::int64_t> SqliteFetchStore::count_lookups(std::string_view site_id,
                                                      std::string_view provider, bool is_proven,
                                                      std::int64_t asked_since_ms) {
  return attempt([&]() -> std::int64_t {
    auto query = connection_.query(
        "SELECT count(*) FROM order_lookup WHERE site_id = ? AND provider = ? AND is_proven = ?"
        " AND asked_ms >= ?");
    query.bind(site_id, provider, is_proven, asked_since_ms);
    return number_of(query);
  });
}

// Each of these orders has an index (migration 0019). SQLite would rather read all that is due and
// sort it, some ten thousand rows every second of a flood, so the index is named. What is put off
// stands between what is due there: the inner query reads of it what the index holds, no rows.
#define TL_LOOKUP_COLUMNS                                                                     \
  "SELECT site_id, provider, key, subject, event_type, inbox_key, live, is_proven, asks,"     \
  " asked_ms, attempts, next_attempt_ms, last_error FROM order_lookup WHERE site_id = ?1 AND" \
  " provider = ?2 AND "
#define TL_UNPROVEN_BY(index, order)                                              \
  TL_LOOKUP_COLUMNS "key IN (SELECT key FROM order_lookup INDEXED BY " index      \
                    " WHERE site_id = ?1 AND provider = ?2 AND is_proven = 0 AND" \
                    " next_attempt_ms <= ?3 ORDER BY " order " LIMIT ?4) ORDER BY " order
constexpr Sql kProven(TL_LOOKUP_COLUMNS
                      "is_proven = 1 AND next_attempt_ms <= ?3 ORDER BY next_attempt_ms, key"
                      " LIMIT ?4");
constexpr Sql kNewest(TL_UNPROVEN_BY("order_lookup_newest", "attempts, asked_ms DESC, key"));
constexpr Sql kOldest(TL_UNPROVEN_BY("order_lookup_oldest", "asked_ms, key"));
#undef TL_UNPROVEN_BY
#undef TL_LOOKUP_COLUMNS

Outcome<std::vector<LookupRow>> SqliteFetchStore::due_lookups(std::string_view site_id,
                                                              std::string_view provider,
                                                              std::int64_t now_ms,
                                                              std::uint32_t limit) {
  return attempt([&] {
    const auto due = [&](Sql sql) {
      auto query = connection_.query(sql);
      query.bind(site_id, provider, now_ms, limit);
      return all_rows<LookupRow>(query, [](Query& row) {
        LookupRow lookup;
        row.read(lookup.site_id, lookup.provider, lookup.key, lookup.subject, lookup.event_type,
                 lookup.inbox_key, lookup.live, lookup.is_proven, lookup.asks, lookup.asked_ms,
                 lookup.attempts, lookup.next_attempt_ms, lookup.last_error);
        return lookup;
      });
    };
    auto rows = due(kProven);
    if (rows.size() >= limit) return rows;
    const auto newest = due(kNewest), oldest = due(kOldest);
    std::set<std::string> taken;
    for (std::size_t i = 0; i < newest.size(); ++i)  // both lists are as long
      for (const LookupRow* row : {&newest[i], &oldest[i]})
        if (rows.size() < limit && taken.insert(row->key).second) rows.push_back(*row);
    return rows;
  });
}

Outcome<void> SqliteFetchStore::put_off(const LookupRow& lookup) {
  return attempt([&] {
    connection_
        .query(
            "UPDATE order_lookup SET attempts = ?, next_attempt_ms = ?, last_error = ?"
            " WHERE site_id = ? AND provider = ? AND key = ? AND asks = ?")
        .bind(lookup.attempts, lookup.next_attempt_ms, lookup.last_error, lookup.site_id,
              lookup.provider, lookup.key, lookup.asks)
        .run();
  });
}

Outcome<void> SqliteFetchStore::remove_lookup(const LookupRow& lookup) {
  return attempt([&] {
    connection_
        .query(
            "DELETE FROM order_lookup WHERE site_id = ? AND provider = ? AND key = ? AND asks = ?")
        .bind(lookup.site_id, lookup.provider, lookup.key, lookup.asks)
        .run();
  });
}

}  // namespace tl::server::sqlite
