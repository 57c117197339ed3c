// SPDX-License-Identifier: Apache-2.0
// A provider that the site's configuration describes: [site.payment.custom], and more of them as
// [site.payment.custom_NAME].
#include "server/providers/described_provider.hpp"

namespace tl::server {
namespace {

PaymentDescription nothing_described() {
  PaymentDescription custom;
  custom.name = "custom";
  return custom;
}

class CustomProvider final : public DescribedProvider {
 public:
  CustomProvider() : DescribedProvider(nothing_described()) {}

  [[nodiscard]] std::string_view missed_orders_advice() const override {
    return "A provider of your own is known by its webhooks alone: have them sent again, or state "
           "the orders by POST /api/conversions.";
  }
  Outcome<std::vector<OrderChange>> read(const WebhookRequest& request, const PaymentConfig& config,
                                         const SiteConfig& site) const override {
    if (config.custom == nullptr)
      return fail(ErrorKind::unauthenticated, "missing_header",
                  "this site's configuration describes no such provider");
    return DescribedProvider::read(request, config, site);
  }

 protected:
  [[nodiscard]] const PaymentDescription& description(const PaymentConfig& config) const override {
    return config.custom == nullptr ? DescribedProvider::description(config) : *config.custom;
  }
};

}  // namespace

std::unique_ptr<Provider> make_custom() {
  return std::make_unique<CustomProvider>();
}

}  // namespace tl::server
