// SPDX-License-Identifier: Apache-2.0
#include "server/providers/stripe_money.hpp"

#include "server/core/currency.hpp"

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

std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

std::optional<std::int64_t> times(std::int64_t amount, std::int64_t factor) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(amount, factor, &product)) return std::nullopt;
  return product;
}

}  // namespace

std::optional<std::int64_t> from_stripe_amount(std::int64_t amount, std::string_view currency) {
  const int shift = currency_exponent(currency) - stripe_exponent(currency);
  if (shift >= 0) return times(amount, power_of_ten(shift));
  const std::int64_t divisor = power_of_ten(-shift);
  const std::int64_t rest = amount % divisor;
  std::int64_t quotient = amount / divisor;
  if (rest * 2 >= divisor) ++quotient;
  if (rest * 2 <= -divisor) --quotient;
  return quotient;
}

std::optional<std::int64_t> to_stripe_amount(std::int64_t amount_minor, std::string_view currency) {
  const int shift = stripe_exponent(currency) - currency_exponent(currency);
  if (shift >= 0) return times(amount_minor, power_of_ten(shift));
  const std::int64_t divisor = power_of_ten(-shift);
  if (amount_minor % divisor != 0) return std::nullopt;
  return amount_minor / divisor;
}

}  // namespace tl::server
