// SPDX-License-Identifier: Apache-2.0
// Hand-over of the ids to a payment provider's page: one packed token, metadata pairs, or parameters
// added to the checkout URL, by what the provider accepts (facts: payments, section 14).
// Token: tl1_<anonymous_id>_<session_id>_<base 36 ms>, 86 characters of [A-Za-z0-9_-].
#pragma once

#include <cstdint>
#include <string_view>

#include "throughline/hash.hpp"
#include "throughline/out.hpp"
#include "throughline/result.hpp"

namespace tl {

struct Handover {
  Id128 anonymous_id;
  Id128 session_id;
  std::int64_t checkout_started_ms = 0;
};

void write_packed_token(const Handover& handover, Out& out);
// Errors: invalid (bad_token).
Result<Handover> parse_packed_token(std::string_view token);

// {"anonymous_id":"…","session_id":"…","checkout_started_at":"…"}: values are strings.
void write_metadata(const Handover& handover, Out& out);

// Sent and stored by name: stripe, whop, polar, shopify, paddle, lemonsqueezy, none.
enum class CheckoutHost : std::uint8_t { none = 0, stripe = 1, whop = 2, polar = 3, shopify = 4, lemonsqueezy = 5, paddle = 6 };
CheckoutHost checkout_host(std::string_view url);

// Writes the URL with the ids added for its host (client_reference_id, reference_id,
// checkout[custom][…], attributes[…] …); an existing value of the same key is kept; other hosts come
// back unchanged. The fragment stays at the end.
void decorate_checkout_url(std::string_view url, const Handover& handover, Out& out);

}  // namespace tl
