// SPDX-License-Identifier: Apache-2.0
#include "server/providers/stripe_fields.hpp"

#include "server/core/ingest/plausible_time.hpp"
#include "server/core/orders/currency.hpp"
#include "server/providers/stripe_money.hpp"

#include <nlohmann/json.hpp>

namespace tl::server {

using nlohmann::json;

ServerError unreadable(const OrderChange& change, std::string_view field) {
  return invalid("malformed_body", "the Stripe event " + change.event_key + " (" +
                                       change.event_type + ") has no readable \"" +
                                       std::string(field) + "\"; it is kept among the rejects");
}

Outcome<std::int64_t> money_at(const OrderChange& change, const json& object,
                               std::string_view amount_path, std::string& currency) {
  auto code = parse_currency(text_at(object, "currency"));
  if (!code.ok()) return unreadable(change, "currency");
  const auto amount = integer_at(object, amount_path);
  if (!amount || *amount < 0) return unreadable(change, amount_path);
  const auto minor = from_stripe_amount(*amount, code.value());
  if (!minor || *minor > kMaxAmountMinor) return unreadable(change, amount_path);
  currency = code.value();
  return *minor;
}

std::optional<std::int64_t> stripe_time_ms(const json& object, std::string_view path) {
  constexpr std::int64_t kEndOf9999Seconds = 253'402'300'799;
  const auto seconds = integer_at(object, path);
  if (!seconds || *seconds < kEarliestTimeMs / 1000 || *seconds > kEndOf9999Seconds)
    return std::nullopt;
  return *seconds * 1000 + 999;
}

}  // namespace tl::server
