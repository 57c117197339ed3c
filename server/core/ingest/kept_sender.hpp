// SPDX-License-Identifier: Apache-2.0
// Who sent refused input, as it was found out when the input came: kept beside its bytes and sealed
// with them, so that a replay decides as the intake would have then. A replay asks for no key
// again. No address, key, password or token is kept; cookies only as the two values they stood for.
#pragma once

#include "throughline/hash.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tl::server {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct KeptSender {
  std::string site_id;                // whose valid key, or whose address: the reject's site
  HeaderList headers;                 // lower-case names; of a repeated one the first
  std::string token;                  // of the cookie
  std::optional<Id128> anonymous_id;  // of the cookie
  bool has_secret_key = false;        // one that may write, not just the write key
  bool is_proven = false;             // a webhook that was known to come from its provider
  std::string secret_mac;             // of the password or token that came in place of a signature
  Id128 page_nonce;                   // that stood for the request; nil: its body has its own
  std::uint32_t index = 0;            // in its batch, of the event kept alone
};

// A JSON object of the headers, without those that are secrets between sender and server.
std::string write_headers(const HeaderList& headers);

// JSON, without the site: that is the row's own.
std::string write_kept_sender(const KeptSender& sender);
KeptSender read_kept_sender(std::string_view json, std::string_view site_id);

}  // namespace tl::server
