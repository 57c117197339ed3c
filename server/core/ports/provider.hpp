// SPDX-License-Identifier: Apache-2.0
// A payment provider: verifies a webhook over its raw bytes and reads what it means for orders.
// Pure: no store, no network. One file a provider in server/providers/, one line in its registry.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

struct WebhookRequest {
  // Value of the first header of that name (any case), or nullptr.
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::pair<std::string, std::string>> query;  // decoded
  std::string_view body;                                   // raw bytes
  std::int64_t now_ms = 0;
  bool is_proven = false;  // it proved itself when it came, by a secret that is not kept
  // Of a replay whose password or token is kept as a digest alone: whether it was this one.
  std::function<bool(std::string_view secret)> was_given{};
  [[nodiscard]] const std::string* header(std::string_view name) const;
};

struct CustomerDetails {
  std::string email, phone, name, country;  // as the provider gave them
};

struct OrderItem {
  std::string id, name, category;
  std::int64_t quantity = 1;
  std::optional<std::int64_t> price_minor;
};

// Which half of a sale an event is about. Some providers tell of a bill and of the payment that
// settled it in events that name nothing in common (Stripe's invoices and payment intents from
// 2025-03-31 on); the ledger pairs such halves by buyer, amount and time. Bits: what names both is
// whole; a payment whose bill is named waits for that one.
enum class SaleHalf : std::uint8_t {
  unsaid = 0,
  bill = 1,
  payment = 2,
  whole = 3,
  named_payment = 6
};

inline constexpr std::uint8_t kPaymentRank = 2;

// All refunds that a sale has at some time, where the provider lists them.
struct RefundList {
  std::vector<std::string> ids;
  std::int64_t told_ms = 0;  // of lists of one moment the one that came last is the later one
};

// One fact about one order, as far as a single webhook tells it.
struct OrderChange {
  enum class Kind : std::uint8_t {
    ignored = 0,
    pending,
    purchase,
    failed,
    refund,
    dispute,
    dispute_closed,
    enrich,
    lookup,     // names in order_id what only the provider's API tells
    unreadable  // a part of a delivery that makes no sense while others do; never in the ledger
  };
  Kind kind = Kind::ignored;
  std::string reason;  // for ignored: unknown_type, secondary_event, payment_failed …
  // Of what is unreadable, with its code as the reason: what is wrong, the body that brings it
  // without the delivery's other events, and which of them it is, from 1 on.
  std::string complaint, body;
  std::uint32_t place = 0;
  std::string event_key, event_type;
  std::string change_key;  // the same fact told twice, in whatever event, has the same key
  std::string order_id;    // the best sale key in this event; may become an alias later
  std::vector<std::string> aliases;
  std::int64_t amount_minor = 0;
  std::string currency;          // ISO 4217, upper case
  std::string part_id;           // of one of several payments of the sale, whose amounts add up
  std::uint8_t amount_rank = 0;  // kShopRank > session 4 > invoice 3 > kPaymentRank > charge 1
  std::optional<std::string> refund_id;
  std::optional<std::int64_t> refund_amount_minor;   // of this one refund
  std::optional<std::int64_t> refunded_total_minor;  // cumulative
  std::optional<std::int64_t> begun_ms;              // of this refund or dispute, where it is said
  std::string refund_status;                         // pending, succeeded, failed, canceled
  std::optional<RefundList> listed_refunds;
  DisputeState dispute = DisputeState::none;
  SubscriptionRole subscription = SubscriptionRole::none;
  SaleHalf half = SaleHalf::unsaid;
  // When the bill was made final, or the payment that may settle it was begun.
  std::optional<std::int64_t> half_made_ms;
  bool live = true;
  bool tells_live = true;  // false: `live` is what the configuration says
  bool is_proven = true;   // false: anybody could have sent it; of look-ups, which ask the provider
  std::int64_t occurred_ms = 0;
  std::int64_t changed_ms = 0;  // since when this is the provider's word on the amount; 0: unsaid
  std::optional<Id128> anonymous_id, session_id;
  std::optional<std::int64_t> checkout_started_ms;
  std::string coarse;  // a coarse hand-over as it came (throughline/coarse_handover.hpp)
  CustomerDetails customer;
  std::string customer_id, subscription_id;
  std::vector<OrderItem> items;
};

// Of a payment that nothing but its order, its worth and its part name.
inline std::string purchase_key(const OrderChange& change) {
  const std::string key =
      change.event_type + ":" + change.order_id + ":" + std::to_string(change.amount_minor);
  return change.part_id.empty() ? key : key + ":" + change.part_id;
}

// What is wrong with a configuration; each sentence begins with the setting's name, "": nothing.
struct ConfigComplaint {
  std::string error;  // no webhook could ever prove itself
  std::string doubt;  // permitted, and hardly meant or soon to fail
};

// What a delivery that names itself nowhere is called.
std::string body_key(std::string_view body);

class Provider {
 public:
  virtual ~Provider() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // Of what webhooks prove themselves by. `now_ms` matters to doubts only.
  [[nodiscard]] virtual ConfigComplaint complaint(const PaymentConfig& /*config*/,
                                                  std::int64_t /*now_ms*/) const {
    return {};
  }
  // HTTP status that tells the provider that a delivery does not prove itself.
  [[nodiscard]] virtual int refusal_status() const { return 401; }
  // The body of a 200, where the provider wants another one than our JSON.
  [[nodiscard]] virtual std::string_view receipt() const { return {}; }
  // What to do about missed orders, where there is no list of them to import (provider_api.hpp).
  [[nodiscard]] virtual std::string_view missed_orders_advice() const { return {}; }
  // Where each item of a delivery proves itself: the bodies that would bring them one by one, each
  // to be read, kept or refused for itself. Empty: the body is one whole.
  [[nodiscard]] virtual std::vector<std::string> items_of(std::string_view /*body*/) const {
    return {};
  }
  // What a delivery is called, the same whenever it is sent again, whether or not it makes sense.
  [[nodiscard]] virtual std::string event_key(const WebhookRequest& request,
                                              const PaymentConfig& config) const;
  // The password or token that came with it, where that is all that proves a delivery; or "".
  [[nodiscard]] virtual std::string given_secret(const WebhookRequest& /*request*/,
                                                 const PaymentConfig& /*config*/) const {
    return {};
  }
  // What is unreadable comes last and not alone; the rest is kept without it. Errors:
  // unauthenticated (bad_signature, stale_timestamp, missing_header, malformed_header), invalid
  // (malformed_body).
  virtual Outcome<std::vector<OrderChange>> read(const WebhookRequest& request,
                                                 const PaymentConfig& config,
                                                 const SiteConfig& site) const = 0;
  // The same without a signature: of a body made of what the provider's own API answered
  // (provider_api.hpp).
  virtual Outcome<std::vector<OrderChange>> read_fetched(const WebhookRequest& request,
                                                         const PaymentConfig& config,
                                                         const SiteConfig& site) const {
    return read(request, config, site);
  }
};

}  // namespace tl::server
