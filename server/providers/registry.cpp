// SPDX-License-Identifier: Apache-2.0
#include "server/providers/registry.hpp"

#include "server/providers/described_api.hpp"
#include "server/providers/stripe.hpp"
#include "server/providers/stripe_checkout.hpp"

#include <memory>

namespace tl::server {

#define TL_PROVIDER(name) std::unique_ptr<Provider> make_##name();
#include "server/providers/provider_list.inc"
#undef TL_PROVIDER
#define TL_PROVIDER_API(name) ApiDescription name##_api();
#include "server/providers/provider_api_list.inc"
#undef TL_PROVIDER_API

namespace {

const std::vector<std::unique_ptr<Provider>>& providers() {
  static const auto all = [] {
    std::vector<std::unique_ptr<Provider>> list;
    list.push_back(std::make_unique<Stripe>());
#define TL_PROVIDER(name) list.push_back(make_##name());
#include "server/providers/provider_list.inc"
#undef TL_PROVIDER
    return list;
  }();
  return all;
}

const std::vector<std::unique_ptr<ProviderApi>>& provider_apis() {
  static const auto all = [] {
    std::vector<std::unique_ptr<ProviderApi>> list;
#define TL_PROVIDER_API(name) \
  list.push_back(std::make_unique<DescribedApi>(*find_provider(#name), name##_api()));
#include "server/providers/provider_api_list.inc"
#undef TL_PROVIDER_API
    return list;
  }();
  return all;
}

}  // namespace

const Provider* find_provider(std::string_view name) {
  const std::string_view wanted = name.starts_with("custom_") ? "custom" : name;
  for (const auto& provider : providers())
    if (provider->name() == wanted) return provider.get();
  return nullptr;
}

const CheckoutMaker* find_checkout_maker(std::string_view name) {
  static const StripeCheckout stripe;
  return name == stripe.name() ? &stripe : nullptr;
}

const ProviderApi* find_provider_api(std::string_view name) {
  for (const auto& api : provider_apis())
    if (api->name() == name) return api.get();
  return nullptr;
}

std::vector<std::string> provider_api_names() {
  std::vector<std::string> names;
  for (const auto& api : provider_apis()) names.emplace_back(api->name());
  return names;
}

std::vector<std::string> provider_names() {
  std::vector<std::string> names;
  for (const auto& provider : providers()) names.emplace_back(provider->name());
  return names;
}

}  // namespace tl::server
