// SPDX-License-Identifier: Apache-2.0
// One thing that was told about an order, as it is kept in order_change.detail (JSON): contacts as
// hashes only. An order's row is a pure function of its facts (order_fold.hpp), so the order of
// arrival never matters and every row can be rebuilt.
#pragma once

#include "server/core/config.hpp"
#include "server/core/ports/order_store.hpp"
#include "server/core/ports/provider.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tl::server {

struct OrderFact {
  OrderChange::Kind kind = OrderChange::Kind::enrich;
  std::string change_key, event_type;
  std::string teller;                // the provider whose fact it is; empty: the site's own server
  std::string order_id;              // the sale key that this event knew
  std::vector<std::string> aliases;  // and its other names of the sale
  std::int64_t occurred_ms = 0;
  std::int64_t changed_ms = 0;   // of an amount: OrderChange::changed_ms, the latest it was told at
  std::int64_t recorded_ms = 0;  // when it was told here: of the row, not of its detail
  std::int64_t retold_ms = 0;    // and last again, of an amount of which nobody says since when
  std::int64_t amount_minor = 0;
  std::string currency;
  std::string part_id;  // empty: the amount is the whole sale's
  std::uint8_t rank = 0;
  std::optional<std::string> refund_id;
  std::optional<std::int64_t> refund_amount_minor, refunded_total_minor, begun_ms;
  std::string refund_status;
  std::optional<RefundList> listed_refunds;
  // When the list was told again last, unchanged: occurred_ms and told_ms of that.
  using ListMoment = std::pair<std::int64_t, std::int64_t>;
  std::optional<ListMoment> listed_until;
  DisputeState dispute = DisputeState::none;
  SubscriptionRole subscription = SubscriptionRole::none;
  SaleHalf half = SaleHalf::unsaid;
  std::optional<std::int64_t> half_made_ms;
  bool live = true;
  bool is_erased =
      false;  // of a buyer who was erased (core/privacy/erasure.hpp): nobody's, and stays so
  std::optional<Id128> anonymous_id, session_id;
  std::optional<std::int64_t> checkout_started_ms;
  std::string coarse;  // what of a coarse hand-over the site permits
  std::optional<Digest> email_hash, phone_hash;
  std::int64_t email_told_ms = 0;       // where it was told later than the rest
  std::vector<std::string> unreadable;  // contacts that were told and are none: email, phone
  std::string user_id, customer, items = "[]", customer_id, subscription_id, self_reported;
  Consent stated_consent;
  std::optional<Digest> digest;  // of the request, where the site's own server said it
  // The refund that this fact made count: the event id under which destinations hear of it. 0: what
  // had been told of came back, or went again, or the amount changed, which only those hear of that
  // restate sales.
  std::optional<Id128> refund_event_id;
  std::int64_t refund_event_minor = 0;
  std::vector<Id128> restated_ids;  // under which those hear of its amount that counts once more
  [[nodiscard]] bool is_stated() const { return digest.has_value(); }
  // Of a list of refunds: when it was told first, and last.
  [[nodiscard]] ListMoment listed_first_at() const {
    return {occurred_ms, listed_refunds ? listed_refunds->told_ms : 0};
  }
  [[nodiscard]] ListMoment listed_last_at() const {
    return listed_until.value_or(listed_first_at());
  }
};

// Hashes the contacts. National phone numbers are read by the customer's country, else the site's.
OrderFact fact_of(const OrderChange& change, const SiteConfig& site);
// The customer's country for phone numbers: as given, else the site's default.
std::string phone_country(const CustomerDetails& customer, const SiteConfig& site);
// "email", "phone": what is no e-mail address, or cannot be read as a number. The sale counts
// without it, and whoever told it is told.
std::vector<std::string> unreadable_contacts(const CustomerDetails& customer,
                                             const SiteConfig& site);

// By e-mail, phone, user id.
std::vector<ContactRef> contacts_of(const OrderFact& fact);

// Takes the buyer out of a fact that is told after the buyer was erased.
void make_nobodys(OrderFact& fact);

// The row's place in the ledger (order id, delta, recorded time) is the caller's.
OrderChangeRow change_row(const OrderFact& fact);
OrderFact read_fact(const OrderChangeRow& row);

}  // namespace tl::server
