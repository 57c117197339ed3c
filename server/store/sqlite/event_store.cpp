// SPDX-License-Identifier: Apache-2.0
// Touches, events and their lists. Sessions: session_rows.cpp; contexts: session_contexts.cpp.

#include "server/store/sqlite/event_store.hpp"

#include <algorithm>

namespace tl::server::sqlite {
namespace {

#define TL_TOUCH_COLUMNS                                                                  \
  "site_id, id, session_id, anonymous_id, t_ms, seq, channel, source, medium, campaign, " \
  "term, content, click_ids, landing_path, referrer_domain, evidence, rules_version, "    \
  "verdict, is_bot, is_view"
#define TL_EVENT_COLUMNS                                                              \
  "site_id, id, session_id, anonymous_id, name, t_ms, raw_t_ms, received_ms, clock, " \
  "page_nonce, seq, url, title, props, why, verdict, mismatch, rules_version, is_bot"

// The ids of visitor ?2 of site ?1. Links form a star around the oldest id in practice, but two
// steps away is still one browser.
#define TL_LINKED_IDS                                                    \
  "WITH RECURSIVE ids (id) AS (SELECT ?2 UNION "                         \
  "SELECT link.older_id FROM ids CROSS JOIN anonymous_link AS link "     \
  "ON link.site_id = ?1 AND link.anonymous_id = ids.id UNION "           \
  "SELECT link.anonymous_id FROM ids CROSS JOIN anonymous_link AS link " \
  "ON link.site_id = ?1 AND link.older_id = ids.id) "

// A session's rows lie with its visitor.
#define TL_OF_SESSION                                                               \
  " WHERE site_id = ?1 AND anonymous_id = (SELECT anonymous_id FROM session WHERE " \
  "site_id = ?1 AND id = ?2) AND session_id = ?2 "

TouchRow read_touch(Query& query) {
  TouchRow row;
  query.read(row.site_id, row.id, row.session_id, row.anonymous_id, row.t_ms, row.seq, row.channel,
             row.source, row.medium, row.campaign, row.term, row.content, row.click_ids,
             row.landing_path, row.referrer_domain, row.evidence, row.rules_version, row.verdict,
             row.is_bot, row.is_view);
  return row;
}

EventRow read_event(Query& query) {
  EventRow row;
  query.read(row.site_id, row.id, row.session_id, row.anonymous_id, row.name, row.t_ms,
             row.raw_t_ms, row.received_ms, row.clock, row.page_nonce, row.seq, row.url, row.title,
             row.props, row.why, row.verdict, row.mismatch, row.rules_version, row.is_bot);
  return row;
}

}  // namespace

Outcome<bool> SqliteEventStore::insert_event(const EventRow& row) {
  return attempt([&] {
    return connection_
               .query("INSERT INTO event (" TL_EVENT_COLUMNS
                      ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING")
               .bind(row.site_id, row.id, row.session_id, row.anonymous_id, row.name, row.t_ms,
                     row.raw_t_ms, row.received_ms, row.clock, row.page_nonce, row.seq, row.url,
                     row.title, row.props, row.why, row.verdict, row.mismatch, row.rules_version,
                     row.is_bot)
               .run() > 0;
  });
}

Outcome<bool> SqliteEventStore::insert_touch(const TouchRow& row) {
  return attempt([&] {
    return connection_
               .query("INSERT INTO touch (" TL_TOUCH_COLUMNS
                      ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING")
               .bind(row.site_id, row.id, row.session_id, row.anonymous_id, row.t_ms, row.seq,
                     row.channel, row.source, row.medium, row.campaign, row.term, row.content,
                     row.click_ids, row.landing_path, row.referrer_domain, row.evidence,
                     row.rules_version, row.verdict, row.is_bot, row.is_view)
               .run() > 0;
  });
}

Outcome<void> SqliteEventStore::insert_anon_event(std::string_view site_id,
                                                  const AnonEvent& event) {
  return attempt([&] {
    connection_
        .query(
            "INSERT INTO anon_event (site_id, hour_ms, name, channel, source, medium, campaign, "
            "referrer_domain, path, count) VALUES (?,?,?,?,?,?,?,?,?,1) "
            "ON CONFLICT DO UPDATE SET count = count + 1")
        .bind(site_id, event.hour_ms, event.name, event.channel, event.source, event.medium,
              event.campaign, event.referrer_domain, event.path)
        .run();
  });
}

Outcome<std::vector<TouchRow>> SqliteEventStore::touches_of_visitor(std::string_view site_id,
                                                                    const Id128& anonymous_id,
                                                                    std::int64_t from_ms,
                                                                    std::int64_t to_ms,
                                                                    std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query(
        TL_LINKED_IDS
        "SELECT " TL_TOUCH_COLUMNS
        " FROM touch WHERE site_id = ?1 AND anonymous_id IN (SELECT id FROM ids) "
        "AND t_ms >= ?3 AND t_ms <= ?4 ORDER BY t_ms DESC, seq DESC, id DESC LIMIT ?5");
    query.bind(site_id, anonymous_id, from_ms, to_ms, limit);
    auto rows = all_rows<TouchRow>(query, read_touch);
    std::reverse(rows.begin(), rows.end());  // newest kept, oldest first
    return rows;
  });
}

Outcome<std::vector<Id128>> SqliteEventStore::linked_ids(std::string_view site_id,
                                                         const Id128& anonymous_id) {
  return attempt([&] {
    auto query = connection_.query(TL_LINKED_IDS "SELECT id FROM ids");
    query.bind(site_id, anonymous_id);
    return all_rows<Id128>(query, read_only_id);
  });
}

Outcome<std::optional<TouchRow>> SqliteEventStore::find_touch(std::string_view site_id,
                                                              const Id128& session_id,
                                                              const Id128& id) {
  return attempt([&] {
    auto query =
        connection_.query("SELECT " TL_TOUCH_COLUMNS " FROM touch" TL_OF_SESSION "AND id = ?3");
    query.bind(site_id, session_id, id);
    return first_row<TouchRow>(query, read_touch);
  });
}

Outcome<std::optional<TouchRow>> SqliteEventStore::find_view(std::string_view site_id,
                                                             const Id128& id) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_TOUCH_COLUMNS
                                   " FROM touch WHERE site_id = ? AND id = ? AND is_view = 1");
    query.bind(site_id, id);
    return first_row<TouchRow>(query, read_touch);
  });
}

