// SPDX-License-Identifier: Apache-2.0
// webhook_inbox, orders, order_alias, order_change (order_store.cpp), conversion and credit
// (conversion_rows.cpp) in SQLite.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/ports/order_store.hpp"
#include "server/core/ports/privacy_store.hpp"
#include "server/store/sqlite/connection.hpp"

#include <string_view>
#include <vector>

namespace tl::server::sqlite {

// A row of the ledger, as read_change() reads it.
#define TL_CHANGE_COLUMNS                                                               \
  "id, site_id, provider, order_id, change_key, kind, t_ms, recorded_ms, delta_minor, " \
  "currency, detail"
NumberedChange read_change(Query& query);

// What seals an inbox row to its place, and its text {"headers":{…},"body":"…"}.
std::string inbox_context(const InboxEntry& entry);

class SqliteOrderStore final : public OrderStore {
 public:
  SqliteOrderStore(Connection& connection, const SecretBox& box)
      : connection_(connection), box_(box) {}

  Outcome<std::optional<InboxEntry>> receive(const InboxEntry& entry) override;
  Outcome<void> set_inbox_result(const InboxEntry& entry) override;
  Outcome<std::optional<std::string>> custom_owner(std::string_view site_id) override;
  Outcome<void> set_custom_owner(std::string_view site_id, std::string_view provider) override;

  Outcome<std::optional<OrderRow>> find_order(std::string_view site_id, std::string_view provider,
                                              std::string_view order_id_or_alias) override;
  Outcome<std::vector<std::string>> providers(std::string_view site_id) override;
  Outcome<bool> has_names_from(std::string_view site_id, std::string_view provider,
                               std::string_view first, std::string_view end) override;
  Outcome<bool> has_orders_of(std::string_view site_id, std::string_view provider, BuyerName name,
                              std::string_view value) override;
  Outcome<std::optional<OrderRow>> find_order_by_reference(std::string_view site_id,
                                                           std::string_view reference) override;
  Outcome<std::vector<OrderRow>> paid_orders_of_customer(std::string_view site_id,
                                                         std::string_view provider,
                                                         std::string_view customer_id,
                                                         std::int64_t from_ms,
                                                         std::int64_t to_ms) override;
  Outcome<std::vector<OrderRow>> earliest_of_subscription(std::string_view site_id,
                                                          std::string_view provider,
                                                          std::string_view subscription_id,
                                                          std::uint32_t limit) override;
  Outcome<std::vector<OrderRow>> earliest_with_ids(std::string_view site_id,
                                                   std::string_view provider, BuyerName name,
                                                   std::string_view value,
                                                   std::uint32_t limit) override;
  Outcome<std::vector<OrderRow>> latest_of_buyer(std::string_view site_id,
                                                 std::string_view provider, const OrderBuyer& buyer,
                                                 bool apart, std::int64_t until_ms,
                                                 std::uint32_t limit) override;
  Outcome<std::vector<OrderRow>> earliest_of_buyer(std::string_view site_id,
                                                   std::string_view provider,
                                                   const OrderBuyer& buyer, bool apart,
                                                   std::int64_t from_ms, std::int64_t until_ms,
                                                   std::uint32_t limit) override;
  Outcome<void> put_order(const OrderRow& order) override;
  Outcome<void> add_alias(std::string_view site_id, std::string_view provider,
                          std::string_view alias, std::string_view order_id) override;
  Outcome<std::vector<std::string>> aliases_of(std::string_view site_id, std::string_view provider,
                                               std::string_view order_id) override;
  Outcome<bool> append_change(const OrderChangeRow& change) override;
  Outcome<std::vector<OrderChangeRow>> changes_of(std::string_view site_id,
                                                  std::string_view provider,
                                                  std::string_view order_id) override;
  Outcome<void> move_change(const OrderChangeRow& from, const OrderChangeRow& to) override;
  Outcome<void> remove_order(std::string_view site_id, const OrderKey& order) override;
  Outcome<Page<OrderRow>> list_orders(const ListQuery& query,
                                      std::optional<OrderState> state) override;

  Outcome<bool> insert_conversion(const ConversionRow& conversion) override;
  Outcome<std::optional<ConversionRow>> find_conversion(std::string_view site_id,
                                                        const Id128& id) override;
  Outcome<std::optional<ConversionRow>> find_conversion_of_order(std::string_view site_id,
                                                                 std::string_view provider,
                                                                 std::string_view order_id,
                                                                 std::string_view kind) override;
  Outcome<void> put_conversion(const ConversionRow& conversion) override;
  Outcome<void> remove_conversion(std::string_view site_id, const Id128& id) override;
  Outcome<std::vector<ConversionRow>> conversions_of_session(std::string_view site_id,
                                                             const Id128& session_id) override;
  Outcome<std::vector<ConversionRow>> conversions_of_checkout(std::string_view site_id,
                                                              const Id128& anonymous_id,
                                                              std::int64_t started_ms) override;
  Outcome<std::optional<std::int64_t>> newest_of_visitor(const ConversionRow& conversion,
                                                         std::string_view kind,
                                                         const Id128& anonymous_id) override;
  Outcome<std::optional<std::int64_t>> newest_of_contact(const ConversionRow& conversion,
                                                         std::string_view kind,
                                                         const ContactRef& contact) override;
  Outcome<std::vector<ConversionRow>> conversions_of_visitor(std::string_view site_id,
                                                             const Id128& anonymous_id) override;
  Outcome<void> put_keys(std::string_view site_id, const Id128& conversion_id,
                         std::int64_t occurred_ms, const std::vector<std::string>& keys) override;
  Outcome<std::vector<Id128>> conversions_by_key(std::string_view site_id, const std::string& key,
                                                 std::int64_t from_ms) override;
  Outcome<std::vector<ConversionRow>> first_purchases_of_customer(std::string_view site_id,
                                                                  const Digest& customer) override;
  Outcome<Page<ConversionRow>> list_conversions(const ListQuery& query,
                                                const ConversionFilter& filter) override;

  Outcome<void> put_credits(std::string_view site_id, const Id128& conversion_id,
                            const std::vector<CreditRow>& credits) override;
  Outcome<std::vector<CreditRow>> credits_of(std::string_view site_id,
                                             const Id128& conversion_id) override;

 private:
  // The providers of a site that have aliases; few.
  std::vector<std::string> alias_providers(std::string_view site_id);

  Connection& connection_;
  const SecretBox& box_;
};

}  // namespace tl::server::sqlite
