// SPDX-License-Identifier: Apache-2.0
// OAuth 1.0a, user context, HMAC-SHA1 (RFC 5849), for a request whose JSON body is not signed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tl::server::destinations {

struct Oauth1Keys {
  std::string consumer_key, consumer_secret, token, token_secret;
};

// Value of the Authorization header. `url` without query; `nonce` new for every attempt.
std::string oauth1_header(std::string_view method, std::string_view url, const Oauth1Keys& keys,
                          std::int64_t now_ms, std::string_view nonce);

}  // namespace tl::server::destinations
