// SPDX-License-Identifier: Apache-2.0
// A provider that the site's configuration describes: [site.payment.custom], and more of them as
// [site.payment.custom_NAME].
#include "server/providers/described_provider.hpp"
#include "server/providers/signature_check.hpp"

namespace tl::server {
namespace {

class CustomProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view name() const override { return "custom"; }
  [[nodiscard]] ConfigComplaint complaint(const PaymentConfig& config,
                                          std::int64_t) const override {
    if (config.custom == nullptr) return {};
    return secrets_complaint(config.custom->signatures, config.webhook_secrets);
  }
  Outcome<std::vector<OrderChange>> read(const WebhookRequest& request, const PaymentConfig& config,
                                         const SiteConfig& site) const override {
    if (config.custom == nullptr)
      return fail(ErrorKind::unauthenticated, "missing_header",
                  "this site's configuration describes no such provider");
    return read_webhook(*config.custom, request, config, site);
  }
};

}  // namespace

std::unique_ptr<Provider> make_custom() {
  return std::make_unique<CustomProvider>();
}

}  // namespace tl::server
