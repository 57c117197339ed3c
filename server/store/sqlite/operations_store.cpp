// SPDX-License-Identifier: Apache-2.0
// Rejects are kept sealed ("<length of sender> <sender><body>"), bodies of at most 1 MiB and 256
// MiB a site, what a row costs besides its body included; over the budget nothing is kept and the
// callers' counters alone tell of it.

#include "server/store/sqlite/operations_store.hpp"

#include "server/store/sqlite/page.hpp"
#include "server/store/sqlite/sealed_places.hpp"

#include <algorithm>
#include <charconv>

namespace tl::server::sqlite {
namespace {

constexpr std::int64_t kMaxRejectBytes = 1024 * 1024;
constexpr std::int64_t kSiteBudgetBytes = 256LL * 1024 * 1024;
// Input that nobody proved to have sent stops here, so that it never keeps out what was proven.
constexpr std::int64_t kUnprovenBudgetBytes = kSiteBudgetBytes / 4;
constexpr std::int64_t kRowBytes = 200;  // a row's fixed columns and its place in the indexes

// Counter of the bytes that count against the budget: a sum over the rows would grow with abuse.
constexpr std::string_view kKeptBytes = "reject_kept_bytes";

void unpack(std::string_view packed, RejectRow& reject) {
  std::size_t headers = 0;
  const auto [end, error] = std::from_chars(packed.data(), packed.data() + packed.size(), headers);
  const auto skip = static_cast<std::size_t>(end - packed.data()) + 1;
  if (error != std::errc() || skip + headers > packed.size()) return;
  reject.sender_json = packed.substr(skip, headers);
  reject.body = packed.substr(skip + headers);
}

void read_head(Query& query, RejectRow& row) {
  query.read(row.id, row.site_id, row.t_ms, row.route, row.code, row.message, row.bytes,
             row.replayed_ms, row.replay_result, row.has_text);
}
#define TL_REJECT_HEAD                                                           \
  "id, site_id, t_ms, route, code, message, bytes, replayed_ms, replay_result, " \
  "sealed IS NOT NULL"
// What a row counts against the budget; ?1 is kRowBytes.
#define TL_REJECT_COST                                                  \
  "?1 + length(CAST(route AS BLOB)) + length(CAST(message AS BLOB)) + " \
  "CASE WHEN sealed IS NULL THEN 0 ELSE bytes END"
#define TL_KEY_COLUMNS "id, site_id, hash, scopes, created_ms, revoked_ms"

ApiKeyRow read_key(Query& query) {
  ApiKeyRow key;
  query.read(key.id, key.site_id, key.hash, key.scopes, key.created_ms, key.revoked_ms);
  return key;
}

}  // namespace

Outcome<std::int64_t> SqliteOperationsStore::insert_reject(const RejectRow& reject) {
  const auto given = static_cast<std::int64_t>(reject.sender_json.size() + reject.body.size());
  const std::int64_t bytes = std::max(reject.bytes, given);  // the caller may withhold the text
  const auto budget = reject.is_proven ? kSiteBudgetBytes : kUnprovenBudgetBytes;
  const auto overhead =
      kRowBytes + static_cast<std::int64_t>(reject.route.size() + reject.message.size());
  return attempt([&]() -> std::int64_t {
    if (reject.key) {
      auto known = connection_.query("SELECT id FROM reject WHERE site_id = ? AND key = ?");
      if (known.bind(reject.site_id, *reject.key).step()) {
        std::int64_t id = 0;
        known.read(id);
        return id;
      }
    }
    std::int64_t kept = 0;
    {
      auto used = connection_.query("SELECT total FROM counter WHERE site_id = ? AND name = ?");
      used.bind(reject.site_id, kKeptBytes);
      if (used.step()) used.read(kept);
    }
    const bool keeps_text =
        given > 0 && static_cast<std::int64_t>(reject.body.size()) <= kMaxRejectBytes;
    const std::int64_t cost = overhead + (keeps_text ? bytes : 0);
    if (kept + cost > budget) return 0;
    std::string sealed;
    if (keeps_text)
      sealed = box_.seal(
          std::to_string(reject.sender_json.size()) + " " + reject.sender_json + reject.body,
          reject_place(reject.site_id));
    connection_
        .query(
            "INSERT INTO reject (site_id, t_ms, route, code, message, bytes, key, sealed) "
            "VALUES (?,?,?,?,?,?,?,?)")
        .bind(reject.site_id, reject.t_ms, reject.route, reject.code, reject.message, bytes,
              reject.key, sealed.empty() ? std::nullopt : std::optional(Blob{sealed}))
        .run();
    const std::int64_t id = connection_.last_rowid();
    add_to_counter(connection_, reject.site_id, kKeptBytes, cost);
    return id;
  });
}

Outcome<std::optional<RejectRow>> SqliteOperationsStore::find_reject(std::string_view site_id,
                                                                     std::int64_t id) {
  return attempt([&]() -> std::optional<RejectRow> {
    RejectRow reject;
    {
      auto head =
          connection_.query("SELECT " TL_REJECT_HEAD " FROM reject WHERE id = ? AND site_id = ?");
      if (!head.bind(id, site_id).step()) return std::nullopt;
      read_head(head, reject);
    }
    std::string sealed;
    auto body = connection_.query("SELECT coalesce(sealed, '') FROM reject WHERE id = ?");
    if (body.bind(id).step()) body.read(sealed);
    if (const auto packed = box_.open(sealed, reject_place(site_id))) unpack(*packed, reject);
    return reject;
  });
}

Outcome<Page<RejectRow>> SqliteOperationsStore::list_rejects(const ListQuery& list) {
  TL_TRY(range, page_range(list));
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_REJECT_HEAD
                                   " FROM reject WHERE site_id = ? AND t_ms >= ? AND t_ms < ? "
                                   "AND (t_ms, id) < (?, ?) ORDER BY t_ms DESC, id DESC LIMIT ?");
    query.bind(list.site_id, range.from_ms, range.to_ms, range.before.t_ms,
               row_number(range.before), range.limit + 1);
    auto rows = all_rows<RejectRow>(query, [](Query& row) {
      RejectRow reject;
      read_head(row, reject);
      return reject;
    });
    return cut_page(std::move(rows), range.limit,
                    [](const RejectRow& row) { return position(row.t_ms, row.id); });
  });
}

