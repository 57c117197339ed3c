// SPDX-License-Identifier: Apache-2.0
// Webhook inbox, order ledger, conversions and credits.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/records.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tl::server {

// The provider name of what the site's own server states.
inline constexpr std::string_view kStatedProvider = "api";
// And of leads and their later stages, which nobody names (leads.hpp).
inline constexpr std::string_view kLeadProvider = "lead";

struct OrderKey {
  std::string provider, order_id;
  bool operator==(const OrderKey&) const = default;
};

struct InboxEntry {
  std::string site_id, provider, event_key, event_type;
  std::int64_t received_ms = 0;
  bool live = true;
  std::string headers_json, body;  // sealed by the implementation
  bool is_scrubbed = false;        // neither is kept: the buyer was erased
  std::string result, order_id;
};

struct OrderChangeRow {
  std::string site_id, provider, order_id, change_key;
  OrderChangeKind kind = OrderChangeKind::paid;
  std::int64_t t_ms = 0, recorded_ms = 0, delta_minor = 0;
  std::string currency, detail;  // detail: JSON
};

// Empty: any. `form` and `stage` are of leads: the form that was sent, and how far they have come.
struct ConversionFilter {
  std::string kind, form, stage;
};

// What names a buyer at a provider.
enum class BuyerName : std::uint8_t { subscription, customer };

// Whose orders: a customer id at the provider, the anonymous id that they carry, or the hash of an
// e-mail address.
using OrderBuyer = std::variant<std::string, Id128, Digest>;

class OrderStore {
 public:
  virtual ~OrderStore() = default;

  // The earlier result when the delivery key was seen before (its counter goes up), else none.
  virtual Outcome<std::optional<InboxEntry>> receive(const InboxEntry& entry) = 0;
  // The result, the order and whether it is scrubbed.
  virtual Outcome<void> set_inbox_result(const InboxEntry& entry) = 0;

  // Of a site with rows of before described providers had names of their own: whose `custom` is,
  // "" where nobody has said so yet. Set to "", nobody's: none from then on.
  virtual Outcome<std::optional<std::string>> custom_owner(std::string_view site_id) = 0;
  virtual Outcome<void> set_custom_owner(std::string_view site_id, std::string_view provider) = 0;

  virtual Outcome<std::optional<OrderRow>> find_order(std::string_view site_id,
                                                      std::string_view provider,
                                                      std::string_view order_id_or_alias) = 0;
  // Those that told of orders, and the site's own server if it did.
  virtual Outcome<std::vector<std::string>> providers(std::string_view site_id) = 0;
  // Whether any order of the provider has a name, its own or another, from `first` up to before
  // `end`.
  virtual Outcome<bool> has_names_from(std::string_view site_id, std::string_view provider,
                                       std::string_view first, std::string_view end) = 0;
  // Whether any order of the provider is that buyer's.
  virtual Outcome<bool> has_orders_of(std::string_view site_id, std::string_view provider,
                                      BuyerName name, std::string_view value) = 0;
  // Any provider: for /api/order-event.
  virtual Outcome<std::optional<OrderRow>> find_order_by_reference(std::string_view site_id,
                                                                   std::string_view reference) = 0;
  // Paid orders of one customer that were paid from `from_ms` up to and including `to_ms`, by time.
  virtual Outcome<std::vector<OrderRow>> paid_orders_of_customer(std::string_view site_id,
                                                                 std::string_view provider,
                                                                 std::string_view customer_id,
                                                                 std::int64_t from_ms,
                                                                 std::int64_t to_ms) = 0;
  // The earliest paid live orders of one subscription, by (time, order id); at most `limit`.
  virtual Outcome<std::vector<OrderRow>> earliest_of_subscription(std::string_view site_id,
                                                                  std::string_view provider,
                                                                  std::string_view subscription_id,
                                                                  std::uint32_t limit) = 0;
  // The earliest paid live orders of one buyer that carry ids, likewise.
  virtual Outcome<std::vector<OrderRow>> earliest_with_ids(std::string_view site_id,
                                                           std::string_view provider,
                                                           BuyerName name, std::string_view value,
                                                           std::uint32_t limit) = 0;
  // Paid live orders of one buyer, those that no subscription names and that renew none (`apart`)
  // or the others: the latest up to and including then, latest first; the earliest of a time, both
  // ends in it.
  virtual Outcome<std::vector<OrderRow>> latest_of_buyer(std::string_view site_id,
                                                         std::string_view provider,
                                                         const OrderBuyer& buyer, bool apart,
                                                         std::int64_t until_ms,
                                                         std::uint32_t limit) = 0;
  virtual Outcome<std::vector<OrderRow>> earliest_of_buyer(
      std::string_view site_id, std::string_view provider, const OrderBuyer& buyer, bool apart,
      std::int64_t from_ms, std::int64_t until_ms, std::uint32_t limit) = 0;
  virtual Outcome<void> put_order(const OrderRow& order) = 0;
  virtual Outcome<void> add_alias(std::string_view site_id, std::string_view provider,
                                  std::string_view alias, std::string_view order_id) = 0;
  virtual Outcome<std::vector<std::string>> aliases_of(std::string_view site_id,
                                                       std::string_view provider,
                                                       std::string_view order_id) = 0;
  // false when the change key was there already.
  virtual Outcome<bool> append_change(const OrderChangeRow& change) = 0;
  virtual Outcome<std::vector<OrderChangeRow>> changes_of(std::string_view site_id,
                                                          std::string_view provider,
                                                          std::string_view order_id) = 0;
  // Puts a change under the order, with the delta and detail, of `to`. One whose key is taken there
  // gets a key of its own, so that no delta is lost.
  virtual Outcome<void> move_change(const OrderChangeRow& from, const OrderChangeRow& to) = 0;
  // The row and its aliases, once its changes belong to other orders.
  virtual Outcome<void> remove_order(std::string_view site_id, const OrderKey& order) = 0;
  virtual Outcome<Page<OrderRow>> list_orders(const ListQuery& query,
                                              std::optional<OrderState> state) = 0;

