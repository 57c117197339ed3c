// SPDX-License-Identifier: Apache-2.0
// Gathering facts about sessions.

#include "server/core/ingest/known_sessions.hpp"

#include "throughline/text.hpp"

#include <algorithm>
#include <string_view>

namespace tl::server {

void KnownSessions::add(const SessionFacts& facts) {
  for (SessionFacts& known : sessions_) {
    if (known.session_id != facts.session_id) continue;
    const bool is_newer = facts.fingerprint != 0 && facts.last_ms >= known.last_ms;
    if (is_newer || known.fingerprint == 0) known.fingerprint = facts.fingerprint;
    known.last_ms = std::max(known.last_ms, facts.last_ms);
    return;
  }
  sessions_.push_back(facts);
}

const SessionFacts* KnownSessions::find(const Id128& session_id) const {
  for (const SessionFacts& known : sessions_)
    if (known.session_id == session_id) return &known;
  for (const auto& [alias, known_id] : aliases_)
    if (alias == session_id && alias != known_id) return find(known_id);
  return nullptr;
}

const SessionFacts* KnownSessions::newest_of(const Id128& anonymous_id) const {
  const SessionFacts* newest = nullptr;
  for (const SessionFacts& known : sessions_) {
    if (!anonymous_id.is_nil() && known.anonymous_id != anonymous_id) continue;
    if (newest == nullptr || known.last_ms >= newest->last_ms) newest = &known;
  }
  return newest;
}

SessionFacts facts_of(const SessionToken& token) {
  return {token.session_id,       token.anonymous_id, token.session_index,
          token.session_start_ms, token.last_seen_ms, 0};
}

SessionFacts facts_of(const SessionRow& session, const std::optional<TouchRow>& last_touch) {
  return {session.id,      session.anonymous_id,
          session.idx,     session.started_ms,
          session.last_ms, last_touch ? fingerprint_in(last_touch->evidence) : 0};
}

std::int64_t fingerprint_in(const std::string& evidence) {
  constexpr std::string_view kKey = "\"fp\":\"";
  const std::size_t at = evidence.rfind(kKey);
  std::int64_t fingerprint = 0;
  if (at != std::string::npos) {
    auto rest = std::string_view(evidence).substr(at + kKey.size());
    parse_decimal(take_field(rest, '"'), fingerprint);
  }
  return fingerprint;
}

}  // namespace tl::server
