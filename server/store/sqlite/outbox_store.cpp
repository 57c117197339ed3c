// SPDX-License-Identifier: Apache-2.0
// Waiting rows are queued (0) or failed (3), a leased row is sending (1), an accepted one (6) waits
// for its vendor's judgement. A lease that ran out is
// due again: whoever held it crashed, and the body that it may have sent is still in the row.

#include "server/store/sqlite/outbox_store.hpp"

#include "server/store/sqlite/page.hpp"
#include "server/store/sqlite/sealed_places.hpp"

#include <algorithm>
#include <limits>

namespace tl::server::sqlite {
namespace {

#define TL_DELIVERY_COLUMNS                                                                    \
  "id, site_id, destination, event_name, event_id, subject, anonymous_id, session_id, state, " \
  "occurred_ms, created_ms, attempts, next_attempt_ms, lease_until_ms, first_sent_ms, "        \
  "delivered_ms, accepted_ms, receipt, is_alone, ambiguous, last_status, last_error, "         \
  "told_minor, account, sealed"

}  // namespace

DeliveryRow SqliteOutboxStore::read_row(Query& query) const {
  DeliveryRow row;
  std::optional<std::string> sealed;
  query.read(row.id, row.site_id, row.destination, row.event_name, row.event_id, row.subject,
             row.anonymous_id, row.session_id, row.state, row.occurred_ms, row.created_ms,
             row.attempts, row.next_attempt_ms, row.lease_until_ms, row.first_sent_ms,
             row.delivered_ms, row.accepted_ms, row.receipt, row.is_alone, row.ambiguous,
             row.last_status, row.last_error, row.told_minor, row.account, sealed);
  // Sealed under another server secret: as good as scrubbed, it is built anew.
  if (sealed) row.body = box_.open(*sealed, delivery_place(row)).value_or("");
  return row;
}

Outcome<bool> SqliteOutboxStore::enqueue(const DeliveryRow& row) {
  return attempt([&] {
    return connection_
               .query(
                   "INSERT INTO delivery (site_id, destination, event_name, event_id, subject, "
                   "anonymous_id, session_id, state, occurred_ms, created_ms, next_attempt_ms, "
                   "account) VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING")
               .bind(row.site_id, row.destination, row.event_name, row.event_id, row.subject,
                     row.anonymous_id, row.session_id, row.state, row.occurred_ms, row.created_ms,
                     row.next_attempt_ms, row.account)
               .run() > 0;
  });
}

Outcome<std::vector<DeliveryRow>> SqliteOutboxStore::lease(std::string_view site_id,
                                                           std::string_view destination,
                                                           std::int64_t now_ms,
                                                           std::int64_t lease_until_ms,
                                                           std::uint32_t limit) {
  return attempt([&] {
    std::vector<DeliveryRow> rows;
    {
      // A branch a state, each of which ends with its first rows; an expired lease is an old row.
#define TL_DUE(state)                                                                       \
  "SELECT id FROM (SELECT id FROM delivery INDEXED BY delivery_due WHERE site_id = ?1 AND " \
  "destination = ?2 AND state = " state                                                     \
  " AND next_attempt_ms <= ?3 ORDER BY next_attempt_ms, id LIMIT ?4)"
      auto query = connection_.query(
          "SELECT " TL_DELIVERY_COLUMNS " FROM delivery WHERE id IN (" TL_DUE("0") " UNION ALL "
          TL_DUE("3") " UNION ALL SELECT id FROM delivery INDEXED BY delivery_due WHERE"
          " site_id = ?1 AND destination = ?2 AND state = 1 AND lease_until_ms <= ?3)"
          " ORDER BY next_attempt_ms, id LIMIT ?4");
#undef TL_DUE
      query.bind(site_id, destination, now_ms, limit);
      rows = all_rows<DeliveryRow>(query, [&](Query& each) { return read_row(each); });
    }
    for (DeliveryRow& row : rows) {
      row.state = DeliveryState::sending;
      row.lease_until_ms = lease_until_ms;
      connection_.query("UPDATE delivery SET state = 1, lease_until_ms = ? WHERE id = ?")
          .bind(lease_until_ms, row.id)
          .run();
    }
    return rows;
  });
}

Outcome<std::optional<std::int64_t>> SqliteOutboxStore::next_due(std::string_view site_id,
                                                                 std::string_view destination) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT MIN(due) FROM ("
        "SELECT MIN(next_attempt_ms) AS due FROM delivery "
        "WHERE site_id = ?1 AND destination = ?2 AND state = 0 UNION ALL "
        "SELECT MIN(next_attempt_ms) FROM delivery "
        "WHERE site_id = ?1 AND destination = ?2 AND state = 3 UNION ALL "
        "SELECT MIN(lease_until_ms) FROM delivery "
        "WHERE site_id = ?1 AND destination = ?2 AND state = 1)");
    query.bind(site_id, destination);
    std::optional<std::int64_t> due;
    if (query.step()) query.read(due);
    return due;
  });
}

