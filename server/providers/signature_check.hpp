// SPDX-License-Identifier: Apache-2.0
// Whether a webhook was sent by who knows a configured secret, by the signature rules of its
// provider's description.
#pragma once

#include "server/core/orders/payment_description.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/provider.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// Standard Webhooks (standardwebhooks.com; npm standardwebhooks 1.1.1, svix 1.99.1): the headers
// <prefix>id, <prefix>timestamp and <prefix>signature ("v1,<base64>" separated by blanks), HMAC
// over "<id>.<timestamp>.<body>", 300 s to either side. Providers differ in how the secret becomes
// the key.
SignatureRule standard_webhooks(KeyForm key, std::string_view prefix = "webhook-");

// Of webhook_secrets: an error when none of them can prove anything under any rule, a doubt when
// one cannot, or can be guessed where it travels as it is.
ConfigComplaint secrets_complaint(const std::vector<SignatureRule>& rules,
                                  const std::vector<std::string>& secrets);

// Errors: unauthenticated (missing_header, malformed_header, bad_signature, stale_timestamp,
// future_timestamp).
Outcome<void> check_signature(const PaymentDescription& description, const WebhookRequest& request,
                              const PaymentConfig& config);

// The password ("user:password") or token that came in place of a signature, or "".
std::string secret_given(const PaymentDescription& description, const WebhookRequest& request);

}  // namespace tl::server
