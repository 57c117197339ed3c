// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/privacy_store.hpp"

#include "server/core/reports/visitor_sketch.hpp"
#include "server/store/sqlite/order_store.hpp"
#include "server/store/sqlite/rollup_levels.hpp"
#include "server/store/sqlite/rollup_sums.hpp"

#include <nlohmann/json.hpp>

#include <cstring>

namespace tl::server::sqlite {
namespace {

NumberedReceipt read_receipt(Query& row) {
  NumberedReceipt read;
  ConsentReceipt& receipt = read.receipt;
  row.read(read.number, receipt.id, receipt.anonymous_id, receipt.t_ms, receipt.event,
           receipt.consent.storage, receipt.consent.marketing, receipt.consent.ad_personalisation,
           receipt.consent.opted_out_of_sale, receipt.platform, receipt.text_version, read.subject,
           read.previous_hash, read.hash, receipt.consent_string, receipt.is_implied);
  return read;
}
#define TL_RECEIPT_COLUMNS                                                          \
  "number, id, anonymous_id, t_ms, event, storage, marketing, ad_personalisation, " \
  "opted_out, platform, text_version, subject, previous_hash, hash, "               \
  "consent_string, is_implied"

std::vector<Digest> read_digests(std::string_view bytes) {
  std::vector<Digest> digests(bytes.size() / sizeof(Digest));
  if (!digests.empty()) std::memcpy(digests.data(), bytes.data(), digests.size() * sizeof(Digest));
  return digests;
}

}  // namespace

Outcome<std::vector<Id128>> SqlitePrivacyStore::sessions_of(std::string_view site_id,
                                                            const Id128& visitor) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT id FROM session WHERE site_id = ?1 AND anonymous_id = ?2 UNION "
        "SELECT a.alias_id FROM session s CROSS JOIN session_alias a ON a.site_id = ?1 AND "
        "a.session_id = s.id WHERE s.site_id = ?1 AND s.anonymous_id = ?2");
    query.bind(site_id, visitor);
    return all_rows<Id128>(query, read_only_id);
  });
}

Outcome<std::vector<Id128>> SqlitePrivacyStore::events_of(std::string_view site_id,
                                                          const Id128& visitor) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT id FROM event WHERE site_id = ?1 AND anonymous_id = ?2 UNION "
        "SELECT id FROM touch WHERE site_id = ?1 AND anonymous_id = ?2");
    query.bind(site_id, visitor);
    return all_rows<Id128>(query, read_only_id);
  });
}

Outcome<std::vector<NumberedChange>> SqlitePrivacyStore::changes_after(std::string_view site_id,
                                                                       std::int64_t number,
                                                                       std::uint32_t limit) {
  return attempt([&] {
    auto query =
        connection_.query("SELECT " TL_CHANGE_COLUMNS
                          " FROM order_change WHERE id > ? AND site_id = ? ORDER BY id LIMIT ?");
    query.bind(number, site_id, limit);
    return all_rows<NumberedChange>(query, read_change);
  });
}

Outcome<std::vector<NumberedInboxEntry>> SqlitePrivacyStore::inbox_after(std::string_view site_id,
                                                                         std::int64_t number,
                                                                         std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT id, site_id, provider, event_key, event_type, received_ms, live, result, order_id, "
        "sealed FROM webhook_inbox WHERE id > ? AND site_id = ? ORDER BY id LIMIT ?");
    query.bind(number, site_id, limit);
    return all_rows<NumberedInboxEntry>(query, [&](Query& row) {
      NumberedInboxEntry read;
      InboxEntry& entry = read.entry;
      std::string sealed;
      row.read(read.number, entry.site_id, entry.provider, entry.event_key, entry.event_type,
               entry.received_ms, entry.live, entry.result, entry.order_id, sealed);
      if (sealed.empty()) return read;
      const auto text = box_.open(sealed, inbox_context(entry));
      const auto json = nlohmann::json::parse(text.value_or(""), nullptr, false);
      if (!json.is_object()) return read;
      entry.headers_json = json.value("headers", nlohmann::json::object()).dump();
      entry.body = json.value("body", "");
      return read;
    });
  });
}

Outcome<std::vector<NumberedReceipt>> SqlitePrivacyStore::receipts_after(std::string_view site_id,
                                                                         std::int64_t t_ms,
                                                                         const Id128& id,
                                                                         std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_RECEIPT_COLUMNS
                                   " FROM consent_receipt INDEXED BY consent_receipt_by_time "
                                   "WHERE site_id = ? AND (t_ms, id) > (?, ?) "
                                   "ORDER BY t_ms, id LIMIT ?");
    query.bind(site_id, t_ms, id, limit);
    return all_rows<NumberedReceipt>(query, read_receipt);
  });
}

Outcome<std::vector<NumberedReceipt>> SqlitePrivacyStore::receipts_of(std::string_view site_id,
                                                                      const Id128& visitor) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_RECEIPT_COLUMNS
                                   " FROM consent_receipt INDEXED BY consent_receipt_by_visitor "
                                   "WHERE site_id = ? AND anonymous_id = ? ORDER BY number");
    query.bind(site_id, visitor);
    return all_rows<NumberedReceipt>(query, read_receipt);
  });
}

