// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/order_store.hpp"

#include "server/store/sqlite/page.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <variant>

namespace tl::server::sqlite {
namespace {

#define TL_ORDER_COLUMNS                                                                        \
  "o.site_id, o.provider, o.order_id, o.state, o.amount_minor, o.currency, o.amount_rank, "     \
  "o.refunded_minor, o.refunded_total_minor, o.dispute, o.live, o.subscription, o.created_ms, " \
  "o.paid_ms, o.anonymous_id, o.session_id, o.checkout_started_ms, o.email_hash, "              \
  "o.phone_hash, o.user_id, o.customer, o.items, o.subscription_id, o.customer_id, "            \
  "o.consent_storage, o.consent_marketing, o.self_reported, o.ids_stated, o.refunds, o.coarse"

OrderRow read_order(Query& query) {
  OrderRow row;
  query.read(row.site_id, row.provider, row.order_id, row.state, row.amount_minor, row.currency,
             row.amount_rank, row.refunded_minor, row.refunded_total_minor, row.dispute, row.live,
             row.subscription, row.created_ms, row.paid_ms, row.anonymous_id, row.session_id,
             row.checkout_started_ms, row.email_hash, row.phone_hash, row.user_id, row.customer,
             row.items, row.subscription_id, row.customer_id, row.stated_consent.storage,
             row.stated_consent.marketing, row.self_reported, row.ids_stated, row.refunds,
             row.coarse);
  return row;
}

std::string inbox_text(const InboxEntry& entry) {
  using nlohmann::json;
  json text = {{"headers", json::parse(entry.headers_json, nullptr, false)}, {"body", entry.body}};
  if (text["headers"].is_discarded()) text["headers"] = json::object();
  return text.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

NumberedChange read_change(Query& query) {
  NumberedChange change;
  OrderChangeRow& row = change.row;
  query.read(change.number, row.site_id, row.provider, row.order_id, row.change_key, row.kind,
             row.t_ms, row.recorded_ms, row.delta_minor, row.currency, row.detail);
  return change;
}

std::string inbox_context(const InboxEntry& entry) {
  return "webhook_inbox/" + entry.site_id + "/" + entry.provider + "/" + entry.event_key;
}

Outcome<std::optional<InboxEntry>> SqliteOrderStore::receive(const InboxEntry& entry) {
  return attempt([&]() -> std::optional<InboxEntry> {
    const std::string sealed = box_.seal(inbox_text(entry), inbox_context(entry));
    const int inserted =
        connection_
            .query(
                "INSERT INTO webhook_inbox (site_id, provider, event_key, event_type,"
                " received_ms, live, sealed, result, order_id) VALUES (?,?,?,?,?,?,?,?,?)"
                " ON CONFLICT (site_id, provider, event_key) DO NOTHING")
            .bind(entry.site_id, entry.provider, entry.event_key, entry.event_type,
                  entry.received_ms, entry.live, Blob{sealed}, entry.result, entry.order_id)
            .run();
    if (inserted > 0) return std::nullopt;
    connection_
        .query(
            "UPDATE webhook_inbox SET deliveries = deliveries + 1"
            " WHERE site_id = ? AND provider = ? AND event_key = ?")
        .bind(entry.site_id, entry.provider, entry.event_key)
        .run();
    auto query = connection_.query(
        "SELECT site_id, provider, event_key, event_type, received_ms, live, result, order_id"
        " FROM webhook_inbox WHERE site_id = ? AND provider = ? AND event_key = ?");
    query.bind(entry.site_id, entry.provider, entry.event_key);
    return first_row<InboxEntry>(query, [](Query& row) {
      InboxEntry earlier;
      row.read(earlier.site_id, earlier.provider, earlier.event_key, earlier.event_type,
               earlier.received_ms, earlier.live, earlier.result, earlier.order_id);
      return earlier;
    });
  });
}

Outcome<void> SqliteOrderStore::set_inbox_result(const InboxEntry& entry) {
  return attempt([&] {
    connection_
        .query(
            "UPDATE webhook_inbox SET result = ?, order_id = ?,"
            " sealed = CASE WHEN ? THEN x'' ELSE sealed END"
            " WHERE site_id = ? AND provider = ? AND event_key = ?")
        .bind(entry.result, entry.order_id, entry.is_scrubbed, entry.site_id, entry.provider,
              entry.event_key)
        .run();
  });
}

Outcome<std::optional<std::string>> SqliteOrderStore::custom_owner(std::string_view site_id) {
  return attempt([&] {
    auto query = connection_.query("SELECT provider FROM custom_owner WHERE site_id = ?");
    query.bind(site_id);
    return first_row<std::string>(query, [](Query& row) {
      std::string provider;
      row.read(provider);
      return provider;
    });
  });
}

Outcome<void> SqliteOrderStore::set_custom_owner(std::string_view site_id,
                                                 std::string_view provider) {
  return attempt([&] {
    if (provider.empty())
      connection_.query("DELETE FROM custom_owner WHERE site_id = ?").bind(site_id).run();
    else
      connection_.query("UPDATE custom_owner SET provider = ? WHERE site_id = ?")
          .bind(provider, site_id)
          .run();
  });
}

Outcome<std::optional<OrderRow>> SqliteOrderStore::find_order(std::string_view site_id,
                                                              std::string_view provider,
                                                              std::string_view order_id_or_alias) {
  return attempt([&]() -> std::optional<OrderRow> {
    auto direct = connection_.query("SELECT " TL_ORDER_COLUMNS
                                    " FROM orders o"
                                    " WHERE o.site_id = ? AND o.provider = ? AND o.order_id = ?");
    direct.bind(site_id, provider, order_id_or_alias);
    if (auto row = first_row<OrderRow>(direct, read_order)) return row;
    auto by_alias = connection_.query("SELECT " TL_ORDER_COLUMNS
                                      " FROM order_alias a JOIN orders o ON o.site_id = a.site_id"
                                      " AND o.provider = a.provider AND o.order_id = a.order_id"
                                      " WHERE a.site_id = ? AND a.provider = ? AND a.alias = ?");
    by_alias.bind(site_id, provider, order_id_or_alias);
    return first_row<OrderRow>(by_alias, read_order);
  });
}

Outcome<std::vector<OrderRow>> SqliteOrderStore::paid_orders_of_customer(
    std::string_view site_id, std::string_view provider, std::string_view customer_id,
    std::int64_t from_ms, std::int64_t to_ms) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT " TL_ORDER_COLUMNS
        " FROM orders o WHERE o.site_id = ? AND o.provider = ? AND o.customer_id = ?"
        " AND o.customer_id <> '' AND o.paid_ms BETWEEN ? AND ? AND o.state = ?"
        " ORDER BY o.paid_ms, o.order_id");
    query.bind(site_id, provider, customer_id, from_ms, to_ms, OrderState::paid);
    return all_rows<OrderRow>(query, read_order);
  });
}

