// SPDX-License-Identifier: Apache-2.0
// Sessions and what leads to them: aliases and linked anonymous ids.

#include "server/store/sqlite/event_store.hpp"
#include "server/store/sqlite/page.hpp"

namespace tl::server::sqlite {
namespace {

#define TL_SESSION_COLUMNS                                                             \
  "site_id, id, anonymous_id, idx, why, started_ms, last_ms, ended_ms, end_reason, "   \
  "first_touch, last_touch, page_views, events, entry_path, exit_path, last_content, " \
  "converted, conversion_value_minor, currency, device, browser, os, country, is_bot"
#define TL_SESSION_VALUES "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"

SessionRow read_session(Query& query) {
  SessionRow row;
  query.read(row.site_id, row.id, row.anonymous_id, row.idx, row.why, row.started_ms, row.last_ms,
             row.ended_ms, row.end_reason, row.first_touch, row.last_touch, row.page_views,
             row.events, row.entry_path, row.exit_path, row.last_content, row.converted,
             row.conversion_value_minor, row.currency, row.device, row.browser, row.os, row.country,
             row.is_bot);
  return row;
}

void bind_session(Query& query, const SessionRow& row) {
  query.bind(row.site_id, row.id, row.anonymous_id, row.idx, row.why, row.started_ms, row.last_ms,
             row.ended_ms, row.end_reason, row.first_touch, row.last_touch, row.page_views,
             row.events, row.entry_path, row.exit_path, row.last_content, row.converted,
             row.conversion_value_minor, row.currency, row.device, row.browser, row.os, row.country,
             row.is_bot);
}

}  // namespace

Outcome<std::optional<SessionRow>> SqliteEventStore::find_session(std::string_view site_id,
                                                                  const Id128& id) {
  return attempt([&] {
    {
      auto query = connection_.query("SELECT " TL_SESSION_COLUMNS
                                     " FROM session WHERE site_id = ? AND id = ?");
      query.bind(site_id, id);
      if (auto row = first_row<SessionRow>(query, read_session)) return row;
    }
    auto query = connection_.query("SELECT " TL_SESSION_COLUMNS
                                   " FROM session WHERE site_id = ?1 AND id = (SELECT session_id "
                                   "FROM session_alias WHERE site_id = ?1 AND alias_id = ?2)");
    query.bind(site_id, id);
    return first_row<SessionRow>(query, read_session);
  });
}

Outcome<void> SqliteEventStore::put_session(const SessionRow& session) {
  return attempt([&] {
    auto query = connection_.query("INSERT OR REPLACE INTO session (" TL_SESSION_COLUMNS
                                   ") VALUES " TL_SESSION_VALUES);
    bind_session(query, session);
    query.run();
  });
}

Outcome<bool> SqliteEventStore::merge_session(const SessionRow& part) {
  return attempt([&] {
    // An end by purchase stays. Other ends are undone by later activity, for the page never ends a
    // session; `left` is the newest sign of life, so it holds until another one comes.
    auto query = connection_.query(
        "INSERT INTO session (" TL_SESSION_COLUMNS ") VALUES " TL_SESSION_VALUES
        " ON CONFLICT DO UPDATE SET "
        "last_ms = max(last_ms, excluded.last_ms), "
        "ended_ms = CASE WHEN end_reason = 'purchase' OR excluded.last_ms < last_ms "
        "THEN ended_ms ELSE excluded.ended_ms END, "
        "end_reason = CASE WHEN end_reason = 'purchase' OR excluded.last_ms < last_ms "
        "THEN end_reason ELSE excluded.end_reason END, "
        "first_touch = coalesce(first_touch, excluded.first_touch), "
        "last_touch = coalesce(excluded.last_touch, last_touch), "
        "page_views = page_views + excluded.page_views, events = events + excluded.events, "
        "entry_path = CASE WHEN entry_path = '' THEN excluded.entry_path ELSE entry_path END, "
        "exit_path = CASE WHEN excluded.exit_path = '' OR (exit_path <> '' AND "
        "excluded.last_ms < last_ms) THEN exit_path ELSE excluded.exit_path END, "
        "last_content = CASE WHEN excluded.last_content = '' OR (last_content <> '' AND "
        "excluded.last_ms < last_ms) THEN last_content ELSE excluded.last_content END, "
        "device = CASE WHEN device = '' THEN excluded.device ELSE device END, "
        "browser = CASE WHEN browser = '' THEN excluded.browser ELSE browser END, "
        "os = CASE WHEN os = '' THEN excluded.os ELSE os END, "
        "country = CASE WHEN country = '' THEN excluded.country ELSE country END, "
        "is_bot = max(is_bot, excluded.is_bot) RETURNING events");
    bind_session(query, part);
    std::uint32_t events = 0;
    query.step();
    query.read(events);
    return events == part.events;
  });
}

Outcome<void> SqliteEventStore::alias_session(std::string_view site_id, const Id128& alias,
                                              const Id128& session_id) {
  return attempt([&] {
    connection_
        .query(
            "INSERT INTO session_alias (site_id, alias_id, session_id) VALUES (?,?,?) "
            "ON CONFLICT DO NOTHING")
        .bind(site_id, alias, session_id)
        .run();
  });
}

Outcome<void> SqliteEventStore::link_anonymous_ids(std::string_view site_id, const Id128& id,
                                                   const Id128& older, std::int64_t t_ms) {
  return attempt([&] {
    connection_
        .query(
            "INSERT INTO anonymous_link (site_id, anonymous_id, older_id, t_ms) "
            "VALUES (?,?,?,?) ON CONFLICT DO NOTHING")
        .bind(site_id, id, older, t_ms)
        .run();
  });
}

Outcome<std::vector<SessionRow>> SqliteEventStore::idle_sessions(std::string_view site_id,
                                                                 std::int64_t idle_before_ms,
                                                                 std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_SESSION_COLUMNS
                                   " FROM session WHERE site_id = ? AND ended_ms IS NULL "
                                   "AND last_ms < ? ORDER BY started_ms LIMIT ?");
    query.bind(site_id, idle_before_ms, limit);
    return all_rows<SessionRow>(query, read_session);
  });
}

Outcome<std::vector<SessionRow>> SqliteEventStore::sessions_of_visitor(std::string_view site_id,
                                                                       const Id128& anonymous_id,
                                                                       std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_SESSION_COLUMNS
                                   " FROM session WHERE site_id = ? AND anonymous_id = ? "
                                   "ORDER BY started_ms DESC, id DESC LIMIT ?");
    query.bind(site_id, anonymous_id, limit);
    return all_rows<SessionRow>(query, read_session);
  });
}

Outcome<Page<SessionRow>> SqliteEventStore::list_sessions(const ListQuery& list) {
  TL_TRY(range, page_range(list));
  return attempt([&] {
    auto query = connection_.query(
        "SELECT " TL_SESSION_COLUMNS
        " FROM session WHERE site_id = ? AND started_ms >= ? AND started_ms < ? "
        "AND (started_ms, id) < (?, ?) ORDER BY started_ms DESC, id DESC LIMIT ?");
    query.bind(list.site_id, range.from_ms, range.to_ms, range.before.t_ms, Blob{range.before.key},
               range.limit + 1);
    return cut_page(all_rows<SessionRow>(query, read_session), range.limit,
                    [](const SessionRow& row) { return position(row.started_ms, row.id); });
  });
}

}  // namespace tl::server::sqlite
