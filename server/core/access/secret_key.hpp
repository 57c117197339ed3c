// SPDX-License-Identifier: Apache-2.0
// Secret API keys: tlsk_<id>_<secret>, id 16 hex digits, secret 32 random bytes in hex. Only
// SHA-256 of the whole text is stored; 256 random bits need no slow hash.
#pragma once

#include "server/core/clock.hpp"
#include "throughline/hash.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

struct SecretKey {
  std::string id;
  Digest hash{};
};

struct NewSecretKey {
  SecretKey key;
  std::string text;  // shown once
};

NewSecretKey make_secret_key(Entropy& entropy);
// None unless it has the form.
std::optional<SecretKey> parse_secret_key(std::string_view text);

}  // namespace tl::server