Outcome<std::optional<std::int64_t>> SqliteEventStore::delete_views(std::string_view site_id,
                                                                    const Id128& anonymous_id) {
  return attempt([&] {
    auto query = connection_.query(
        "DELETE FROM touch WHERE site_id = ? AND anonymous_id = ? AND is_view = 1 RETURNING t_ms");
    query.bind(site_id, anonymous_id);
    std::optional<std::int64_t> first_ms;
    while (query.step()) {
      std::int64_t t_ms = 0;
      query.read(t_ms);
      first_ms = std::min(first_ms.value_or(t_ms), t_ms);
    }
    return first_ms;
  });
}

Outcome<std::vector<TouchRow>> SqliteEventStore::touches_of_session(std::string_view site_id,
                                                                    const Id128& session_id) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_TOUCH_COLUMNS " FROM touch" TL_OF_SESSION
                                   "ORDER BY t_ms, seq, id");
    query.bind(site_id, session_id);
    return all_rows<TouchRow>(query, read_touch);
  });
}

Outcome<std::optional<EventRow>> SqliteEventStore::find_event(std::string_view site_id,
                                                              const Id128& session_id,
                                                              const Id128& id) {
  return attempt([&] {
    auto query =
        connection_.query("SELECT " TL_EVENT_COLUMNS " FROM event" TL_OF_SESSION "AND id = ?3");
    query.bind(site_id, session_id, id);
    return first_row<EventRow>(query, read_event);
  });
}

Outcome<std::optional<std::int64_t>> SqliteEventStore::newest_event(std::string_view site_id,
                                                                    const Id128& anonymous_id,
                                                                    std::string_view name,
                                                                    std::int64_t until_ms) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT max(t_ms) FROM event WHERE site_id = ? AND anonymous_id = ? AND name = ? AND"
        " t_ms <= ? AND is_bot = 0 AND verdict <> ?");
    query.bind(site_id, anonymous_id, name, until_ms, Verdict::forged);
    std::optional<std::int64_t> time;
    query.step();
    query.read(time);
    return time;
  });
}

Outcome<std::vector<EventRow>> SqliteEventStore::events_of_session(std::string_view site_id,
                                                                   const Id128& session_id,
                                                                   std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_EVENT_COLUMNS " FROM event" TL_OF_SESSION
                                   "ORDER BY t_ms, seq, id LIMIT ?3");
    query.bind(site_id, session_id, limit);
    return all_rows<EventRow>(query, read_event);
  });
}

}  // namespace tl::server::sqlite
