// SPDX-License-Identifier: Apache-2.0
// The use case "a buyer wants to pay": creates a checkout at the provider for an item that the site
// configured, with the visit's ids on board, and records `checkout_started` in the visit's session.
// The page names the item and, for a free amount within its limits, the amount; never a price.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/config.hpp"
#include "server/core/ingest/session_token.hpp"
#include "server/core/orders/checkout_faults.hpp"
#include "server/core/outbox/event_lane.hpp"
#include "server/core/ports/checkout_maker.hpp"
#include "server/core/ports/http_client.hpp"
#include "server/core/ports/store.hpp"
#include "throughline/checkout.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace tl::server {

struct CheckoutWish {
  std::string item;
  std::optional<std::int64_t> amount_minor;
  std::string currency;  // as the page takes it to be; empty: not said
  std::int64_t quantity = 1;
  std::string email;
  std::string promotion_code, coupon;  // ids at the provider; one of them at most
  std::optional<SessionToken> visit;   // verified; its ids travel only if consent still permits
  // Instead of a visit: what the page's own checkoutStarted() handed over, ids that are a claim
  // like those of a payment link. The page has reported the event itself then.
  std::optional<Handover> claim;
  std::string coarse;  // or, without consent, a coarse token; as the page says it
  // What tells this buyer's click from another's when there is no visit: a page nonce or the
  // request's own id.
  std::string origin;
};

class Checkouts {
 public:
  // Waits between two tries; tests pass one that does not.
  using Pause = std::function<void(std::int64_t ms)>;

  // `tell_fault`: who hears that a provider makes none.
  Checkouts(Store& store, const Clock& clock, HttpClient& client, LaneLookup find_lanes,
            Pause pause, CheckoutFaults::Tell tell_fault = {})
      : store_(store),
        clock_(clock),
        client_(client),
        find_lanes_(std::move(find_lanes)),
        pause_(std::move(pause)),
        faults_(std::move(tell_fault)) {}

  // Two wishes alike within ten seconds (a double click) get the same checkout. Errors: not_found
  // (no_such_item), invalid (bad_amount, bad_quantity, amount_not_allowed), those of
  // CheckoutMaker::read, unavailable.
  Outcome<MadeCheckout> make(const SiteConfig& site, const PaymentConfig& config,
                             const CheckoutMaker& maker, const CheckoutWish& wish);
  [[nodiscard]] const CheckoutFaults& faults() const { return faults_; }

 private:
  std::optional<Handover> permitted_handover(const SiteConfig& site, const CheckoutWish& wish,
                                             std::int64_t started_ms);
  Outcome<void> record_started(const SiteConfig& site, const CheckoutOrder& order,
                               const SessionToken& visit, const MadeCheckout& made);

  Store& store_;
  const Clock& clock_;
  HttpClient& client_;
  LaneLookup find_lanes_;
  Pause pause_;
  CheckoutFaults faults_;
};

}  // namespace tl::server
