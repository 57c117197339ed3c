// SPDX-License-Identifier: Apache-2.0
// The part of SqlitePrivacyStore that seals rows anew. Each table is gone through in the order of
// its key; what binds a sealed text to its place is said again here, beside the columns it is made
// of.

#include "server/store/sqlite/order_store.hpp"
#include "server/store/sqlite/privacy_store.hpp"
#include "server/store/sqlite/sealed_places.hpp"

#include <utility>

namespace tl::server::sqlite {
namespace {

struct SealedRow {
  SealedKey key;
  std::string sealed, place;
};

std::vector<SealedRow> contexts_after(Connection& connection, const SealedKey& after,
                                      std::uint32_t limit) {
  auto query = connection.query(
      "SELECT site_id, anonymous_id, session_id, sealed FROM session_context WHERE (site_id, "
      "anonymous_id, session_id) > (?,?,?) ORDER BY site_id, anonymous_id, session_id LIMIT ?");
  query.bind(after.site_id, Blob{after.first}, Blob{after.second}, limit);
  return all_rows<SealedRow>(query, [](Query& columns) {
    SealedRow row;
    Id128 session;
    columns.read(row.key.site_id, row.key.first, session, row.sealed);
    row.key.second.assign(reinterpret_cast<const char*>(session.bytes.data()),
                          session.bytes.size());
    row.place = context_place(row.key.site_id, session);
    return row;
  });
}

std::vector<SealedRow> contacts_after(Connection& connection, const SealedKey& after,
                                      std::uint32_t limit) {
  auto query = connection.query(
      "SELECT site_id, kind, hash, sealed FROM contact WHERE (site_id, kind, hash) > (?,?,?) AND "
      "sealed IS NOT NULL ORDER BY site_id, kind, hash LIMIT ?");
  query.bind(after.site_id, after.number, Blob{after.first}, limit);
  return all_rows<SealedRow>(query, [](Query& columns) {
    SealedRow row;
    columns.read(row.key.site_id, row.key.number, row.key.first, row.sealed);
    row.place = contact_place(row.key.site_id);
    return row;
  });
}

std::vector<SealedRow> webhooks_after(Connection& connection, const SealedKey& after,
                                      std::uint32_t limit) {
  auto query = connection.query(
      "SELECT id, site_id, provider, event_key, sealed FROM webhook_inbox WHERE id > ? AND "
      "length(sealed) > 0 ORDER BY id LIMIT ?");
  query.bind(after.number, limit);
  return all_rows<SealedRow>(query, [](Query& columns) {
    SealedRow row;
    InboxEntry entry;
    columns.read(row.key.number, entry.site_id, entry.provider, entry.event_key, row.sealed);
    row.place = inbox_context(entry);
    return row;
  });
}

std::vector<SealedRow> deliveries_after(Connection& connection, const SealedKey& after,
                                        std::uint32_t limit) {
  auto query = connection.query(
      "SELECT id, site_id, destination, event_id, sealed FROM delivery WHERE id > ? AND sealed IS "
      "NOT NULL ORDER BY id LIMIT ?");
  query.bind(after.number, limit);
  return all_rows<SealedRow>(query, [](Query& columns) {
    SealedRow row;
    DeliveryRow delivery;
    columns.read(row.key.number, delivery.site_id, delivery.destination, delivery.event_id,
                 row.sealed);
    row.place = delivery_place(delivery);
    return row;
  });
}

std::vector<SealedRow> rejects_after(Connection& connection, const SealedKey& after,
                                     std::uint32_t limit) {
  auto query = connection.query(
      "SELECT id, site_id, sealed FROM reject WHERE id > ? AND sealed IS NOT NULL ORDER BY id "
      "LIMIT ?");
  query.bind(after.number, limit);
  return all_rows<SealedRow>(query, [](Query& columns) {
    SealedRow row;
    std::string site_id;
    columns.read(row.key.number, site_id, row.sealed);
    row.place = reject_place(site_id);
    return row;
  });
}

std::vector<SealedRow> rows_after(Connection& connection, SealedTable table, const SealedKey& after,
                                  std::uint32_t limit) {
  switch (table) {
    case SealedTable::session_context:
      return contexts_after(connection, after, limit);
    case SealedTable::contact:
      return contacts_after(connection, after, limit);
    case SealedTable::webhook_inbox:
      return webhooks_after(connection, after, limit);
    case SealedTable::delivery:
      return deliveries_after(connection, after, limit);
    case SealedTable::reject:
      return rejects_after(connection, after, limit);
  }
  return {};
}

void put_sealed(Connection& connection, SealedTable table, const SealedKey& key,
                const std::string& sealed) {
  const auto by_number = [&](Sql sql) {
    connection.query(sql).bind(Blob{sealed}, key.number).run();
  };
  switch (table) {
    case SealedTable::session_context:
      connection
          .query(
              "UPDATE session_context SET sealed = ? WHERE site_id = ? AND anonymous_id = ? AND "
              "session_id = ?")
          .bind(Blob{sealed}, key.site_id, Blob{key.first}, Blob{key.second})
          .run();
      return;
    case SealedTable::contact:
      connection.query("UPDATE contact SET sealed = ? WHERE site_id = ? AND kind = ? AND hash = ?")
          .bind(Blob{sealed}, key.site_id, key.number, Blob{key.first})
          .run();
      return;
    case SealedTable::webhook_inbox:
      return by_number("UPDATE webhook_inbox SET sealed = ? WHERE id = ?");
    case SealedTable::delivery:
      return by_number("UPDATE delivery SET sealed = ? WHERE id = ?");
    case SealedTable::reject:
      return by_number("UPDATE reject SET sealed = ? WHERE id = ?");
  }
}

Sql count_of(SealedTable table) {
  switch (table) {
    case SealedTable::session_context:
      return "SELECT count(*) FROM session_context";
    case SealedTable::contact:
      return "SELECT count(*) FROM contact WHERE sealed IS NOT NULL";
    case SealedTable::webhook_inbox:
      return "SELECT count(*) FROM webhook_inbox WHERE length(sealed) > 0";
    case SealedTable::delivery:
      return "SELECT count(*) FROM delivery WHERE sealed IS NOT NULL";
    case SealedTable::reject:
      break;
  }
  return "SELECT count(*) FROM reject WHERE sealed IS NOT NULL";
}

}  // namespace

Outcome<std::int64_t> SqlitePrivacyStore::count_sealed(SealedTable table) {
  return attempt([&] {
    auto query = connection_.query(count_of(table));
    return number_of(query);
  });
}

Outcome<ResealedPage> SqlitePrivacyStore::reseal(SealedTable table, const SealedKey& after,
                                                 std::uint32_t limit) {
  return attempt([&] {
    ResealedPage page;
    page.last = after;
    for (auto& row : rows_after(connection_, table, after, limit)) {
      page.rows += 1;
      const auto opened = box_.open_to_renew(row.sealed, row.place);
      if (!opened.is_open) page.unreadable += 1;
      if (opened.is_open && opened.is_old) {
        const std::string sealed = box_.seal(opened.plain, row.place);
        if (!sealed.empty()) put_sealed(connection_, table, row.key, sealed);
        page.resealed += sealed.empty() ? 0 : 1;
      }
      page.last = std::move(row.key);
    }
    return page;
  });
}

}  // namespace tl::server::sqlite