Outcome<std::vector<OrderRow>> SqliteOrderStore::earliest_of_subscription(
    std::string_view site_id, std::string_view provider, std::string_view subscription_id,
    std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT " TL_ORDER_COLUMNS
        " FROM orders o WHERE o.site_id = ? AND o.provider = ? AND o.subscription_id = ?"
        " AND o.subscription_id <> '' AND o.state = ? AND o.live = 1"
        " ORDER BY o.paid_ms, o.order_id LIMIT ?");
    query.bind(site_id, provider, subscription_id, OrderState::paid, limit);
    return all_rows<OrderRow>(query, read_order);
  });
}

// Each by its own index.
#define TL_EARLIEST_WITH_IDS(column)                                                               \
  "SELECT " TL_ORDER_COLUMNS " FROM orders o WHERE o.site_id = ? AND o.provider = ? AND o." column \
  " = ? AND o." column                                                                             \
  " <> '' AND (o.anonymous_id IS NOT NULL OR o.session_id IS NOT NULL) AND o.state = ?"            \
  " AND o.live = 1 ORDER BY o.paid_ms, o.order_id LIMIT ?"

Outcome<std::vector<OrderRow>> SqliteOrderStore::earliest_with_ids(std::string_view site_id,
                                                                   std::string_view provider,
                                                                   BuyerName name,
                                                                   std::string_view value,
                                                                   std::uint32_t limit) {
  return attempt([&] {
    auto query = name == BuyerName::subscription
                     ? connection_.query(TL_EARLIEST_WITH_IDS("subscription_id"))
                     : connection_.query(TL_EARLIEST_WITH_IDS("customer_id"));
    query.bind(site_id, provider, value, OrderState::paid, limit);
    return all_rows<OrderRow>(query, read_order);
  });
}

