// SPDX-License-Identifier: Apache-2.0
#include "server/providers/registry.hpp"

#include "server/providers/stripe.hpp"
#include "server/providers/stripe_checkout.hpp"

#include <memory>

namespace tl::server {

#define TL_PROVIDER(name) std::unique_ptr<Provider> make_##name();
#include "server/providers/provider_list.inc"
#undef TL_PROVIDER

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

std::vector<std::string> provider_names() {
  std::vector<std::string> names;
  for (const auto& provider : providers()) names.emplace_back(provider->name());
  return names;
}

}  // namespace tl::server
