// SPDX-License-Identifier: Apache-2.0
// The part of SqlitePrivacyStore that takes away what is old. Visits are kept by visitor, not by
// time: their sessions are gone through by their start, and a mark tells how far. Everything else
// is older rows in the order of their numbers, found by what is still in them.

#include "server/store/sqlite/privacy_store.hpp"

#include <algorithm>
#include <utility>

namespace tl::server::sqlite {
namespace {

std::int64_t counted(Query& query) {
  std::int64_t count = 0;
  if (query.step()) query.read(count);
  return count;
}

// ?1 the site, ?2 the time.
#define TL_OLD_WEBHOOKS \
  " FROM webhook_inbox WHERE site_id = ?1 AND received_ms < ?2 AND length(sealed) > 0"
#define TL_OLD_ATTEMPTS                                                     \
  " FROM delivery_attempt AS a JOIN delivery AS d ON d.id = a.delivery_id " \
  "WHERE d.site_id = ?1 AND a.t_ms < ?2 AND a.answer <> ''"
#define TL_OLD_COUNTS " FROM anon_event WHERE site_id = ?1 AND hour_ms < ?2"
#define TL_OLD_ENTRIES " FROM audit_log WHERE site_id = ?1 AND t_ms < ?2"

std::int64_t visits_done(Connection& connection, std::string_view site_id) {
  auto query =
      connection.query("SELECT until_ms FROM retention_mark WHERE site_id = ? AND kind = ?");
  return counted(query.bind(site_id, RetainedKind::visits));
}

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

std::int64_t empty_visits(Connection& connection, std::string_view site_id, std::int64_t before_ms,
                          std::uint32_t limit) {
  struct Visit {
    Id128 visitor, session;
    std::int64_t started_ms = 0;
  };
  std::vector<Visit> visits;
  {
    // Up to the limit, and all that began in the millisecond of the last one.
    auto query = connection.query(
        "SELECT anonymous_id, id, started_ms FROM session WHERE site_id = ?1 AND started_ms >= ?2 "
        "AND started_ms < ?3 AND started_ms <= coalesce((SELECT started_ms FROM session WHERE "
        "site_id = ?1 AND started_ms >= ?2 AND started_ms < ?3 ORDER BY started_ms LIMIT 1 OFFSET "
        "?4 - 1), ?3) ORDER BY started_ms");
    query.bind(site_id, visits_done(connection, site_id), before_ms, limit);
    visits = all_rows<Visit>(query, [](Query& row) {
      Visit visit;
      row.read(visit.visitor, visit.session, visit.started_ms);
      return visit;
    });
  }
  for (const auto& visit : visits) empty_visit(connection, site_id, visit.visitor, visit.session);
  const std::int64_t until_ms = visits.size() < limit ? before_ms : visits.back().started_ms + 1;
  connection
      .query(
          "INSERT INTO retention_mark (site_id, kind, until_ms) VALUES (?,?,?) ON CONFLICT DO "
          "UPDATE SET until_ms = max(until_ms, excluded.until_ms)")
      .bind(site_id, RetainedKind::visits, until_ms)
      .run();
  return static_cast<std::int64_t>(visits.size());
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
      return counted(query.bind(site_id, before_ms));
    };
    switch (kind) {
      case RetainedKind::visits: {
        auto query = connection_.query(
            "SELECT count(*) FROM session WHERE site_id = ? AND started_ms >= ? AND started_ms < "
            "?");
        return counted(query.bind(site_id, visits_done(connection_, site_id), before_ms));
      }
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
    switch (kind) {
      case RetainedKind::visits:
        return empty_visits(connection_, site_id, before_ms, limit);
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
