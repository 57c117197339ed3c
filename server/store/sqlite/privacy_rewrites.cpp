// SPDX-License-Identifier: Apache-2.0
// The part of SqlitePrivacyStore that writes. Which id stands for which is kept in a temporary
// table (in memory: temp_store) for the time of one rename.

#include "server/core/text/uuid_text.hpp"
#include "server/store/sqlite/privacy_store.hpp"

#include <string>
#include <vector>

namespace tl::server::sqlite {
namespace {

// The new id of a column, or what is there when it is nobody's who goes.
#define TL_NEW(column) "coalesce((SELECT new FROM temp.renamed WHERE old = " column "), " column ")"

}  // namespace

void SqlitePrivacyStore::rename_visitor(std::string_view site_id, const Id128& visitor) {
  const auto run = [&](Sql sql) { connection_.query(sql).bind(site_id, visitor).run(); };
  run("UPDATE touch SET id = " TL_NEW("id") ", session_id = " TL_NEW("session_id")
      ", anonymous_id = " TL_NEW("anonymous_id")
      ", term = '', click_ids = '{}', referrer_domain = '', evidence = '{}' "
      "WHERE site_id = ? AND anonymous_id = ?");
  run("UPDATE event SET id = " TL_NEW("id") ", session_id = " TL_NEW("session_id")
      ", anonymous_id = " TL_NEW("anonymous_id")
      ", raw_t_ms = t_ms, received_ms = t_ms, page_nonce = randomblob(16), url = '', title = '', "
      "props = '' WHERE site_id = ? AND anonymous_id = ?");
  run("UPDATE session_alias SET alias_id = " TL_NEW("alias_id") ", session_id = "
      TL_NEW("session_id") " WHERE site_id = ?1 AND session_id IN "
      "(SELECT id FROM session WHERE site_id = ?1 AND anonymous_id = ?2)");
  run("UPDATE session SET id = " TL_NEW("id") ", anonymous_id = " TL_NEW("anonymous_id")
      ", first_touch = " TL_NEW("first_touch") ", last_touch = " TL_NEW("last_touch")
      ", entry_path = '', exit_path = '', last_content = '', device = '', browser = '', os = '', "
      "country = '', region = '', city = '', bot_reason = '' "
      "WHERE site_id = ? AND anonymous_id = ?");
  run("UPDATE anonymous_link SET anonymous_id = " TL_NEW("anonymous_id") ", older_id = " TL_NEW(
      "older_id") " WHERE site_id = ?1 AND (anonymous_id = ?2 OR older_id = ?2)");
  run("DELETE FROM session_context WHERE site_id = ? AND anonymous_id = ?");
  run("UPDATE contact_claim SET anonymous_id = " TL_NEW("anonymous_id") ", session_id = " TL_NEW(
      "session_id") " WHERE site_id = ? AND anonymous_id = ?");
  run("UPDATE contact_proof SET anonymous_id = " TL_NEW(
      "anonymous_id") " WHERE site_id = ? AND anonymous_id = ?");
  run("UPDATE person_cut SET anonymous_id = " TL_NEW(
      "anonymous_id") " WHERE site_id = ? AND anonymous_id = ?");
  // Storage stays as it was, for it decides who is one person; nothing is sent any more.
  run("UPDATE consent_state SET anonymous_id = " TL_NEW("anonymous_id")
      ", marketing = 1, ad_personalisation = 1 WHERE site_id = ? AND anonymous_id = ?");
  run("UPDATE storage_choice SET anonymous_id = " TL_NEW(
      "anonymous_id") " WHERE site_id = ? AND anonymous_id = ?");
  run("UPDATE consent_receipt SET anonymous_id = NULL, salt = zeroblob(16) "
      "WHERE site_id = ? AND anonymous_id = ?");
  run("UPDATE conversion SET session_id = " TL_NEW("session_id") ", anonymous_id = "
      TL_NEW("anonymous_id") ", first_touch = " TL_NEW("first_touch") ", last_touch = "
      TL_NEW("last_touch") " WHERE site_id = ? AND anonymous_id = ?");
  run("UPDATE delivery SET event_id = " TL_NEW("event_id") ", session_id = " TL_NEW("session_id")
      ", anonymous_id = " TL_NEW("anonymous_id") " WHERE site_id = ? AND anonymous_id = ?");
}

void SqlitePrivacyStore::rename_contact(std::string_view site_id, const Renames::Contact& contact) {
  const auto run = [&](Sql sql) {
    connection_.query(sql)
        .bind(site_id, contact.before.kind, contact.before.hash, contact.after)
        .run();
  };
  run("UPDATE contact_claim SET hash = ?4 WHERE site_id = ?1 AND kind = ?2 AND hash = ?3");
  run("UPDATE contact_proof SET hash = ?4 WHERE site_id = ?1 AND kind = ?2 AND hash = ?3");
  run("UPDATE person_cut SET hash = ?4 WHERE site_id = ?1 AND kind = ?2 AND hash = ?3");
  connection_.query("DELETE FROM contact WHERE site_id = ? AND kind = ? AND hash = ?")
      .bind(site_id, contact.before.kind, contact.before.hash)
      .run();
}

Outcome<void> SqlitePrivacyStore::rename(std::string_view site_id, const Renames& renames) {
  return attempt([&] {
    connection_.execute(
        "CREATE TEMP TABLE IF NOT EXISTS renamed (old BLOB PRIMARY KEY, new BLOB NOT NULL) "
        "WITHOUT ROWID; DELETE FROM temp.renamed");
    for (const auto* ids : {&renames.visitors, &renames.sessions, &renames.events})
      for (const auto& [old_id, new_id] : *ids)
        connection_.query("INSERT OR IGNORE INTO temp.renamed (old, new) VALUES (?, ?)")
            .bind(old_id, new_id)
            .run();
    for (const auto& [visitor, ignored] : renames.visitors) rename_visitor(site_id, visitor);
    for (const auto& contact : renames.contacts) rename_contact(site_id, contact);
    connection_.execute("DELETE FROM temp.renamed");
  });
}

Outcome<void> SqlitePrivacyStore::put_place(const TouchRow& touch) {
  return attempt([&] {
    connection_
        .query(
            "UPDATE touch SET source = ?, medium = ?, campaign = ?, content = ?, landing_path = ? "
            "WHERE site_id = ? AND anonymous_id = ? AND session_id = ? AND id = ?")
        .bind(touch.source, touch.medium, touch.campaign, touch.content, touch.landing_path,
              touch.site_id, touch.anonymous_id, touch.session_id, touch.id)
        .run();
  });
}

// Deliveries are found by the name too.
Outcome<void> SqlitePrivacyStore::rename_events(std::string_view site_id, const Id128& visitor,
                                                const std::string& name,
                                                const std::string& new_name) {
  return attempt([&] {
    const auto run = [&](Sql sql) {
      connection_.query(sql).bind(site_id, visitor, name, new_name).run();
    };
    run("UPDATE event SET name = ?4 WHERE site_id = ?1 AND anonymous_id = ?2 AND name = ?3");
    run("UPDATE OR REPLACE delivery SET event_name = ?4 WHERE site_id = ?1 AND anonymous_id = ?2 "
        "AND event_name = ?3");
  });
}

Outcome<void> SqlitePrivacyStore::put_evidence(const TouchRow& touch) {
  return attempt([&] {
    connection_
        .query(
            "UPDATE touch SET click_ids = ?, evidence = ? WHERE site_id = ? AND anonymous_id = ? "
            "AND session_id = ? AND id = ?")
        .bind(touch.click_ids, touch.evidence, touch.site_id, touch.anonymous_id, touch.session_id,
              touch.id)
        .run();
  });
}

Outcome<void> SqlitePrivacyStore::put_url(const EventRow& event) {
  return attempt([&] {
    connection_
        .query(
            "UPDATE event SET url = ? WHERE site_id = ? AND anonymous_id = ? AND session_id = ? "
            "AND id = ?")
        .bind(event.url, event.site_id, event.anonymous_id, event.session_id, event.id)
        .run();
  });
}

Outcome<void> SqlitePrivacyStore::rewrite_change(const OrderChangeRow& change,
                                                 const std::string& key_before) {
  return attempt([&] {
    connection_
        .query(
            "UPDATE order_change SET detail = ?, change_key = ? WHERE site_id = ? AND provider = ? "
            "AND order_id = ? AND change_key = ?")
        .bind(change.detail, change.change_key, change.site_id, change.provider, change.order_id,
              key_before)
        .run();
  });
}

// What vendors call the sale of that order, and those that turned out to be it: aliases of the
// order. Their own ids are nobody else's.
void SqlitePrivacyStore::unname_sales(std::string_view site_id, const OrderKey& order) {
  std::vector<Id128> sales;
  {
    auto query = connection_.query(
        "SELECT id FROM conversion WHERE site_id = ? AND provider = ? AND order_id = ?");
    query.bind(site_id, order.provider, order.order_id);
    for (Id128 id; query.step(); sales.push_back(id)) query.read(id);
  }
  {
    auto query = connection_.query(
        "SELECT alias FROM order_alias WHERE site_id = ? AND provider = ? AND order_id = ?");
    query.bind(site_id, order.provider, order.order_id);
    for (std::string alias; query.step();) {
      query.read(alias);
      if (const auto former = parse_uuid(alias); former.ok()) sales.push_back(former.value());
    }
  }
  for (const Id128& sale : sales) {
    const std::string name = uuid_text(sale);
    connection_.query("UPDATE transaction_id SET id = ? WHERE site_id = ? AND conversion_id = ?")
        .bind(name, site_id, sale)
        .run();
  }
}

Outcome<void> SqlitePrivacyStore::rename_order(std::string_view site_id, const OrderKey& order,
                                               const std::string& order_id) {
  return attempt([&] {
    const auto run = [&](Sql sql) {
      connection_.query(sql).bind(site_id, order.provider, order.order_id, order_id).run();
    };
    unname_sales(site_id, order);
    run("UPDATE orders SET order_id = ?4 WHERE site_id = ?1 AND provider = ?2 AND order_id = ?3");
    run("UPDATE order_alias SET order_id = ?4 "
        "WHERE site_id = ?1 AND provider = ?2 AND order_id = ?3");
    run("UPDATE order_change SET order_id = ?4, change_key = replace(change_key, ?3, ?4) "
        "WHERE site_id = ?1 AND provider = ?2 AND order_id = ?3");
    run("UPDATE conversion SET order_id = ?4 "
        "WHERE site_id = ?1 AND provider = ?2 AND order_id = ?3");
    run("UPDATE webhook_inbox SET order_id = ?4 "
        "WHERE site_id = ?1 AND provider = ?2 AND order_id = ?3");
  });
}

Outcome<void> SqlitePrivacyStore::rename_conversion(std::string_view site_id, const Id128& id,
                                                    const Id128& new_id) {
  return attempt([&] {
    const auto run = [&](Sql sql) { connection_.query(sql).bind(site_id, id, new_id).run(); };
    run("UPDATE conversion SET id = ?3 WHERE site_id = ?1 AND id = ?2");
    run("UPDATE credit SET conversion_id = ?3 WHERE site_id = ?1 AND conversion_id = ?2");
    run("UPDATE contact_proof SET conversion_id = ?3 WHERE site_id = ?1 AND conversion_id = ?2");
    run("UPDATE conversion_key SET conversion_id = ?3 WHERE site_id = ?1 AND conversion_id = ?2");
    run("UPDATE delivery SET event_id = ?3 WHERE site_id = ?1 AND event_id = ?2");
    connection_
        .query(
            "UPDATE transaction_id SET conversion_id = ?3, id = CASE id WHEN ?4 THEN ?5 ELSE id END"
            " WHERE site_id = ?1 AND conversion_id = ?2")
        .bind(site_id, id, new_id, uuid_text(id), uuid_text(new_id))
        .run();
  });
}

Outcome<void> SqlitePrivacyStore::remove_alias(std::string_view site_id, const OrderKey& order,
                                               const std::string& alias) {
  return attempt([&] {
    connection_
        .query(
            "DELETE FROM order_alias WHERE site_id = ? AND provider = ? AND order_id = ? AND "
            "alias = ?")
        .bind(site_id, order.provider, order.order_id, alias)
        .run();
  });
}

Outcome<void> SqlitePrivacyStore::scrub_inbox(std::int64_t number) {
  return attempt([&] {
    connection_.query("UPDATE webhook_inbox SET sealed = x'' WHERE id = ?").bind(number).run();
  });
}

Outcome<void> SqlitePrivacyStore::remove_delivery(std::int64_t number) {
  return attempt([&] {
    connection_.query("DELETE FROM delivery_attempt WHERE delivery_id = ?").bind(number).run();
    connection_.query("DELETE FROM delivery WHERE id = ?").bind(number).run();
  });
}

Outcome<void> SqlitePrivacyStore::scrub_delivery(std::int64_t number) {
  return attempt([&] {
    connection_.query("UPDATE delivery_attempt SET answer = '' WHERE delivery_id = ?")
        .bind(number)
        .run();
    connection_.query("UPDATE delivery SET sealed = NULL, last_error = '' WHERE id = ?")
        .bind(number)
        .run();
  });
}

}  // namespace tl::server::sqlite
