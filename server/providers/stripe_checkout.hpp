// SPDX-License-Identifier: Apache-2.0
// Stripe Checkout Sessions: POST /v1/checkout/sessions, form-encoded. The ids stand in the metadata
// of the session and, because Stripe copies nothing, again in that of its payment intent or
// subscription, and packed in client_reference_id. No Stripe-Version: the account's own counts.
// Sources: Stripe API reference "Create a Checkout Session", "Idempotent requests", npm
// stripe 23.1.0 (which answers are repeated), 2026-11; facts: payments, section 4.
#pragma once

#include "server/core/ports/checkout_maker.hpp"

namespace tl::server {

class StripeCheckout final : public CheckoutMaker {
 public:
  [[nodiscard]] std::string_view name() const override { return "stripe"; }
  Outcome<OutgoingRequest> request(const CheckoutOrder& order,
                                   const PaymentConfig& config) const override;
  [[nodiscard]] bool may_repeat(const OutgoingAnswer& answer) const override;
  Outcome<MadeCheckout> read(const OutgoingAnswer& answer) const override;
};

}  // namespace tl::server
