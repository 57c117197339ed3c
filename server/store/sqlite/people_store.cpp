// SPDX-License-Identifier: Apache-2.0
// Receipts are chained per site: hash = SHA-256 over length-prefixed fields ("tl-receipt", previous
// hash, every column), previous hash of the first one = 32 zero bytes. A receipt that was changed
// or removed breaks the chain behind it. The anonymous id stands in it as `subject`, its HMAC under
// a salt of the visitor's that all of their receipts share, so that a withdrawal is known to belong
// to its yes: when id and salt are erased the subject tells nothing, and the chain holds.

#include "server/store/sqlite/people_store.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/attribution/late_evidence.hpp"

namespace tl::server::sqlite {
namespace {

std::string_view view_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Digest receipt_subject(const Id128& salt, const std::optional<Id128>& anonymous_id) {
  const Id128 who = anonymous_id.value_or(Id128{});
  return hmac_sha256({reinterpret_cast<const char*>(salt.bytes.data()), salt.bytes.size()},
                     {reinterpret_cast<const char*>(who.bytes.data()), who.bytes.size()});
}

Digest receipt_hash(const Digest& previous, std::string_view site_id, const Digest& subject,
                    const ConsentReceipt& receipt) {
  FieldHash hash("tl-receipt");
  hash.add(view_of(previous)).add(site_id).add(receipt.id);
  hash.add(view_of(subject)).add(std::to_string(receipt.t_ms));
  hash.add(receipt.event);
  hash.add_u32(static_cast<std::uint32_t>(receipt.consent.storage))
      .add_u32(static_cast<std::uint32_t>(receipt.consent.marketing))
      .add_u32(static_cast<std::uint32_t>(receipt.consent.ad_personalisation))
      .add_u32(receipt.consent.opted_out_of_sale ? 1 : 0);
  hash.add(receipt.platform).add(receipt.text_version);
  if (!receipt.consent_string.empty() || receipt.is_implied) hash.add(receipt.consent_string);
  if (receipt.is_implied) hash.add("implied");
  return hash.finish();
}

// That of the visitor's newest receipt; a new one of whoever has none, or no id.
Id128 receipt_salt(Connection& connection, std::string_view site_id,
                   const std::optional<Id128>& anonymous_id) {
  auto query = connection.query(
      "SELECT coalesce((SELECT salt FROM consent_receipt INDEXED BY consent_receipt_by_visitor "
      "WHERE site_id = ? AND anonymous_id = ? ORDER BY number DESC LIMIT 1), randomblob(16))");
  query.bind(site_id, anonymous_id).step();
  Id128 salt;
  query.read(salt);
  return salt;
}

}  // namespace

Outcome<void> SqlitePeopleStore::put_claim(std::string_view site_id, const ContactClaim& claim) {
  return attempt([&] {
    connection_
        .query(
            "INSERT INTO contact_claim (site_id, kind, hash, anonymous_id, session_id, verified,"
            " source, t_ms, first_ms) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?8) ON CONFLICT DO UPDATE "
            "SET "
            "session_id = coalesce(excluded.session_id, session_id), "
            // The source that proved it stays beside the proof.
            "source = CASE WHEN verified > excluded.verified THEN source "
            "ELSE excluded.source END, "
            "verified = max(verified, excluded.verified), t_ms = max(t_ms, excluded.t_ms), "
            "first_ms = min(first_ms, excluded.first_ms)")
        .bind(site_id, claim.kind, claim.hash, claim.anonymous_id, claim.session_id, claim.verified,
              claim.source, claim.t_ms)
        .run();
  });
}

Outcome<void> SqlitePeopleStore::put_contact(std::string_view site_id,
                                             const ContactVariants& contact) {
  return attempt([&] {
    // A hash sent by a page has fewer variants than the contact itself: keep the longer text.
    connection_
        .query(
            "INSERT INTO contact (site_id, kind, hash, variants, sealed, t_ms) "
            "VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET "
            "variants = CASE WHEN length(excluded.variants) >= length(variants) "
            "THEN excluded.variants ELSE variants END, "
            "sealed = coalesce(excluded.sealed, sealed), t_ms = max(t_ms, excluded.t_ms)")
        .bind(site_id, contact.kind, contact.hash, contact.variants,
              contact.plain.empty() ? std::nullopt : std::optional(Blob{contact.plain}),
              contact.t_ms)
        .run();
  });
}

Outcome<std::optional<ContactVariants>> SqlitePeopleStore::find_contact(std::string_view site_id,
                                                                        ContactKind kind,
                                                                        const Digest& hash) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT kind, hash, variants, coalesce(sealed, ''), t_ms FROM contact "
        "WHERE site_id = ? AND kind = ? AND hash = ?");
    query.bind(site_id, kind, hash);
    return first_row<ContactVariants>(query, [](Query& row) {
      ContactVariants contact;
      row.read(contact.kind, contact.hash, contact.variants, contact.plain, contact.t_ms);
      return contact;
    });
  });
}

