// SPDX-License-Identifier: Apache-2.0
#include "server/providers/stripe_money.hpp"

#include "server/core/orders/currency.hpp"

#include <array>

namespace tl::server {
namespace {

// UGX stands in Stripe's zero-decimal list too; the text about its special case wins.
constexpr std::array<std::string_view, 15> kWhole = {"BIF", "CLP", "DJF", "GNF", "JPY",
                                                     "KMF", "KRW", "MGA", "PYG", "RWF",
                                                     "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::array<std::string_view, 5> kThousandths = {"BHD", "JOD", "KWD", "OMR", "TND"};

int stripe_exponent(std::string_view currency) {
  for (const auto code : kWhole)
    if (code == currency) return 0;
  for (const auto code : kThousandths)
    if (code == currency) return 3;
  return 2;
}

}  // namespace

std::optional<std::int64_t> from_stripe_amount(std::int64_t amount, std::string_view currency) {
  return shift_amount(amount, currency_exponent(currency) - stripe_exponent(currency));
}

std::optional<std::int64_t> to_stripe_amount(std::int64_t amount_minor, std::string_view currency) {
  const int shift = stripe_exponent(currency) - currency_exponent(currency);
  const auto charged = shift_amount(amount_minor, shift);
  if (!charged || shift_amount(*charged, -shift) != amount_minor) return std::nullopt;
  if (currency_exponent(currency) == 3 && *charged % 10 != 0) return std::nullopt;
  return charged;
}

}  // namespace tl::server
