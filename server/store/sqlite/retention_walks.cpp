// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/retention_walks.hpp"

#include <vector>

namespace tl::server::sqlite {
namespace {

void mark_done(Connection& connection, std::string_view site_id, RetainedKind kind,
               std::int64_t until_ms) {
  connection
      .query(
          "INSERT INTO retention_mark (site_id, kind, until_ms) VALUES (?,?,?) ON CONFLICT DO "
          "UPDATE SET until_ms = max(until_ms, excluded.until_ms)")
      .bind(site_id, kind, until_ms)
      .run();
}

}  // namespace

std::int64_t retention_done_until(Connection& connection, std::string_view site_id,
                                  RetainedKind kind) {
  auto query =
      connection.query("SELECT until_ms FROM retention_mark WHERE site_id = ? AND kind = ?");
  query.bind(site_id, kind);
  std::int64_t until_ms = 0;
  if (query.step()) query.read(until_ms);
  return until_ms;
}

std::int64_t each_old_visit(Connection& connection, std::string_view site_id, RetainedKind kind,
                            std::int64_t before_ms, std::uint32_t limit,
                            const std::function<void(const OldVisit&)>& each) {
  std::vector<OldVisit> visits;
  {
    auto query = connection.query(
        "SELECT anonymous_id, id, started_ms FROM session WHERE site_id = ?1 AND started_ms >= ?2 "
        "AND started_ms < ?3 AND started_ms <= coalesce((SELECT started_ms FROM session WHERE "
        "site_id = ?1 AND started_ms >= ?2 AND started_ms < ?3 ORDER BY started_ms LIMIT 1 OFFSET "
        "?4 - 1), ?3) ORDER BY started_ms");
    query.bind(site_id, retention_done_until(connection, site_id, kind), before_ms, limit);
    visits = all_rows<OldVisit>(query, [](Query& row) {
      OldVisit visit;
      row.read(visit.visitor, visit.session, visit.started_ms);
      return visit;
    });
  }
  for (const auto& visit : visits) each(visit);
  mark_done(connection, site_id, kind,
            visits.size() < limit ? before_ms : visits.back().started_ms + 1);
  return static_cast<std::int64_t>(visits.size());
}

}  // namespace tl::server::sqlite
