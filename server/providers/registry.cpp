// SPDX-License-Identifier: Apache-2.0
#include "server/providers/registry.hpp"

#include "server/providers/stripe.hpp"
#include "server/providers/stripe_checkout.hpp"

#include <array>

namespace tl::server {
namespace {

const auto& providers() {
  static const Stripe stripe;
  static const std::array<const Provider*, 1> all = {&stripe};
  return all;
}

}  // namespace

const Provider* find_provider(std::string_view name) {
  for (const Provider* provider : providers())
    if (provider->name() == name) return provider;
  return nullptr;
}

const CheckoutMaker* find_checkout_maker(std::string_view name) {
  static const StripeCheckout stripe;
  return name == stripe.name() ? &stripe : nullptr;
}

std::vector<std::string> provider_names() {
  std::vector<std::string> names;
  for (const Provider* provider : providers()) names.emplace_back(provider->name());
  return names;
}

}  // namespace tl::server
