// SPDX-License-Identifier: Apache-2.0
// Stripe as a provider. Signature: `Stripe-Signature: t=<s>,v1=<hex>[,v1=…]`, HMAC-SHA256 over
// "<t>.<raw body>", key = the whole secret with its whsec_; 300 s by age only. The last t counts;
// at least one v1; v0 (Stripe's fake scheme for tests) never verifies. As npm stripe 23.1.0 does.
#pragma once

#include "server/core/ports/provider.hpp"

namespace tl::server {

class Stripe final : public Provider {
 public:
  [[nodiscard]] std::string_view name() const override { return "stripe"; }
  Outcome<std::vector<OrderChange>> read(const WebhookRequest& request, const PaymentConfig& config,
                                         const SiteConfig& site) const override;
  Outcome<std::vector<OrderChange>> read_fetched(const WebhookRequest& request,
                                                 const PaymentConfig& config,
                                                 const SiteConfig& site) const override;
  [[nodiscard]] std::string event_key(const WebhookRequest& request,
                                      const PaymentConfig& config) const override;
};

}  // namespace tl::server
