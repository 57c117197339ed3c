// SPDX-License-Identifier: Apache-2.0
// A provider that its description says all of: signature, where things stand, which event means
// what. One that needs a step of its own derives from this.
#pragma once

#include "server/core/orders/payment_description.hpp"
#include "server/core/ports/provider.hpp"

#include <nlohmann/json_fwd.hpp>

#include <memory>

namespace tl::server {

class DescribedProvider : public Provider {
 public:
  explicit DescribedProvider(PaymentDescription description)
      : description_(std::move(description)) {}

  [[nodiscard]] std::string_view name() const override { return description_.name; }
  [[nodiscard]] int refusal_status() const override { return description_.refusal_status; }
  [[nodiscard]] ConfigComplaint complaint(const PaymentConfig& config,
                                          std::int64_t now_ms) const override;
  Outcome<std::vector<OrderChange>> read(const WebhookRequest& request, const PaymentConfig& config,
                                         const SiteConfig& site) const override;
  Outcome<std::vector<OrderChange>> read_fetched(const WebhookRequest& request,
                                                 const PaymentConfig& config,
                                                 const SiteConfig& site) const override;
  [[nodiscard]] std::string event_key(const WebhookRequest& request,
                                      const PaymentConfig& config) const override;
  [[nodiscard]] std::string given_secret(const WebhookRequest& request,
                                         const PaymentConfig& config) const override;

 protected:
  [[nodiscard]] virtual const PaymentDescription& description(
      const PaymentConfig& /*config*/) const {
    return description_;
  }

 private:
  PaymentDescription description_;
};

// The body by the description's content. Discarded when it is no JSON.
nlohmann::json described_body(const PaymentDescription& description, const WebhookRequest& request);
// What a request whose sender is proven means.
// Errors: invalid (malformed_body): nothing in it makes sense.
Outcome<std::vector<OrderChange>> read_described(const PaymentDescription& description,
                                                 const nlohmann::json& body,
                                                 const WebhookRequest& request,
                                                 const PaymentConfig& config,
                                                 const SiteConfig& site);

inline std::unique_ptr<Provider> described(PaymentDescription description) {
  return std::make_unique<DescribedProvider>(std::move(description));
}

}  // namespace tl::server