// By an index each (migration 22), which holds the very expression.
#define TL_OF_BUYER(whose, time_and_order)                   \
  "SELECT " TL_ORDER_COLUMNS                                 \
  " FROM orders o WHERE o.site_id = ? AND o.provider = ?"    \
  " AND " whose                                              \
  " AND (o.subscription_id = '' AND o.subscription < 2) = ?" \
  " AND o.paid_ms " time_and_order " LIMIT ?"
#define TL_LATEST "<= ? AND o.state = ? AND o.live = 1 ORDER BY o.paid_ms DESC, o.order_id DESC"
#define TL_EARLIEST "BETWEEN ? AND ? AND o.state = ? AND o.live = 1 ORDER BY o.paid_ms, o.order_id"
#define TL_OF_BUYERS(time_and_order)                                          \
  {                                                                           \
    TL_OF_BUYER("o.customer_id = ? AND o.customer_id <> ''", time_and_order), \
        TL_OF_BUYER("o.anonymous_id = ?", time_and_order),                    \
        TL_OF_BUYER("o.email_hash = ?", time_and_order)                       \
  }
// In the order of the variant's kinds.
constexpr std::array<Sql, 3> kLatestOfBuyer = TL_OF_BUYERS(TL_LATEST);
constexpr std::array<Sql, 3> kEarliestOfBuyer = TL_OF_BUYERS(TL_EARLIEST);

Outcome<std::vector<OrderRow>> SqliteOrderStore::latest_of_buyer(std::string_view site_id,
                                                                 std::string_view provider,
                                                                 const OrderBuyer& buyer,
                                                                 bool apart, std::int64_t until_ms,
                                                                 std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query(kLatestOfBuyer.at(buyer.index()));
    query.bind(site_id, provider);
    std::visit([&](const auto& name) { query.bind(name); }, buyer);
    query.bind(apart, until_ms, OrderState::paid, limit);
    return all_rows<OrderRow>(query, read_order);
  });
}

Outcome<std::vector<OrderRow>> SqliteOrderStore::earliest_of_buyer(
    std::string_view site_id, std::string_view provider, const OrderBuyer& buyer, bool apart,
    std::int64_t from_ms, std::int64_t until_ms, std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query(kEarliestOfBuyer.at(buyer.index()));
    query.bind(site_id, provider);
    std::visit([&](const auto& name) { query.bind(name); }, buyer);
    query.bind(apart, from_ms, until_ms, OrderState::paid, limit);
    return all_rows<OrderRow>(query, read_order);
  });
}

std::vector<std::string> SqliteOrderStore::alias_providers(std::string_view site_id) {
  // Steps from provider to provider along the primary key instead of scanning it.
  auto query = connection_.query(
      "WITH RECURSIVE step(provider) AS ("
      " SELECT min(provider) FROM orders WHERE site_id = ?1"
      " UNION ALL"
      " SELECT (SELECT min(provider) FROM orders WHERE site_id = ?1 AND provider > step.provider)"
      " FROM step WHERE step.provider IS NOT NULL)"
      " SELECT provider FROM step WHERE provider IS NOT NULL");
  query.bind(site_id);
  return all_rows<std::string>(query, [](Query& row) {
    std::string provider;
    row.read(provider);
    return provider;
  });
}