  virtual Outcome<bool> insert_conversion(const ConversionRow& conversion) = 0;  // false: was there
  // By its id or by the event id of one of its refunds (an alias of the order).
  virtual Outcome<std::optional<ConversionRow>> find_conversion(std::string_view site_id,
                                                                const Id128& id) = 0;
  virtual Outcome<std::optional<ConversionRow>> find_conversion_of_order(std::string_view site_id,
                                                                         std::string_view provider,
                                                                         std::string_view order_id,
                                                                         std::string_view kind) = 0;
  // Amount correction, late join. Errors: bug (conversion_lost) without one of that id; unavailable
  // when its order has another conversion of that kind.
  virtual Outcome<void> put_conversion(const ConversionRow& conversion) = 0;
  // Two conversions turned out to be one: removes this one and its credits.
  virtual Outcome<void> remove_conversion(std::string_view site_id, const Id128& id) = 0;
  virtual Outcome<std::vector<ConversionRow>> conversions_of_session(std::string_view site_id,
                                                                     const Id128& session_id) = 0;
  virtual Outcome<std::vector<ConversionRow>> conversions_of_visitor(std::string_view site_id,
                                                                     const Id128& anonymous_id) = 0;
  // Of the visitor, those that began with that checkout.
  virtual Outcome<std::vector<ConversionRow>> conversions_of_checkout(std::string_view site_id,
                                                                      const Id128& anonymous_id,
                                                                      std::int64_t started_ms) = 0;
  // When the newest other live conversion of that kind happened up to this one: one that was
  // matched to the visitor, or proves the contact.
  virtual Outcome<std::optional<std::int64_t>> newest_of_visitor(const ConversionRow& conversion,
                                                                 std::string_view kind,
                                                                 const Id128& anonymous_id) = 0;
  virtual Outcome<std::optional<std::int64_t>> newest_of_contact(const ConversionRow& conversion,
                                                                 std::string_view kind,
                                                                 const ContactRef& contact) = 0;
  // Files a conversion under these keys and no others (late_evidence.hpp).
  virtual Outcome<void> put_keys(std::string_view site_id, const Id128& conversion_id,
                                 std::int64_t occurred_ms,
                                 const std::vector<std::string>& keys) = 0;
  // In (time, id) order: those that occurred at or after `from_ms`, or that matched nobody yet.
  virtual Outcome<std::vector<Id128>> conversions_by_key(std::string_view site_id,
                                                         const std::string& key,
                                                         std::int64_t from_ms) = 0;
  // The earliest purchase of who bought, and those that are marked as a new customer's.
  virtual Outcome<std::vector<ConversionRow>> first_purchases_of_customer(
      std::string_view site_id, const Digest& customer) = 0;
  // Newest first.
  virtual Outcome<Page<ConversionRow>> list_conversions(const ListQuery& query,
                                                        const ConversionFilter& filter) = 0;
  Outcome<Page<ConversionRow>> list_conversions(const ListQuery& query) {
    return list_conversions(query, {});
  }

  // Replaces all credits of the conversion.
  virtual Outcome<void> put_credits(std::string_view site_id, const Id128& conversion_id,
                                    const std::vector<CreditRow>& credits) = 0;
  virtual Outcome<std::vector<CreditRow>> credits_of(std::string_view site_id,
                                                     const Id128& conversion_id) = 0;
};

}  // namespace tl::server
