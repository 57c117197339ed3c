// SPDX-License-Identifier: Apache-2.0
// What Stripe's event types mean for an order. Several events tell one sale:
//   payment mode       pi_ is the sale; cs_, ch_ (and in_ with invoice creation) are its aliases
//   subscription mode  in_ is the sale of one period; "sub_…#first" ties the session of a
//                      subscription to its first invoice when the session does not name it
// The shape of an object follows the endpoint's API version, so old paths are read too ("basil",
// 2025-03-31, moved an invoice's subscription, charge and payment intent).
// Sources: Stripe API reference and npm stripe 23.1.0, 2026-11; facts: payments, section 4.
#pragma once

#include "server/core/ports/provider.hpp"

#include <nlohmann/json_fwd.hpp>

namespace tl::server {

// `event`: the whole envelope, whose id, type and data.object are already checked. Errors: invalid
// (malformed_body) when an event that carries money lacks a readable amount or currency.
Outcome<OrderChange> read_stripe_event(const nlohmann::json& event, const SiteConfig& site);

}  // namespace tl::server
