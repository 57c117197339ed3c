// SPDX-License-Identifier: Apache-2.0
// Access tokens of Google's APIs: from a refresh token, or from a service account's key with a
// signed assertion (RS256).
// Source: Google documentation "Using OAuth 2.0 for Web Server Applications", "… for Server to
// Server Applications"; RFC 6749, RFC 7523.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/ports/destination.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tl::server::destinations {

OutgoingRequest refresh_token_request(const std::string& url, std::string_view client_id,
                                      std::string_view client_secret,
                                      std::string_view refresh_token);

// `key_json`: the file that Google gives for the account. Errors: invalid (bad_setting) when it
// holds no usable key.
Outcome<OutgoingRequest> service_account_request(const std::string& url, std::string_view key_json,
                                                 std::string_view scope, std::int64_t now_ms);

// A refused grant (invalid_grant …) is auth_failed; a quota and a fault of theirs pass.
TokenAnswer read_google_token(const OutgoingAnswer& answer, std::int64_t now_ms);

}  // namespace tl::server::destinations
