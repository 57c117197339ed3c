// SPDX-License-Identifier: Apache-2.0
// Sessions and what leads to them: aliases and linked anonymous ids.

#include "server/store/sqlite/event_store.hpp"
#include "server/store/sqlite/page.hpp"

namespace tl::server::sqlite {
namespace {

#define TL_SESSION_COLUMNS                                                                    \
  "site_id, id, anonymous_id, idx, why, started_ms, last_ms, ended_ms, end_reason, "          \
  "first_touch, last_touch, page_views, events, entry_path, exit_path, last_content, "        \
  "converted, conversion_value_minor, currency, device, browser, os, country, region, city, " \
  "bot_reason, is_bot"
#define TL_SESSION_VALUES "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"

SessionRow read_session(Query& query) {
  SessionRow row;
  query.read(row.site_id, row.id, row.anonymous_id, row.idx, row.why, row.started_ms, row.last_ms,
             row.ended_ms, row.end_reason, row.first_touch, row.last_touch, row.page_views,
             row.events, row.entry_path, row.exit_path, row.last_content, row.converted,
             row.conversion_value_minor, row.currency, row.device, row.browser, row.os, row.country,
             row.region, row.city, row.bot_reason, row.is_bot);
  return row;
}

void bind_session(Query& query, const SessionRow& row) {
  query.bind(row.site_id, row.id, row.anonymous_id, row.idx, row.why, row.started_ms, row.last_ms,
             row.ended_ms, row.end_reason, row.first_touch, row.last_touch, row.page_views,
             row.events, row.entry_path, row.exit_path, row.last_content, row.converted,
             row.conversion_value_minor, row.currency, row.device, row.browser, row.os, row.country,
             row.region, row.city, row.bot_reason, row.is_bot);
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

Outcome<std::optional<Id128>> SqliteEventStore::visitor_of_session(std::string_view site_id,
                                                                   const Id128& id) {
  return attempt([&] {
    auto query = connection_.query("SELECT anonymous_id FROM session WHERE site_id = ? AND id = ?");
    query.bind(site_id, id);
    return first_row<Id128>(query, read_only_id);
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
    {
      auto insert = connection_.query("INSERT INTO session (" TL_SESSION_COLUMNS
                                      ") VALUES " TL_SESSION_VALUES " ON CONFLICT DO NOTHING");
      bind_session(insert, part);
      if (insert.run() > 0) return true;
    }
    // An end by purchase stays. Other ends are undone by later activity, for the page never ends a
    // session; `left` is the newest sign of life, so it holds until another one comes.
    connection_
        .query(
            "UPDATE session SET last_ms = max(last_ms, ?4), "
            "ended_ms = CASE WHEN end_reason = 'purchase' OR ?4 < last_ms "
            "THEN ended_ms ELSE ?5 END, "
            "end_reason = CASE WHEN end_reason = 'purchase' OR ?4 < last_ms "
            "THEN end_reason ELSE ?6 END, "
            "first_touch = coalesce(first_touch, ?7), last_touch = coalesce(?8, last_touch), "
            "page_views = page_views + ?9, events = events + ?10, "
            "entry_path = CASE WHEN entry_path = '' THEN ?11 ELSE entry_path END, "
            "exit_path = CASE WHEN ?12 = '' OR (exit_path <> '' AND ?4 < last_ms) "
            "THEN exit_path ELSE ?12 END, "
            "last_content = CASE WHEN ?13 = '' OR (last_content <> '' AND ?4 < last_ms) "
            "THEN last_content ELSE ?13 END, "
            "device = CASE WHEN device = '' THEN ?14 ELSE device END, "
            "browser = CASE WHEN browser = '' THEN ?15 ELSE browser END, "
            "os = CASE WHEN os = '' THEN ?16 ELSE os END, "
            "region = CASE WHEN country = '' THEN ?18 ELSE region END, "
            "city = CASE WHEN country = '' THEN ?19 ELSE city END, "
            "country = CASE WHEN country = '' THEN ?17 ELSE country END, "
            "bot_reason = CASE WHEN bot_reason = '' THEN ?20 ELSE bot_reason END, "
            "is_bot = max(is_bot, ?21) WHERE site_id = ?1 AND anonymous_id = ?2 AND id = ?3")
        .bind(part.site_id, part.anonymous_id, part.id, part.last_ms, part.ended_ms,
              part.end_reason, part.first_touch, part.last_touch, part.page_views, part.events,
              part.entry_path, part.exit_path, part.last_content, part.device, part.browser,
              part.os, part.country, part.region, part.city, part.bot_reason, part.is_bot)
        .run();
    return false;
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

Outcome<bool> SqliteEventStore::link_anonymous_ids(std::string_view site_id, const Id128& id,
                                                   const Id128& older, std::int64_t t_ms) {
  return attempt([&] {
    return connection_
               .query(
                   "INSERT INTO anonymous_link (site_id, anonymous_id, older_id, t_ms) "
                   "VALUES (?,?,?,?) ON CONFLICT DO NOTHING")
               .bind(site_id, id, older, t_ms)
               .run() > 0;
  });
}

Outcome<bool> SqliteEventStore::has_sessions(std::string_view site_id, const Id128& anonymous_id) {
  return attempt([&] {
    auto query =
        connection_.query("SELECT 1 FROM session WHERE site_id = ? AND anonymous_id = ? LIMIT 1");
    query.bind(site_id, anonymous_id);
    return query.step();
  });
}

Outcome<std::vector<SessionRow>> SqliteEventStore::sessions_of_visitor(std::string_view site_id,
                                                                       const Id128& anonymous_id,
                                                                       std::uint32_t limit) {
  return attempt([&] {
    // The plus keeps SQLite from reading all of the site in the order asked for (query_plans_test).
    auto query = connection_.query("SELECT " TL_SESSION_COLUMNS
                                   " FROM session WHERE site_id = ? AND anonymous_id = ? "
                                   "ORDER BY +started_ms DESC, id DESC LIMIT ?");
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
