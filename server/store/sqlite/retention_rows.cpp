// SPDX-License-Identifier: Apache-2.0
// The part of SqlitePrivacyStore that takes away what is old. Visits are kept by visitor, not by
// time: their sessions are gone through by their start, and a mark tells how far; so is what
// visitors said and chose (retained_people.hpp). Everything else is older rows in the order of
// their numbers or times, found by what is still in them.

#include "server/core/ingest/withheld_click_ids.hpp"
#include "server/store/sqlite/privacy_store.hpp"
#include "server/store/sqlite/retained_people.hpp"
#include "server/store/sqlite/retention_walks.hpp"

#include <utility>

namespace tl::server::sqlite {
namespace {

// ?1 the site, ?2 the time.
#define TL_OLD_WEBHOOKS \
  " FROM webhook_inbox WHERE site_id = ?1 AND received_ms < ?2 AND length(sealed) > 0"
#define TL_OLD_ATTEMPTS                                           \
  " FROM delivery_attempt AS a INDEXED BY delivery_attempt_kept " \
  "CROSS JOIN delivery AS d ON d.id = a.delivery_id "             \
  "WHERE d.site_id = ?1 AND a.t_ms < ?2 AND a.answer <> ''"
#define TL_OLD_COUNTS " FROM anon_event WHERE site_id = ?1 AND hour_ms < ?2"
#define TL_OLD_VIEWS \
  " FROM touch WHERE site_id = ?1 AND t_ms < ?2 AND is_view = 1 AND evidence <> '{}'"
#define TL_OLD_ENTRIES " FROM audit_log WHERE site_id = ?1 AND t_ms < ?2"

void empty_visit(Connection& connection, std::string_view site_id, const Id128& visitor,
                 const Id128& session) {
  const auto run = [&](Sql sql) { connection.query(sql).bind(site_id, visitor, session).run(); };
  run("UPDATE event SET url = '', title = '', props = '' WHERE site_id = ? AND anonymous_id = ? "
      "AND session_id = ?");
  run("UPDATE touch SET term = '', click_ids = '{}', referrer_domain = '', evidence = '{}' "
      "WHERE site_id = ? AND anonymous_id = ? AND session_id = ?");
  run("UPDATE session SET entry_path = '', exit_path = '', last_content = '', device = '', "
      "browser = '', os = '', country = '', region = '', city = '' "
      "WHERE site_id = ? AND anonymous_id = ? AND id = ?");
}

void withhold_click_ids_of(Connection& connection, std::string_view site_id,
                           const OldVisit& visit) {
  std::vector<TouchRow> touches;
  std::vector<EventRow> events;
  {
    auto query = connection.query(
        "SELECT id, click_ids, evidence FROM touch WHERE site_id = ? AND anonymous_id = ? AND "
        "session_id = ?");
    touches = all_rows<TouchRow>(query.bind(site_id, visit.visitor, visit.session), [](Query& row) {
      TouchRow touch;
      row.read(touch.id, touch.click_ids, touch.evidence);
      return touch;
    });
  }
  {
    auto query = connection.query(
        "SELECT id, url FROM event WHERE site_id = ? AND anonymous_id = ? AND session_id = ?");
    events = all_rows<EventRow>(query.bind(site_id, visit.visitor, visit.session), [](Query& row) {
      EventRow event;
      row.read(event.id, event.url);
      return event;
    });
  }
  for (auto& touch : touches)
    if (withhold_click_ids(touch))
      connection
          .query(
              "UPDATE touch SET click_ids = ?, evidence = ? WHERE site_id = ? AND anonymous_id = ? "
              "AND session_id = ? AND id = ?")
          .bind(touch.click_ids, touch.evidence, site_id, visit.visitor, visit.session, touch.id)
          .run();
  for (auto& event : events)
    if (withhold_click_ids(event))
      connection
          .query(
              "UPDATE event SET url = ? WHERE site_id = ? AND anonymous_id = ? AND session_id = ? "
              "AND id = ?")
          .bind(event.url, site_id, visit.visitor, visit.session, event.id)
          .run();
}

// The beginning of the chain up to the first that is not old: what stays is whole.
std::int64_t remove_receipts(Connection& connection, std::string_view site_id,
                             std::int64_t before_ms, std::uint32_t limit) {
  std::int64_t last = 0;
  {
    auto query = connection.query(
        "SELECT number, t_ms FROM consent_receipt WHERE site_id = ? ORDER BY number LIMIT ?");
    query.bind(site_id, limit);
    std::int64_t number = 0, t_ms = 0;
    while (query.step()) {
      query.read(number, t_ms);
      if (t_ms >= before_ms) break;
      last = number;
    }
  }
  return connection.query("DELETE FROM consent_receipt WHERE site_id = ? AND number <= ?")
      .bind(site_id, last)
      .run();
}

}  // namespace

Outcome<void> SqlitePrivacyStore::empty_visits_of(std::string_view site_id, const Id128& visitor) {
  TL_TRY(sessions, sessions_of(site_id, visitor));
  return attempt([&] {
    for (const auto& session : sessions) empty_visit(connection_, site_id, visitor, session);
  });
}

Outcome<std::int64_t> SqlitePrivacyStore::count_expired(std::string_view site_id, RetainedKind kind,
                                                        std::int64_t before_ms) {
  return attempt([&]() -> std::int64_t {
    const auto count = [&](Sql sql) {
      auto query = connection_.query(sql);
      return number_of(query.bind(site_id, before_ms));
    };
    const auto count_visits = [&] {
      auto query = connection_.query(
          "SELECT count(*) FROM session WHERE site_id = ?1 AND started_ms >= ?2 AND started_ms < "
          "?3");
      return number_of(
          query.bind(site_id, retention_done_until(connection_, site_id, kind), before_ms));
    };
    switch (kind) {
      case RetainedKind::visits:
        return count_visits() + count("SELECT count(*)" TL_OLD_VIEWS);
      case RetainedKind::click_ids:
        return count_visits();
      case RetainedKind::contacts:
        return count_old_contacts(connection_, site_id, before_ms);
      case RetainedKind::consent_states:
        return count_old_choices(connection_, site_id, before_ms);
      case RetainedKind::webhook_bodies:
        return count("SELECT count(*)" TL_OLD_WEBHOOKS);
      case RetainedKind::delivery_answers:
        return count("SELECT count(*)" TL_OLD_ATTEMPTS);
      case RetainedKind::coarse_counts:
        return count("SELECT count(*)" TL_OLD_COUNTS);
      case RetainedKind::consent_receipts:
        return count("SELECT count(*) FROM consent_receipt WHERE site_id = ?1 AND t_ms < ?2");
      case RetainedKind::audit_entries:
        return count("SELECT count(*)" TL_OLD_ENTRIES);
    }
    return 0;
  });
}

Outcome<std::int64_t> SqlitePrivacyStore::remove_expired(std::string_view site_id,
                                                         RetainedKind kind, std::int64_t before_ms,
                                                         std::uint32_t limit) {
  return attempt([&]() -> std::int64_t {
    const auto run = [&](Sql sql) {
      return std::int64_t{connection_.query(sql).bind(site_id, before_ms, limit).run()};
    };
    const auto each_visit = [&](const auto& each) {
      return each_old_visit(connection_, site_id, kind, before_ms, limit, each);
    };
    switch (kind) {
      case RetainedKind::visits:
        // A seen ad belongs to no visit: it goes by its own time.
        return run("UPDATE touch SET term = '', evidence = '{}' WHERE site_id = ?1 AND "
                   "(anonymous_id, session_id, id) IN (SELECT anonymous_id, session_id, "
                   "id" TL_OLD_VIEWS " ORDER BY t_ms LIMIT ?3)") +
               each_visit([&](const OldVisit& visit) {
                 empty_visit(connection_, site_id, visit.visitor, visit.session);
               });
      case RetainedKind::click_ids:
        return each_visit(
            [&](const OldVisit& visit) { withhold_click_ids_of(connection_, site_id, visit); });
      case RetainedKind::contacts:
        return remove_old_contacts(connection_, site_id, before_ms, limit);
      case RetainedKind::consent_states:
        return remove_old_choices(connection_, site_id, before_ms, limit);
      case RetainedKind::webhook_bodies:
        return run("UPDATE webhook_inbox SET sealed = x'' WHERE id IN (SELECT id" TL_OLD_WEBHOOKS
                   " ORDER BY id LIMIT ?3)");
      case RetainedKind::delivery_answers:
        return run(
            "UPDATE delivery_attempt SET answer = '' WHERE id IN (SELECT a.id" TL_OLD_ATTEMPTS
            " ORDER BY a.id LIMIT ?3)");
      case RetainedKind::coarse_counts:
        // Whole hours: a table without row numbers knows no LIMIT here.
        return run(
            "DELETE FROM anon_event WHERE site_id = ?1 AND hour_ms IN (SELECT DISTINCT "
            "hour_ms" TL_OLD_COUNTS " ORDER BY hour_ms LIMIT max(1, ?3 / 100))");
      case RetainedKind::consent_receipts:
        return remove_receipts(connection_, site_id, before_ms, limit);
      case RetainedKind::audit_entries:
        return run("DELETE FROM audit_log WHERE id IN (SELECT id" TL_OLD_ENTRIES
                   " ORDER BY id LIMIT ?3)");
    }
    return 0;
  });
}

}  // namespace tl::server::sqlite