Outcome<std::vector<std::string>> SqliteOrderStore::providers(std::string_view site_id) {
  return attempt([&] { return alias_providers(site_id); });
}

Outcome<bool> SqliteOrderStore::has_names_from(std::string_view site_id, std::string_view provider,
                                               std::string_view first, std::string_view end) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM orders WHERE site_id = ?1 AND provider = ?2"
        " AND order_id >= ?3 AND order_id < ?4) OR EXISTS (SELECT 1 FROM order_alias"
        " WHERE site_id = ?1 AND provider = ?2 AND alias >= ?3 AND alias < ?4)");
    query.bind(site_id, provider, first, end);
    return query.step();
  });
}

Outcome<bool> SqliteOrderStore::has_orders_of(std::string_view site_id, std::string_view provider,
                                              BuyerName name, std::string_view value) {
  return attempt([&] {
    auto query = name == BuyerName::subscription
                     ? connection_.query(
                           "SELECT 1 FROM orders WHERE site_id = ? AND provider = ?"
                           " AND subscription_id = ? AND subscription_id <> '' LIMIT 1")
                     : connection_.query(
                           "SELECT 1 FROM orders WHERE site_id = ? AND provider = ?"
                           " AND customer_id = ? AND customer_id <> '' LIMIT 1");
    query.bind(site_id, provider, value);
    return query.step();
  });
}

Outcome<std::optional<OrderRow>> SqliteOrderStore::find_order_by_reference(
    std::string_view site_id, std::string_view reference) {
  TL_TRY(all, providers(site_id));
  for (const auto& provider : all) {
    auto row = find_order(site_id, provider, reference);
    if (!row.ok() || row.value()) return row;
  }
  return std::optional<OrderRow>{};
}

Outcome<void> SqliteOrderStore::put_order(const OrderRow& order) {
  return attempt([&] {
    connection_
        .query(
            "INSERT OR REPLACE INTO orders (site_id, provider, order_id, state, amount_minor,"
            " currency, amount_rank, refunded_minor, refunded_total_minor, dispute, live,"
            " subscription, created_ms, paid_ms, anonymous_id, session_id,"
            " checkout_started_ms, email_hash, phone_hash, user_id, customer, items,"
            " subscription_id, customer_id, consent_storage, consent_marketing, self_reported,"
            " ids_stated, refunds, coarse)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        .bind(order.site_id, order.provider, order.order_id, order.state, order.amount_minor,
              order.currency, order.amount_rank, order.refunded_minor, order.refunded_total_minor,
              order.dispute, order.live, order.subscription, order.created_ms, order.paid_ms,
              order.anonymous_id, order.session_id, order.checkout_started_ms, order.email_hash,
              order.phone_hash, order.user_id, order.customer, order.items, order.subscription_id,
              order.customer_id, order.stated_consent.storage, order.stated_consent.marketing,
              order.self_reported, order.ids_stated, order.refunds, order.coarse)
        .run();
  });
}

Outcome<void> SqliteOrderStore::add_alias(std::string_view site_id, std::string_view provider,
                                          std::string_view alias, std::string_view order_id) {
  return attempt([&] {
    connection_
        .query(
            "INSERT OR REPLACE INTO order_alias (site_id, provider, alias, order_id)"
            " VALUES (?,?,?,?)")
        .bind(site_id, provider, alias, order_id)
        .run();
  });
}

Outcome<std::vector<std::string>> SqliteOrderStore::aliases_of(std::string_view site_id,
                                                               std::string_view provider,
                                                               std::string_view order_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT alias FROM order_alias"
        " WHERE site_id = ? AND provider = ? AND order_id = ? ORDER BY alias");
    query.bind(site_id, provider, order_id);
    return all_rows<std::string>(query, [](Query& row) {
      std::string alias;
      row.read(alias);
      return alias;
    });
  });
}

