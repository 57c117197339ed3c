// SPDX-License-Identifier: Apache-2.0
// What the server knows for itself about the sessions that a batch refers to: from the token, from
// the store, and from the batch's own earlier events. All times by the server's clock.
#pragma once

#include "server/core/ingest/session_token.hpp"
#include "server/core/records.hpp"
#include "throughline/hash.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tl::server {

struct SessionFacts {
  Id128 session_id, anonymous_id;
  std::uint32_t index = 0;
  std::int64_t start_ms = 0, last_ms = 0;
  std::int64_t fingerprint = 0;  // of its last touch; 0: none or not known
};

class KnownSessions {
 public:
  // Facts of one session add up: the later activity and a known fingerprint count.
  void add(const SessionFacts& facts);
  // The browser's own id of a session that replay gave another one.
  void add_alias(const Id128& alias, const Id128& session_id) {
    aliases_.emplace_back(alias, session_id);
  }
  // By id or alias.
  [[nodiscard]] const SessionFacts* find(const Id128& session_id) const;
  // The one with the latest activity; nil: of anybody's.
  [[nodiscard]] const SessionFacts* newest_of(const Id128& anonymous_id) const;

 private:
  std::vector<SessionFacts> sessions_;  // one or two, more where a server sends for its visitors
  std::vector<std::pair<Id128, Id128>> aliases_;
};

SessionFacts facts_of(const SessionToken& token);
// `last_touch`: the session's, if it has one.
SessionFacts facts_of(const SessionRow& session, const std::optional<TouchRow>& last_touch);

// The touch's evidence as stored: {"u","r","nt","cm","cv","fp"}; fp is the fingerprint that
// decide() found.
std::int64_t fingerprint_in(const std::string& evidence);

}  // namespace tl::server