Outcome<void> SqliteOperationsStore::mark_replayed(std::int64_t id, std::int64_t t_ms,
                                                   std::string_view result) {
  return attempt([&] {
    connection_.query("UPDATE reject SET replayed_ms = ?, replay_result = ? WHERE id = ?")
        .bind(t_ms, result, id)
        .run();
  });
}

Outcome<void> SqliteOperationsStore::delete_reject(std::string_view site_id, std::int64_t id) {
  return attempt([&] {
    auto freed =
        connection_.query("SELECT " TL_REJECT_COST " FROM reject WHERE site_id = ?2 AND id = ?3");
    std::int64_t bytes = 0;
    if (!freed.bind(kRowBytes, site_id, id).step()) return;
    freed.read(bytes);
    add_to_counter(connection_, site_id, kKeptBytes, -bytes);
    connection_.query("DELETE FROM reject WHERE site_id = ? AND id = ?").bind(site_id, id).run();
  });
}

Outcome<void> SqliteOperationsStore::delete_old_rejects(std::int64_t before_ms) {
  return attempt([&] {
    auto freed = connection_.query("SELECT site_id, sum(" TL_REJECT_COST
                                   ") FROM reject WHERE t_ms < ?2 GROUP BY site_id");
    freed.bind(kRowBytes, before_ms);
    std::string site_id;
    std::int64_t bytes = 0;
    while (freed.step()) {
      freed.read(site_id, bytes);
      add_to_counter(connection_, site_id, kKeptBytes, -bytes);
    }
    connection_.query("DELETE FROM reject WHERE t_ms < ?").bind(before_ms).run();
  });
}

Outcome<void> SqliteOperationsStore::count(std::string_view site_id, std::string_view name,
                                           std::int64_t delta) {
  sums_.add_count(site_id, name, delta);
  return {};
}

Outcome<std::vector<CounterTotal>> SqliteOperationsStore::counters() {
  return attempt([&] {
    auto query =
        connection_.query("SELECT site_id, name, total FROM counter ORDER BY site_id, name");
    return all_rows<CounterTotal>(query, [](Query& row) {
      CounterTotal counter;
      row.read(counter.site_id, counter.name, counter.total);
      return counter;
    });
  });
}

Outcome<void> SqliteOperationsStore::put_key(const ApiKeyRow& key) {
  return attempt([&] {
    connection_
        .query("INSERT INTO api_key (" TL_KEY_COLUMNS
               ") VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET "
               "scopes = excluded.scopes, revoked_ms = excluded.revoked_ms")
        .bind(key.id, key.site_id, key.hash, key.scopes, key.created_ms, key.revoked_ms)
        .run();
  });
}

Outcome<std::optional<ApiKeyRow>> SqliteOperationsStore::find_key(std::string_view id) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_KEY_COLUMNS " FROM api_key WHERE id = ?");
    query.bind(id);
    return first_row<ApiKeyRow>(query, read_key);
  });
}

Outcome<std::vector<ApiKeyRow>> SqliteOperationsStore::list_keys(std::string_view site_id) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_KEY_COLUMNS
                                   " FROM api_key WHERE site_id = ? ORDER BY created_ms, id");
    query.bind(site_id);
    return all_rows<ApiKeyRow>(query, read_key);
  });
}

}  // namespace tl::server::sqlite
