// SPDX-License-Identifier: Apache-2.0
// The session token: server-clock facts about one session, signed, opaque to the browser.
//   v1.<key id>.<b64url payload>.<b64url MAC>; MAC = HMAC-SHA-256 cut to 16 bytes, key per site.
// Issued in answers to events, sent back with the next batch; lets the server verify without a
// lookup.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/outcome.hpp"
#include "throughline/consent.hpp"
#include "throughline/hash.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace tl::server {

struct SessionToken {
  std::string site_id;
  Id128 anonymous_id, session_id;
  std::uint32_t session_index = 0;
  std::int64_t session_start_ms = 0;  // server clock
  std::int64_t last_seen_ms = 0;      // server clock
  std::int64_t issued_ms = 0;
  Consent consent;
};

class TokenIssuer {
 public:
  explicit TokenIssuer(const SecretBox& box);
  [[nodiscard]] std::string issue(const SessionToken& token) const;
  // Tokens of the box's previous secret count too. Errors: unauthenticated: bad_token (made up, or
  // for another site), unknown_token_key (signed with a server secret that is gone).
  [[nodiscard]] Outcome<SessionToken> check(std::string_view text, std::string_view site_id) const;

 private:
  // The keys that derive from one secret, one a site.
  class Keys {
   public:
    explicit Keys(const SecretBox& box);
    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] std::string mac_of(std::string_view site_id, std::string_view text) const;

   private:
    const SecretBox& box_;
    std::string id_;
    mutable std::shared_mutex mutex_;
    mutable std::map<std::string, MacKey, std::less<>> site_keys_;
  };

  Keys keys_;
  std::deque<Keys> previous_;
};

}  // namespace tl::server