Outcome<bool> SqliteOrderStore::append_change(const OrderChangeRow& change) {
  return attempt([&] {
    return connection_
               .query(
                   "INSERT INTO order_change (site_id, provider, order_id, change_key, kind,"
                   " t_ms, recorded_ms, delta_minor, currency, detail)"
                   " VALUES (?,?,?,?,?,?,?,?,?,?)"
                   " ON CONFLICT (site_id, provider, order_id, change_key) DO NOTHING")
               .bind(change.site_id, change.provider, change.order_id, change.change_key,
                     change.kind, change.t_ms, change.recorded_ms, change.delta_minor,
                     change.currency, change.detail)
               .run() > 0;
  });
}

Outcome<std::vector<OrderChangeRow>> SqliteOrderStore::changes_of(std::string_view site_id,
                                                                  std::string_view provider,
                                                                  std::string_view order_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT " TL_CHANGE_COLUMNS
        " FROM order_change"
        " WHERE site_id = ? AND provider = ? AND order_id = ? ORDER BY t_ms, change_key");
    query.bind(site_id, provider, order_id);
    return all_rows<OrderChangeRow>(query, [](Query& row) { return read_change(row).row; });
  });
}

Outcome<void> SqliteOrderStore::move_change(const OrderChangeRow& from, const OrderChangeRow& to) {
  return attempt([&] {
    connection_
        .query(
            "UPDATE order_change SET provider = ?1, order_id = ?2, delta_minor = ?3, detail = ?4,"
            " change_key = CASE WHEN EXISTS (SELECT 1 FROM order_change other"
            " WHERE other.site_id = ?5 AND other.provider = ?1 AND other.order_id = ?2"
            " AND other.change_key = ?8 AND other.id <> order_change.id)"
            " THEN change_key || '#' || ?6 || '/' || ?7 ELSE change_key END"
            " WHERE site_id = ?5 AND provider = ?6 AND order_id = ?7 AND change_key = ?8")
        .bind(to.provider, to.order_id, to.delta_minor, to.detail, from.site_id, from.provider,
              from.order_id, from.change_key)
        .run();
  });
}

Outcome<void> SqliteOrderStore::remove_order(std::string_view site_id, const OrderKey& order) {
  return attempt([&] {
    connection_.query("DELETE FROM orders WHERE site_id = ? AND provider = ? AND order_id = ?")
        .bind(site_id, order.provider, order.order_id)
        .run();
    connection_.query("DELETE FROM order_alias WHERE site_id = ? AND provider = ? AND order_id = ?")
        .bind(site_id, order.provider, order.order_id)
        .run();
  });
}

Outcome<Page<OrderRow>> SqliteOrderStore::list_orders(const ListQuery& query,
                                                      std::optional<OrderState> state) {
  const auto range_of_query = page_range(query);
  if (!range_of_query.ok()) return range_of_query.error();
  const PageRange& range = range_of_query.value();
  return attempt([&] {
    const std::int64_t first_state = state ? static_cast<std::int64_t>(*state) : 0;
    const std::int64_t last_state =
        state ? first_state : static_cast<std::int64_t>(OrderState::paid);
    // An order that so far is only known by companions (a charge, a refund) has no currency: it is
    // no order to show yet.
    auto rows = connection_.query(
        "SELECT " TL_ORDER_COLUMNS
        " FROM orders o WHERE o.site_id = ? AND o.state BETWEEN ? AND ?"
        " AND o.created_ms >= ? AND o.created_ms < ? AND o.currency <> ''"
        " AND (o.created_ms, o.provider || '/' || o.order_id) < (?, ?)"
        " ORDER BY o.created_ms DESC, o.provider || '/' || o.order_id DESC LIMIT ?");
    rows.bind(query.site_id, first_state, last_state, range.from_ms, range.to_ms, range.before.t_ms,
              range.before.key, range.limit + 1);
    return cut_page(all_rows<OrderRow>(rows, read_order), range.limit, [](const OrderRow& row) {
      return PagePosition{row.created_ms, row.provider + "/" + row.order_id};
    });
  });
}

}  // namespace tl::server::sqlite