Outcome<std::optional<std::int64_t>> SqliteOutboxStore::next_result_due(
    std::string_view site_id, std::string_view destination) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT MIN(next_attempt_ms) FROM delivery "
        "WHERE site_id = ? AND destination = ? AND state = 6");
    query.bind(site_id, destination);
    std::optional<std::int64_t> due;
    if (query.step()) query.read(due);
    return due;
  });
}

Outcome<std::vector<DeliveryRow>> SqliteOutboxStore::due_result(std::string_view site_id,
                                                                std::string_view destination,
                                                                std::int64_t now_ms) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT " TL_DELIVERY_COLUMNS
        " FROM delivery WHERE site_id = ?1 AND destination = ?2 AND state = 6 AND receipt <> '' "
        "AND receipt = (SELECT receipt FROM delivery WHERE site_id = ?1 AND destination = ?2 "
        "AND state = 6 AND next_attempt_ms <= ?3 ORDER BY next_attempt_ms, id LIMIT 1) "
        "ORDER BY id");
    query.bind(site_id, destination, now_ms);
    return all_rows<DeliveryRow>(query, [&](Query& each) { return read_row(each); });
  });
}

Outcome<std::int64_t> SqliteOutboxStore::count_in_state(std::string_view site_id,
                                                        std::string_view destination,
                                                        DeliveryState state, std::int64_t most) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT COUNT(*) FROM (SELECT 1 FROM delivery WHERE site_id = ? AND destination = ? "
        "AND state = ? LIMIT ?)");
    query.bind(site_id, destination, static_cast<int>(state), most);
    return number_of(query);
  });
}

Outcome<void> SqliteOutboxStore::put_delivery(const DeliveryRow& row) {
  std::optional<std::string> sealed;
  if (!row.body.empty()) sealed = box_.seal(row.body, delivery_place(row));
  std::optional<Blob> blob;
  if (sealed) blob = Blob{*sealed};
  return attempt([&] {
    connection_
        .query(
            "UPDATE delivery SET anonymous_id = ?, session_id = ?, state = ?, attempts = ?, "
            "next_attempt_ms = ?, lease_until_ms = ?, first_sent_ms = ?, delivered_ms = ?, "
            "accepted_ms = ?, receipt = ?, is_alone = ?, ambiguous = ?, last_status = ?, "
            "last_error = ?, told_minor = ?, account = ?, sealed = ? "
            // An erasure may have taken the row while it was on its way; its number may be
            // another's.
            "WHERE id = ? AND destination = ? AND event_id = ?")
        .bind(row.anonymous_id, row.session_id, row.state, row.attempts, row.next_attempt_ms,
              row.lease_until_ms, row.first_sent_ms, row.delivered_ms, row.accepted_ms, row.receipt,
              row.is_alone, row.ambiguous, row.last_status, row.last_error, row.told_minor,
              row.account, blob, row.id, row.destination, row.event_id)
        .run();
  });
}