Outcome<std::int64_t> SqlitePrivacyStore::count_visitors(std::string_view site_id, int day,
                                                         const TrafficSource& source,
                                                         CountedBy by) {
  return attempt([&] {
    RollupSums::settle(connection_);
    const bool by_page = by == CountedBy::landing_page;
    // Views of what outlives the query: it borrows what it is bound to.
    const std::string_view content = by_page ? std::string_view(source.content) : "";
    const std::string_view landing_path = by_page ? std::string_view(source.landing_path) : "";
    auto query = connection_.query(
        "SELECT sketch FROM day_visitors WHERE site_id = ? AND level = ? AND day = ? AND channel = "
        "? AND source = ? AND campaign = ? AND content = ? AND landing_path = ?");
    query.bind(site_id, by_page ? RollupLevel::landing_page : RollupLevel::campaign, day,
               source.channel, source.source, source.campaign, content, landing_path);
    std::string sketch;
    if (query.step()) query.read(sketch);
    return VisitorSketch(sketch).count();
  });
}

Outcome<std::vector<std::string>> SqlitePrivacyStore::event_names_of(std::string_view site_id,
                                                                     const Id128& visitor) {
  return attempt([&] {
    auto query =
        connection_.query("SELECT DISTINCT name FROM event WHERE site_id = ? AND anonymous_id = ?");
    query.bind(site_id, visitor);
    return all_rows<std::string>(query, [](Query& row) {
      std::string name;
      row.read(name);
      return name;
    });
  });
}

Outcome<std::vector<Id128>> SqlitePrivacyStore::all_visitors(std::string_view site_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT anonymous_id FROM session WHERE site_id = ?1 UNION "
        "SELECT anonymous_id FROM anonymous_link WHERE site_id = ?1 UNION "
        "SELECT older_id FROM anonymous_link WHERE site_id = ?1 UNION "
        "SELECT anonymous_id FROM contact_claim WHERE site_id = ?1 UNION "
        "SELECT anonymous_id FROM consent_state WHERE site_id = ?1 UNION "
        "SELECT anonymous_id FROM consent_receipt WHERE site_id = ?1 AND anonymous_id IS NOT NULL "
        "UNION SELECT anonymous_id FROM orders WHERE site_id = ?1 AND anonymous_id IS NOT NULL");
    query.bind(site_id);
    return all_rows<Id128>(query, read_only_id);
  });
}

Outcome<std::vector<ContactRef>> SqlitePrivacyStore::all_contacts(std::string_view site_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT kind, hash FROM contact_claim WHERE site_id = ?1 UNION "
        "SELECT kind, hash FROM contact_proof WHERE site_id = ?1 UNION "
        "SELECT kind, hash FROM contact WHERE site_id = ?1 UNION "
        "SELECT 1, email_hash FROM orders WHERE site_id = ?1 AND email_hash IS NOT NULL UNION "
        "SELECT 2, phone_hash FROM orders WHERE site_id = ?1 AND phone_hash IS NOT NULL");
    query.bind(site_id);
    return all_rows<ContactRef>(query, [](Query& row) {
      ContactRef contact;
      row.read(contact.kind, contact.hash);
      return contact;
    });
  });
}

Outcome<ErasureKey> SqlitePrivacyStore::erasure_key() {
  return attempt([&] {
    auto query = connection_.query("SELECT epoch, key FROM erasure_key");
    ErasureKey key;
    if (query.step()) query.read(key.epoch, key.key);
    return key;
  });
}

Outcome<void> SqlitePrivacyStore::put_erasure_key(const ErasureKey& key) {
  return attempt([&] {
    connection_.query("UPDATE erasure_key SET epoch = ?, key = ?").bind(key.epoch, key.key).run();
  });
}

Outcome<std::int64_t> SqlitePrivacyStore::append_erasure(const ErasureReceipt& receipt) {
  return attempt([&] {
    std::int64_t number = receipt.number;
    if (number == 0) {
      auto newest =
          connection_.query("SELECT coalesce(max(number), 0) + 1 FROM erasure WHERE site_id = ?");
      newest.bind(receipt.site_id).step();
      newest.read(number);
    }
    const std::string_view bytes(reinterpret_cast<const char*>(receipt.pseudonyms.data()),
                                 receipt.pseudonyms.size() * sizeof(Digest));
    connection_
        .query(
            "INSERT INTO erasure (site_id, number, t_ms, epoch, pseudonyms, counts) "
            "VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING")
        .bind(receipt.site_id, number, receipt.t_ms, receipt.epoch, Blob{bytes}, receipt.counts)
        .run();
    return number;
  });
}

Outcome<std::vector<ErasureReceipt>> SqlitePrivacyStore::erasures_after(std::string_view site_id,
                                                                        std::int64_t number,
                                                                        std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT site_id, number, t_ms, epoch, pseudonyms, counts FROM erasure "
        "WHERE site_id = ? AND number > ? ORDER BY number LIMIT ?");
    query.bind(site_id, number, limit);
    return all_rows<ErasureReceipt>(query, [](Query& row) {
      ErasureReceipt receipt;
      std::string bytes;
      row.read(receipt.site_id, receipt.number, receipt.t_ms, receipt.epoch, bytes, receipt.counts);
      receipt.pseudonyms = read_digests(bytes);
      return receipt;
    });
  });
}

}  // namespace tl::server::sqlite
