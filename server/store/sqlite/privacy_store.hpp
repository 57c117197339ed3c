// SPDX-License-Identifier: Apache-2.0
// PrivacyStore on SQLite: finding (privacy_store.cpp), rewriting (privacy_rewrites.cpp), retention
// (retention_rows.cpp), sealing anew (sealed_rows.cpp).
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/ports/privacy_store.hpp"
#include "server/store/sqlite/connection.hpp"

namespace tl::server::sqlite {

class SqlitePrivacyStore final : public PrivacyStore {
 public:
  SqlitePrivacyStore(Connection& connection, const SecretBox& box)
      : connection_(connection), box_(box) {}

  Outcome<std::vector<Id128>> sessions_of(std::string_view site_id, const Id128& visitor) override;
  Outcome<std::vector<Id128>> events_of(std::string_view site_id, const Id128& visitor) override;
  Outcome<std::vector<NumberedChange>> changes_after(std::string_view site_id, std::int64_t number,
                                                     std::uint32_t limit) override;
  Outcome<std::vector<NumberedInboxEntry>> inbox_after(std::string_view site_id,
                                                       std::int64_t number,
                                                       std::uint32_t limit) override;
  Outcome<std::vector<NumberedReceipt>> receipts_after(std::string_view site_id, std::int64_t t_ms,
                                                       const Id128& id,
                                                       std::uint32_t limit) override;
  Outcome<std::vector<NumberedReceipt>> receipts_of(std::string_view site_id,
                                                    const Id128& visitor) override;
  Outcome<std::int64_t> count_visitors(std::string_view site_id, int day,
                                       const TrafficSource& source, CountedBy by) override;
  Outcome<std::vector<std::string>> event_names_of(std::string_view site_id,
                                                   const Id128& visitor) override;
  Outcome<std::vector<Id128>> all_visitors(std::string_view site_id) override;
  Outcome<std::vector<ContactRef>> all_contacts(std::string_view site_id) override;

  Outcome<void> rename(std::string_view site_id, const Renames& renames) override;
  Outcome<void> put_place(const TouchRow& touch) override;
  Outcome<void> rename_events(std::string_view site_id, const Id128& visitor,
                              const std::string& name, const std::string& new_name) override;
  Outcome<void> put_evidence(const TouchRow& touch) override;
  Outcome<void> put_url(const EventRow& event) override;
  Outcome<void> rewrite_change(const OrderChangeRow& change,
                               const std::string& key_before) override;
  Outcome<void> rename_order(std::string_view site_id, const OrderKey& order,
                             const std::string& order_id) override;
  Outcome<void> rename_conversion(std::string_view site_id, const Id128& id,
                                  const Id128& new_id) override;
  Outcome<void> remove_alias(std::string_view site_id, const OrderKey& order,
                             const std::string& alias) override;
  Outcome<void> scrub_inbox(std::int64_t number) override;
  Outcome<void> remove_delivery(std::int64_t number) override;
  Outcome<void> scrub_delivery(std::int64_t number) override;

  Outcome<ErasureKey> erasure_key() override;
  Outcome<void> put_erasure_key(const ErasureKey& key) override;
  Outcome<std::int64_t> append_erasure(const ErasureReceipt& receipt) override;
  Outcome<std::vector<ErasureReceipt>> erasures_after(std::string_view site_id, std::int64_t number,
                                                      std::uint32_t limit) override;

  Outcome<void> empty_visits_of(std::string_view site_id, const Id128& visitor) override;
  void forget_soon() override { connection_.ask_to_forget(); }
  Outcome<std::int64_t> count_expired(std::string_view site_id, RetainedKind kind,
                                      std::int64_t before_ms) override;
  Outcome<std::int64_t> remove_expired(std::string_view site_id, RetainedKind kind,
                                       std::int64_t before_ms, std::uint32_t limit) override;

  Outcome<std::int64_t> count_sealed(SealedTable table) override;
  Outcome<ResealedPage> reseal(SealedTable table, const SealedKey& after,
                               std::uint32_t limit) override;

 private:
  void rename_visitor(std::string_view site_id, const Id128& visitor);
  void rename_contact(std::string_view site_id, const Renames::Contact& contact);
  void unname_sales(std::string_view site_id, const OrderKey& order);

  Connection& connection_;
  const SecretBox& box_;
};

}  // namespace tl::server::sqlite