Outcome<void> SqliteOutboxStore::append_attempt(const DeliveryAttempt& row) {
  return attempt([&] {
    connection_
        .query(
            "INSERT INTO delivery_attempt (delivery_id, t_ms, duration_ms, status, outcome, "
            "answer) SELECT ?1,?2,?3,?4,?5,?6 WHERE EXISTS (SELECT 1 FROM delivery WHERE id = ?1)")
        .bind(row.delivery_id, row.t_ms, row.duration_ms, row.status, row.outcome, row.answer)
        .run();
  });
}

Outcome<std::vector<DeliveryAttempt>> SqliteOutboxStore::attempts_of(std::int64_t delivery_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT delivery_id, t_ms, duration_ms, status, outcome, answer FROM delivery_attempt "
        "WHERE delivery_id = ? ORDER BY id");
    query.bind(delivery_id);
    return all_rows<DeliveryAttempt>(query, [](Query& each) {
      DeliveryAttempt row;
      each.read(row.delivery_id, row.t_ms, row.duration_ms, row.status, row.outcome, row.answer);
      return row;
    });
  });
}

Outcome<std::optional<DeliveryRow>> SqliteOutboxStore::find_delivery(std::int64_t id) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_DELIVERY_COLUMNS " FROM delivery WHERE id = ?");
    query.bind(id);
    return first_row<DeliveryRow>(query, [&](Query& each) { return read_row(each); });
  });
}

Outcome<std::vector<DeliveryRow>> SqliteOutboxStore::deliveries_of_event(std::string_view site_id,
                                                                         const Id128& event_id) {
  return deliveries_by("SELECT " TL_DELIVERY_COLUMNS
                       " FROM delivery WHERE site_id = ? AND event_id = ? ORDER BY id",
                       site_id, event_id);
}

Outcome<std::vector<DeliveryRow>> SqliteOutboxStore::deliveries_of_session(
    std::string_view site_id, const Id128& session_id) {
  return deliveries_by(
      "SELECT " TL_DELIVERY_COLUMNS
      " FROM delivery WHERE site_id = ? AND session_id = ? ORDER BY occurred_ms, id",
      site_id, session_id);
}

Outcome<std::vector<DeliveryRow>> SqliteOutboxStore::deliveries_of_visitor(
    std::string_view site_id, const Id128& anonymous_id) {
  return deliveries_by("SELECT " TL_DELIVERY_COLUMNS
                       " FROM delivery WHERE site_id = ? AND anonymous_id = ? ORDER BY id",
                       site_id, anonymous_id);
}

Outcome<std::vector<DeliveryRow>> SqliteOutboxStore::deliveries_by(Sql sql,
                                                                   std::string_view site_id,
                                                                   const Id128& id) {
  return attempt([&] {
    auto query = connection_.query(sql);
    query.bind(site_id, id);
    return all_rows<DeliveryRow>(query, [&](Query& each) { return read_row(each); });
  });
}

// Rows are numbered in the order of their making, so the newest come first without a sort: of all
// and of what was delivered by their own numbers (a + keeps the planner from an index that would
// need one), of the few others by an index of them alone.
#define TL_LISTED                                                                            \
  " AND id < ?1 AND created_ms >= ?3 AND created_ms < ?4 AND (?6 = '' OR destination = ?6) " \
  "ORDER BY id DESC LIMIT ?7"
