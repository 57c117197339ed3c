// SPDX-License-Identifier: Apache-2.0
// Stripe's integer amounts against ISO 4217 minor units. Stripe writes some currencies whole, some
// in thousandths, all others in hundredths; where ISO disagrees (MGA is whole at Stripe, ISK and
// UGX have hundredths) the number is scaled. Source: Stripe's documentation page "Supported
// currencies", 2026-11; facts: payments, section 3.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tl::server {

// `currency`: upper case. Empty on overflow. A part below the ISO minor unit (5.50 ISK cannot be
// charged) is rounded half away from zero.
std::optional<std::int64_t> from_stripe_amount(std::int64_t amount, std::string_view currency);
// For a price sent to Stripe. Empty on overflow, or when Stripe cannot charge it (MGA with cents,
// KWD and its like with a last digit other than 0).
std::optional<std::int64_t> to_stripe_amount(std::int64_t amount_minor, std::string_view currency);

}  // namespace tl::server
