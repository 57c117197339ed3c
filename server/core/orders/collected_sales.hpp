// SPDX-License-Identifier: Apache-2.0
// Shops whose orders name the charge at Stripe that paid them: where the site's own Stripe account
// tells it too, both are one sale, which is the shop's. Both may tell what was given back, so of
// their refunds the greater sum counts. Facts: payments, 13 and 15.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tl::server {

inline constexpr std::string_view kCollector = "stripe";
inline constexpr std::array<std::string_view, 2> kShops = {"donorbox", "woocommerce"};
// The shop's word on the amount goes before Stripe's (OrderChange::amount_rank).
inline constexpr std::uint8_t kShopRank = 5;

inline bool is_shop(std::string_view provider) {
  return std::find(kShops.begin(), kShops.end(), provider) != kShops.end();
}

// A charge or payment intent: what both tell of a sale.
inline bool is_charge(std::string_view reference) {
  return reference.starts_with("ch_") || reference.starts_with("py_") ||
         reference.starts_with("pi_");
}

// Who else may tell of the sale with that reference. A shop that owns a sale has all of Stripe's
// names of it; of a shop's own names Stripe knows the charge alone.
inline std::vector<std::string_view> others_told(std::string_view provider,
                                                 std::string_view reference) {
  if (provider == kCollector) return {kShops.begin(), kShops.end()};
  if (is_shop(provider) && is_charge(reference)) return {kCollector};
  return {};
}

}  // namespace tl::server