Outcome<Page<DeliveryRow>> SqliteOutboxStore::list_deliveries(const ListQuery& list,
                                                              std::optional<DeliveryState> state,
                                                              std::string_view destination) {
  TL_TRY(range, page_range(list));
  return attempt([&] {
    const bool is_undelivered = state && *state != DeliveryState::delivered;
    auto query = connection_.query(
        is_undelivered
            ? Sql("SELECT " TL_DELIVERY_COLUMNS " FROM delivery INDEXED BY delivery_undelivered "
                  "WHERE site_id = ?2 AND state = ?5 AND state <> 2" TL_LISTED)
            : Sql("SELECT " TL_DELIVERY_COLUMNS
                  " FROM delivery WHERE +site_id = ?2 AND (?5 < 0 OR +state = ?5)" TL_LISTED));
    const auto before = range.before.key.empty() ? std::numeric_limits<std::int64_t>::max()
                                                 : row_number(range.before);
    query.bind(before, list.site_id, range.from_ms, range.to_ms,
               state ? static_cast<std::int64_t>(*state) : std::int64_t{-1}, destination,
               range.limit + 1);
    return cut_page(all_rows<DeliveryRow>(query, [&](Query& each) { return read_row(each); }),
                    range.limit,
                    [](const DeliveryRow& row) { return position(row.created_ms, row.id); });
  });
}

#undef TL_LISTED

Outcome<std::uint32_t> SqliteOutboxStore::withhold_queued(std::string_view site_id,
                                                          const Id128& anonymous_id,
                                                          std::string_view reason,
                                                          std::string_view destination,
                                                          std::int64_t before_ms) {
  return attempt([&] {
    connection_
        .query(
            "UPDATE delivery SET sealed = NULL WHERE site_id = ? AND anonymous_id = ? "
            "AND state = 6 AND ?3 IN ('', destination) AND occurred_ms < ?4")
        .bind(site_id, anonymous_id, destination, before_ms)
        .run();
    return static_cast<std::uint32_t>(
        connection_
            .query("UPDATE delivery SET state = 5, last_error = ?, sealed = NULL WHERE site_id = ? "
                   "AND anonymous_id = ? AND state IN (0, 1, 3) AND ?4 IN ('', destination) "
                   "AND occurred_ms < ?5")
            .bind(reason, site_id, anonymous_id, destination, before_ms)
            .run());
  });
}

Outcome<void> SqliteOutboxStore::scrub_old_bodies(std::int64_t before_ms) {
  return attempt([&] {
    connection_
        .query("UPDATE delivery SET sealed = NULL WHERE created_ms < ? AND sealed IS NOT NULL")
        .bind(before_ms)
        .run();
  });
}

Outcome<std::optional<std::string>> SqliteOutboxStore::transaction_id(std::string_view scope,
                                                                      std::string_view site_id,
                                                                      const Id128& conversion_id) {
  return attempt([&]() -> std::optional<std::string> {
    auto query = connection_.query(
        "SELECT id FROM transaction_id WHERE scope = ? AND site_id = ? AND conversion_id = ?");
    if (!query.bind(scope, site_id, conversion_id).step()) return {};
    std::string id;
    query.read(id);
    return id;
  });
}

Outcome<bool> SqliteOutboxStore::claim_transaction_id(std::string_view scope, std::string_view id,
                                                      std::string_view site_id,
                                                      const Id128& conversion_id) {
  return attempt([&] {
    return connection_
               .query(
                   "INSERT INTO transaction_id (scope, id, site_id, conversion_id) "
                   "VALUES (?,?,?,?) ON CONFLICT DO NOTHING")
               .bind(scope, id, site_id, conversion_id)
               .run() > 0;
  });
}

Outcome<LaneState> SqliteOutboxStore::lane(std::string_view site_id, std::string_view destination) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT state, until_ms, reason FROM lane WHERE site_id = ? AND destination = ?");
    query.bind(site_id, destination);
    LaneState lane{"ok", 0, ""};
    if (query.step()) query.read(lane.state, lane.until_ms, lane.reason);
    return lane;
  });
}

Outcome<void> SqliteOutboxStore::set_lane(std::string_view site_id, std::string_view destination,
                                          const LaneState& lane) {
  return attempt([&] {
    connection_
        .query(
            "INSERT OR REPLACE INTO lane (site_id, destination, state, until_ms, reason) "
            "VALUES (?,?,?,?,?)")
        .bind(site_id, destination, lane.state, lane.until_ms, lane.reason)
        .run();
  });
}

}  // namespace tl::server::sqlite
