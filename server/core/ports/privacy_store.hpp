// SPDX-License-Identifier: Apache-2.0
// What belongs to a person, over all tables: found, and rewritten so that it is nobody's any more
// (server/core/privacy/erasure.hpp); the receipts of that; what may not be kept any longer. Errors
// everywhere: unavailable (store_unavailable).
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/ports/order_store.hpp"
#include "server/core/ports/rollup_store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tl::server {

struct NumberedChange {
  std::int64_t number = 0;
  OrderChangeRow row;
};
struct NumberedInboxEntry {
  std::int64_t number = 0;
  InboxEntry entry;  // headers_json and body empty when they were scrubbed or cannot be opened
};
struct NumberedReceipt {
  std::int64_t number = 0;
  ConsentReceipt receipt;
  Digest subject{}, previous_hash{}, hash{};
};

// What stands in place of what is erased.
struct Renames {
  using Ids = std::vector<std::pair<Id128, Id128>>;
  Ids visitors, sessions, events;
  struct Contact {
    ContactRef before;
    Digest after{};
    std::string user_id;  // of kind user_id: the text whose hash `after` is
  };
  std::vector<Contact> contacts;
};

struct ErasureReceipt {
  std::string site_id;
  std::int64_t number = 0, t_ms = 0, epoch = 0;
  std::vector<Digest> pseudonyms;
  std::string counts;  // JSON
};

struct ErasureKey {
  std::int64_t epoch = 0;
  Digest key{};
};

// What retention takes away (server/core/privacy/retention.hpp).
enum class RetainedKind : std::uint8_t {
  visits,  // contents of sessions, events and touches, a session at a time
  webhook_bodies,
  delivery_answers,
  coarse_counts,
  consent_receipts,
  audit_entries,
  click_ids,      // a session at a time
  contacts,       // and the claims of visitors, a session at a time
  consent_states  // of visitors a session at a time, and of ids that never had one
};

// How fine a row of the day sums is.
enum class CountedBy : std::uint8_t { campaign, landing_page };

// The tables that hold sealed texts, and one of their rows.
enum class SealedTable : std::uint8_t { session_context, contact, webhook_inbox, delivery, reject };
struct SealedKey {
  std::string site_id;
  std::int64_t number = 0;
  std::string first, second;  // ids or hashes as bytes
};
struct ResealedPage {
  SealedKey last;
  std::uint32_t rows = 0, resealed = 0, unreadable = 0;
};

class PrivacyStore {
 public:
  virtual ~PrivacyStore() = default;

  // Sessions of a visitor, and the aliases that lead to them.
  virtual Outcome<std::vector<Id128>> sessions_of(std::string_view site_id,
                                                  const Id128& visitor) = 0;
  // Ids of a visitor's events and touches, each once, ascending.
  virtual Outcome<std::vector<Id128>> events_of(std::string_view site_id, const Id128& visitor) = 0;
  // The ledger and the inbox (unsealed) in pages, by number.
  virtual Outcome<std::vector<NumberedChange>> changes_after(std::string_view site_id,
                                                             std::int64_t number,
                                                             std::uint32_t limit) = 0;
  virtual Outcome<std::vector<NumberedInboxEntry>> inbox_after(std::string_view site_id,
                                                               std::int64_t number,
                                                               std::uint32_t limit) = 0;
  // The receipts in pages as they were said: of after that time, and at it behind that id.
  virtual Outcome<std::vector<NumberedReceipt>> receipts_after(std::string_view site_id,
                                                               std::int64_t t_ms, const Id128& id,
                                                               std::uint32_t limit) = 0;
  virtual Outcome<std::vector<NumberedReceipt>> receipts_of(std::string_view site_id,
                                                            const Id128& visitor) = 0;
  // How many visitors stand in that day's row of the source.
  virtual Outcome<std::int64_t> count_visitors(std::string_view site_id, int day,
                                               const TrafficSource& source, CountedBy by) = 0;
  virtual Outcome<std::vector<std::string>> event_names_of(std::string_view site_id,
                                                           const Id128& visitor) = 0;
  // Every anonymous id and every contact that anything names, each once.
  virtual Outcome<std::vector<Id128>> all_visitors(std::string_view site_id) = 0;
  virtual Outcome<std::vector<ContactRef>> all_contacts(std::string_view site_id) = 0;

  // Puts the new ids and hashes where the old ones stand and empties what else tells of the person:
  // pages, titles, properties, click ids, device, place; contexts and contacts go. What touches are
  // counted under stays (put_place), as do conversions' snapshots and keys, which are derived.
  virtual Outcome<void> rename(std::string_view site_id, const Renames& renames) = 0;
  // A touch's source, medium, campaign, content and landing path.
  virtual Outcome<void> put_place(const TouchRow& touch) = 0;
  virtual Outcome<void> rename_events(std::string_view site_id, const Id128& visitor,
                                      const std::string& name, const std::string& new_name) = 0;
  // A touch's click ids and evidence, an event's URL.
  virtual Outcome<void> put_evidence(const TouchRow& touch) = 0;
  virtual Outcome<void> put_url(const EventRow& event) = 0;
  // Its key and its detail, where the key was `key_before`.
  virtual Outcome<void> rewrite_change(const OrderChangeRow& change,
                                       const std::string& key_before) = 0;
  virtual Outcome<void> rename_order(std::string_view site_id, const OrderKey& order,
                                     const std::string& order_id) = 0;
  // Wherever it stands beside reports, also in what was told to destinations; a refund's id stands
  // there alone.
  virtual Outcome<void> rename_conversion(std::string_view site_id, const Id128& id,
                                          const Id128& new_id) = 0;
  virtual Outcome<void> remove_alias(std::string_view site_id, const OrderKey& order,
                                     const std::string& alias) = 0;
  virtual Outcome<void> scrub_inbox(std::int64_t number) = 0;
  virtual Outcome<void> remove_delivery(std::int64_t number) = 0;
  // What was sent is forgotten, that it was sent is not.
  virtual Outcome<void> scrub_delivery(std::int64_t number) = 0;

  virtual Outcome<ErasureKey> erasure_key() = 0;
  virtual Outcome<void> put_erasure_key(const ErasureKey& key) = 0;
  // Its number.
  virtual Outcome<std::int64_t> append_erasure(const ErasureReceipt& receipt) = 0;
  virtual Outcome<std::vector<ErasureReceipt>> erasures_after(std::string_view site_id,
                                                              std::int64_t number,
                                                              std::uint32_t limit) = 0;

  // What a visitor's visits hold goes, as when they are too old: pages, titles, properties, click
  // ids, evidence, device and place. Channels, campaigns, times and sums stay.
  virtual Outcome<void> empty_visits_of(std::string_view site_id, const Id128& visitor) = 0;
  // What this work overwrites or removes has to leave the store's files: Store::forget_if_asked.
  virtual void forget_soon() = 0;
  // How many of a site are older than that time and still there; takes away at most about `limit`
  // of them, the oldest first, and returns how many.
  virtual Outcome<std::int64_t> count_expired(std::string_view site_id, RetainedKind kind,
                                              std::int64_t before_ms) = 0;
  virtual Outcome<std::int64_t> remove_expired(std::string_view site_id, RetainedKind kind,
                                               std::int64_t before_ms, std::uint32_t limit) = 0;

  virtual Outcome<std::int64_t> count_sealed(SealedTable table) = 0;
  // The next `limit` rows after that one: those that a previous secret opens are sealed anew.
  virtual Outcome<ResealedPage> reseal(SealedTable table, const SealedKey& after,
                                       std::uint32_t limit) = 0;
};

}  // namespace tl::server
