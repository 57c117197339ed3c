// SPDX-License-Identifier: Apache-2.0
// Hand-over of the ids to a payment provider's page: one packed token, metadata pairs, or
// parameters added to the checkout URL, by what the provider accepts (facts: payments, section 14).
// Token: tl1_<anonymous_id>_<session_id>_<base 36 ms>, 86 characters of [A-Za-z0-9_-].
#pragma once

#include "throughline/hash.hpp"
#include "throughline/out.hpp"
#include "throughline/result.hpp"

#include <cstdint>
#include <string_view>

namespace tl {

struct Handover {
  Id128 anonymous_id;
  Id128 session_id;
  std::int64_t checkout_started_ms = 0;
};

// `checkout_started_ms` is 0 or later.
void write_packed_token(const Handover& handover, Out& out);
// Only what write_packed_token writes: lower case, both ids, no leading zeros.
// Errors: invalid (bad_token).
Result<Handover> parse_packed_token(std::string_view token);

// {"anonymous_id":"…","session_id":"…","checkout_started_at":"…"}: values are strings; {} without
// ids.
void write_metadata(const Handover& handover, Out& out);

// Sent and stored by name: never renumber, never rename.
enum class CheckoutHost : std::uint8_t {
  none = 0,
  stripe = 1,
  whop = 2,
  polar = 3,
  shopify = 4,
  lemonsqueezy = 5,
  paddle = 6
};
std::string_view checkout_host_name(CheckoutHost host);   // "stripe"
CheckoutHost parse_checkout_host(std::string_view name);  // none when unknown
// By the host alone; a Shopify cart permalink (/cart/123:1) by its path.
CheckoutHost checkout_host(std::string_view url);

// Writes the URL with the ids added for its host (client_reference_id, reference_id,
// checkout[custom][…], attributes[…] …); an existing key is kept as it is; other hosts, and
// hand-overs without ids, come back unchanged. The fragment stays at the end.
void decorate_checkout_url(std::string_view url, const Handover& handover, Out& out);
// The same for a payment page on the seller's own domain, whose provider the page has to name.
void decorate_checkout_url(std::string_view url, CheckoutHost host, const Handover& handover,
                           Out& out);

}  // namespace tl
