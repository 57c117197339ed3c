// SPDX-License-Identifier: Apache-2.0
// Money is int64 ISO 4217 minor units beside its upper-case currency code. Here: the exponents of
// ISO 4217 and the way from a decimal text to minor units that never passes through a double.
// Source: ISO 4217 list one (currencies whose exponent is not 2), checked 2026-11.
#pragma once

#include "server/core/outcome.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

// No single amount is larger: thousands of them still add up within 64 bits.
inline constexpr std::int64_t kMaxAmountMinor = 1'000'000'000'000'000;

// Decimals of the currency's minor unit: JPY 0, EUR 2, KWD 3, CLF 4. Any code not in the list of
// exceptions has 2.
int currency_exponent(std::string_view code);

// A code of ISO 4217 in any case, as upper case. Errors: invalid (bad_currency).
Outcome<std::string> parse_currency(std::string_view text);

// "25", "25.5", "25.00", "-3.10" to minor units. More decimals than the currency has are accepted
// only when they are zeros: 1.005 EUR is an error, never rounded. Errors: invalid (bad_amount).
Outcome<std::int64_t> parse_decimal_amount(std::string_view text, std::string_view currency);

// A provider's decimal amount: as above, but also "1e3", "+5" and any number of decimals, rounded
// half away from zero, because floats are written with binary noise (0.30000000000000004). Empty
// when it is no number or not within 64 bits.
std::optional<std::int64_t> round_decimal_amount(std::string_view text, std::string_view currency);
// amount * 10^shift, rounded half away from zero. Empty on overflow.
std::optional<std::int64_t> shift_amount(std::int64_t amount, int shift);

// The same text form, with exactly the currency's decimals: 2500 EUR is "25.00".
std::string write_decimal_amount(std::int64_t amount_minor, std::string_view currency);

}  // namespace tl::server
