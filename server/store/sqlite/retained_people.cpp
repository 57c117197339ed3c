// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/retained_people.hpp"

#include "server/core/durations.hpp"
#include "server/store/sqlite/retention_walks.hpp"

#include <algorithm>
#include <vector>

namespace tl::server::sqlite {
namespace {

// What a visitor says and chooses comes after the visit has begun: it is looked for a little later,
// when none of it is too young.
constexpr std::int64_t kSaidWithinMs = 7 * kDayMs;

// ?1 the site, ?3 the time.
#define TL_COMES_NO_MORE(visitor)                                                     \
  " NOT EXISTS (SELECT 1 FROM session WHERE site_id = ?1 AND anonymous_id = " visitor \
  " AND last_ms >= ?3)"
// Who is one person decides paths, so what a conversion was ever filed under stays.
#define TL_NO_CONVERSION_BY(key) \
  " NOT EXISTS (SELECT 1 FROM conversion_key WHERE site_id = ?1 AND key = CAST(" key " AS BLOB))"
#define TL_CLAIM_MAY_GO                                                               \
  TL_COMES_NO_MORE("claim.anonymous_id")                                              \
  " AND" TL_NO_CONVERSION_BY("'v' || claim.anonymous_id") " AND" TL_NO_CONVERSION_BY( \
      "char(48 + claim.kind) || claim.hash")
// What refuses anything stays while a conversion rests on the visitor: without it the conversion
// would be matched, or a later one forwarded by the site's default.
#define TL_CHOICE_MAY_GO                                                              \
  TL_COMES_NO_MORE("chosen.anonymous_id")                                             \
  " AND ((chosen.storage = 2 AND chosen.marketing <> 1 AND chosen.ad_personalisation" \
  " <> 1 AND chosen.opted_out = 0) OR" TL_NO_CONVERSION_BY("'v' || chosen.anonymous_id") ")"
// ?2 and ?4: where the walk through the visits is, and how far it goes.
#define TL_HAS_VISIT_TO_GO(visitor)                                               \
  " EXISTS (SELECT 1 FROM session WHERE site_id = ?1 AND anonymous_id = " visitor \
  " AND started_ms >= ?2 AND started_ms < ?4)"
#define TL_HAS_NO_VISIT(visitor) \
  " NOT EXISTS (SELECT 1 FROM session WHERE site_id = ?1 AND anonymous_id = " visitor ")"

std::int64_t count_by_visits(Connection& connection, Sql sql, std::string_view site_id,
                             RetainedKind kind, std::int64_t before_ms) {
  auto query = connection.query(sql);
  query.bind(site_id, retention_done_until(connection, site_id, kind), before_ms,
             before_ms - kSaidWithinMs);
  return number_of(query);
}

void remove_claims_of(Connection& connection, std::string_view site_id, const Id128& visitor,
                      std::int64_t before_ms) {
  connection
      .query(
          "DELETE FROM contact_claim AS claim WHERE site_id = ?1 AND anonymous_id = ?2 "
          "AND" TL_CLAIM_MAY_GO)
      .bind(site_id, visitor, before_ms)
      .run();
}

// With the choice go the times of those before it, unless a conversion may be withheld by them.
void remove_choice_of(Connection& connection, std::string_view site_id, const Id128& visitor,
                      std::int64_t before_ms) {
  connection
      .query(
          "DELETE FROM consent_state AS chosen WHERE site_id = ?1 AND anonymous_id = ?2 "
          "AND" TL_CHOICE_MAY_GO)
      .bind(site_id, visitor, before_ms)
      .run();
  connection
      .query(
          "DELETE FROM storage_choice WHERE site_id = ?1 AND anonymous_id = ?2 AND NOT EXISTS "
          "(SELECT 1 FROM consent_state WHERE site_id = ?1 AND anonymous_id = ?2) "
          "AND (NOT EXISTS (SELECT 1 FROM storage_choice WHERE site_id = ?1 AND anonymous_id = ?2 "
          "AND is_withheld) OR" TL_NO_CONVERSION_BY("'v' || anonymous_id") ")")
      .bind(site_id, visitor)
      .run();
}

// Choices of ids that never came, such as those linked to a visitor who withdrew.
std::vector<Id128> ids_without_visit(Connection& connection, std::string_view site_id,
                                     std::int64_t before_ms, std::uint32_t limit) {
  auto query = connection.query(
      "SELECT chosen.anonymous_id FROM consent_state AS chosen WHERE site_id = ?1 AND t_ms < ?3 "
      "AND" TL_HAS_NO_VISIT("chosen.anonymous_id") " AND" TL_CHOICE_MAY_GO
                                                   " ORDER BY t_ms LIMIT ?2");
  query.bind(site_id, limit, before_ms);
  return all_rows<Id128>(query, read_only_id);
}

}  // namespace

std::int64_t count_old_contacts(Connection& connection, std::string_view site_id,
                                std::int64_t before_ms) {
  auto contacts = connection.query("SELECT count(*) FROM contact WHERE site_id = ?1 AND t_ms < ?2");
  return number_of(contacts.bind(site_id, before_ms)) +
         count_by_visits(connection,
                         "SELECT count(*) FROM contact_claim AS claim WHERE site_id = ?1 "
                         "AND" TL_HAS_VISIT_TO_GO("claim.anonymous_id") " AND" TL_CLAIM_MAY_GO,
                         site_id, RetainedKind::contacts, before_ms);
}

std::int64_t count_old_choices(Connection& connection, std::string_view site_id,
                               std::int64_t before_ms) {
  return count_by_visits(connection,
                         "SELECT count(*) FROM consent_state AS chosen WHERE site_id = ?1 "
                         "AND (" TL_HAS_VISIT_TO_GO("chosen.anonymous_id") " OR (t_ms < ?3 "
                         "AND" TL_HAS_NO_VISIT("chosen.anonymous_id") ")) AND" TL_CHOICE_MAY_GO,
                         site_id, RetainedKind::consent_states, before_ms);
}

std::int64_t remove_old_contacts(Connection& connection, std::string_view site_id,
                                 std::int64_t before_ms, std::uint32_t limit) {
  const auto visits =
      each_old_visit(connection, site_id, RetainedKind::contacts, before_ms - kSaidWithinMs, limit,
                     [&](const OldVisit& visit) {
                       remove_claims_of(connection, site_id, visit.visitor, before_ms);
                     });
  const std::int64_t contacts =
      connection
          .query(
              "DELETE FROM contact WHERE site_id = ?1 AND (kind, hash) IN (SELECT kind, hash FROM "
              "contact WHERE site_id = ?1 AND t_ms < ?2 ORDER BY t_ms LIMIT ?3)")
          .bind(site_id, before_ms, limit)
          .run();
  return std::max(visits, contacts);
}

std::int64_t remove_old_choices(Connection& connection, std::string_view site_id,
                                std::int64_t before_ms, std::uint32_t limit) {
  const auto visits =
      each_old_visit(connection, site_id, RetainedKind::consent_states, before_ms - kSaidWithinMs,
                     limit, [&](const OldVisit& visit) {
                       remove_choice_of(connection, site_id, visit.visitor, before_ms);
                     });
  const auto ids = ids_without_visit(connection, site_id, before_ms, limit);
  for (const Id128& visitor : ids) remove_choice_of(connection, site_id, visitor, before_ms);
  return std::max(visits, static_cast<std::int64_t>(ids.size()));
}

}  // namespace tl::server::sqlite
