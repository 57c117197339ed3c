// SPDX-License-Identifier: Apache-2.0
// Webhook signatures as data: what is signed (a template), how the MAC is written, which secrets
// are in use, how old a request may be. A provider describes its scheme and calls in here, so that
// no provider compares MACs by itself. Rules: facts "payments", sections 1 and 2: raw bytes;
// several secrets times several signatures; comparison in constant time after decoding; an empty
// secret never verifies.
#pragma once

#include "server/core/outcome.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

enum class MacHash : std::uint8_t { sha256, sha512 };
enum class MacEncoding : std::uint8_t { hex, base64 };
// How the configured secret becomes the key: its UTF-8 bytes as they are, or what follows the last
// '_' decoded from base64 (Standard Webhooks), or decoded from hex (Adyen), or its UTF-8 bytes with
// the entities of HTML's special characters resolved (WooCommerce).
enum class KeyForm : std::uint8_t { utf8, base64_after_prefix, hex, utf8_without_entities };

struct MacScheme {
  MacHash hash = MacHash::sha256;
  MacEncoding encoding = MacEncoding::hex;
  KeyForm key = KeyForm::utf8;
};

// Whether a secret can be such a key at all.
bool is_key(KeyForm form, std::string_view secret);

// True when any (secret, signature) pair matches. Secrets are trimmed of blanks, a frequent slip
// when they are pasted; empty ones are skipped. Every pair is tried, matching or not.
bool any_mac_matches(const MacScheme& scheme, std::string_view signed_bytes,
                     const std::vector<std::string>& secrets,
                     const std::vector<std::string_view>& signatures);

// Age window in seconds; tolerance 0 switches the check off. `allows_future`: Stripe's and Paddle's
// libraries look at the age only.
struct TimeWindow {
  std::int64_t tolerance_s = 300;
  bool allows_future = true;
};
// Exactly the tolerance still passes. Errors: unauthenticated (stale_timestamp, future_timestamp).
Outcome<void> check_timestamp(std::int64_t signed_at_s, std::int64_t now_ms,
                              const TimeWindow& window);

// "t=1,v1=ab,v1=cd": pieces split at `separator`, each at its first '='; pieces without '=' have an
// empty value. Views into `header`.
std::vector<std::pair<std::string_view, std::string_view>> split_signature_header(
    std::string_view header, char separator);

}  // namespace tl::server