// Whatever is a conversion is filed under its contacts; an order that is none yet is looked for, by
// its own index: the planner would read all orders of the site.
Outcome<void> SqlitePeopleStore::remove_unheld_contact(std::string_view site_id,
                                                       const ContactRef& contact) {
  return attempt([&] {
    connection_
        .query(
            "DELETE FROM contact WHERE site_id = ?1 AND kind = ?2 AND hash = ?3 "
            "AND NOT EXISTS (SELECT 1 FROM contact_claim WHERE site_id = ?1 AND kind = ?2 "
            "AND hash = ?3) "
            "AND NOT EXISTS (SELECT 1 FROM conversion_key WHERE site_id = ?1 AND key = ?4) "
            "AND NOT EXISTS (SELECT 1 FROM orders INDEXED BY orders_waiting_email "
            "WHERE site_id = ?1 AND state <> 2 AND email_hash = ?3) "
            "AND NOT EXISTS (SELECT 1 FROM orders INDEXED BY orders_waiting_phone "
            "WHERE site_id = ?1 AND state <> 2 AND phone_hash = ?3)")
        .bind(site_id, contact.kind, contact.hash, Blob{contact_key(contact.kind, contact.hash)})
        .run();
  });
}

Outcome<void> SqlitePeopleStore::put_consent(std::string_view site_id, const Id128& anonymous_id,
                                             const ConsentRecord& record) {
  return attempt([&] {
    const Consent& consent = record.consent;
    const auto put_state = [&](Sql sql) {
      return connection_.query(sql)
          .bind(site_id, anonymous_id, consent.storage, consent.marketing,
                consent.ad_personalisation, consent.opted_out_of_sale, record.t_ms, record.said_ms)
          .run();
    };
    const auto put_choice = [&] {
      connection_
          .query(
              "INSERT OR REPLACE INTO storage_choice (site_id, anonymous_id, t_ms, is_withheld) "
              "VALUES (?,?,?,?)")
          .bind(site_id, anonymous_id, record.t_ms, !permits_ids(consent))
          .run();
    };
    const bool is_first =
        put_state(
            "INSERT INTO consent_state (site_id, anonymous_id, storage, marketing, "
            "ad_personalisation, opted_out, t_ms, said_ms) VALUES (?,?,?,?,?,?,?,?) "
            "ON CONFLICT DO NOTHING") > 0;
    if (is_first) {
      if (!permits_ids(consent)) put_choice();
      return;
    }
    // A yes that was the only choice so far is known by the state alone.
    connection_
        .query(
            "INSERT OR IGNORE INTO storage_choice (site_id, anonymous_id, t_ms, is_withheld) "
            "SELECT site_id, anonymous_id, t_ms, storage <> 2 FROM consent_state "
            "WHERE site_id = ? AND anonymous_id = ?")
        .bind(site_id, anonymous_id)
        .run();
    put_choice();
    put_state(
        "UPDATE consent_state SET storage = ?3, marketing = ?4, ad_personalisation = ?5, "
        "opted_out = ?6, t_ms = ?7, said_ms = ?8 "
        "WHERE site_id = ?1 AND anonymous_id = ?2 AND t_ms <= ?7");
  });
}

Outcome<bool> SqlitePeopleStore::was_storage_withheld(std::string_view site_id,
                                                      const Id128& anonymous_id,
                                                      std::int64_t t_ms) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT is_withheld FROM storage_choice WHERE site_id = ? AND anonymous_id = ? AND t_ms <= "
        "? ORDER BY t_ms DESC LIMIT 1");
    bool is_withheld = false;
    if (query.bind(site_id, anonymous_id, t_ms).step()) query.read(is_withheld);
    return is_withheld;
  });
}

Outcome<std::optional<ConsentRecord>> SqlitePeopleStore::find_consent(std::string_view site_id,
                                                                      const Id128& anonymous_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT storage, marketing, ad_personalisation, opted_out, t_ms, said_ms "
        "FROM consent_state WHERE site_id = ? AND anonymous_id = ?");
    query.bind(site_id, anonymous_id);
    return first_row<ConsentRecord>(query, [](Query& row) {
      ConsentRecord record;
      row.read(record.consent.storage, record.consent.marketing, record.consent.ad_personalisation,
               record.consent.opted_out_of_sale, record.t_ms, record.said_ms);
      return record;
    });
  });
}

Outcome<void> SqlitePeopleStore::append_receipt(std::string_view site_id,
                                                const ConsentReceipt& receipt) {
  return attempt([&] {
    Digest previous{};
    std::int64_t number = 0;
    {
      auto newest = connection_.query(
          "SELECT number, hash FROM consent_receipt WHERE site_id = ? ORDER BY number DESC "
          "LIMIT 1");
      newest.bind(site_id);
      if (newest.step()) newest.read(number, previous);
    }
    const Id128 salt = receipt_salt(connection_, site_id, receipt.anonymous_id);
    const Digest subject = receipt_subject(salt, receipt.anonymous_id);
    const Digest hash = receipt_hash(previous, site_id, subject, receipt);
    const Consent& consent = receipt.consent;
    connection_
        .query(
            "INSERT INTO consent_receipt (site_id, number, id, anonymous_id, t_ms, event, storage, "
            "marketing, ad_personalisation, opted_out, platform, text_version, previous_hash, "
            "hash, subject, salt, consent_string, is_implied) VALUES "
            "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        .bind(site_id, number + 1, receipt.id, receipt.anonymous_id, receipt.t_ms, receipt.event,
              consent.storage, consent.marketing, consent.ad_personalisation,
              consent.opted_out_of_sale, receipt.platform, receipt.text_version, previous, hash,
              subject, salt, receipt.consent_string, receipt.is_implied)
        .run();
  });
}

}  // namespace tl::server::sqlite
