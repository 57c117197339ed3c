// SPDX-License-Identifier: Apache-2.0
// Verification by replay: the server runs the shared decide() on the evidence of an event, compares
// with what the browser decided, and keeps its own result with a verdict. Pure: no store, no clock.
//
//   server      evidence only (rules version 0): the server decided
//   bootstrap   the browser's decision replays, nothing is known of it yet (first event, no token)
//   verified    it replays and continues a session that the token or the store knows
//   mismatch    something differs, the names are listed: aid, sid, why, touch, id, or prev (what
//   the
//               page says of its past contradicts what the server knows)
//   forged      the token was made up
//   unverified  the claimed past is not known here, or the rules version or token key is not ours
#pragma once

#include "server/core/classify/touch_classifier.hpp"
#include "server/core/config.hpp"
#include "server/core/ingest/event_clock.hpp"
#include "server/core/ingest/known_sessions.hpp"
#include "server/core/ingest/wire_event.hpp"
#include "server/core/outcome.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tl::server {

enum class TokenProof : std::uint8_t { none, valid, unknown_key, forged };

// What holds for a whole batch.
struct ReplayContext {
  const SiteConfig& site;
  const WireBatch& batch;
  TouchClassifier& classifier;
  EventClock clock;
  SessionRules rules;  // the page's, clamped to the site's
  TokenProof proof = TokenProof::none;
  std::optional<Id128> cookie_anonymous_id;
  std::int64_t received_ms = 0;
  bool is_bot = false;
  bool opted_out_of_sale = false;  // by the request itself, whatever its events say
};
SessionRules clamp_rules(const std::optional<SessionRules>& page, const SessionRules& site);

// What holds for an event: its own words, the site's default for what it leaves open, and the
// browser's opt-out.
Consent consent_of(const WireEvent& event, const ReplayContext& context);

// When the consent of an event was chosen.
struct ChoiceTime {
  std::int64_t at_ms = 0;  // at the event or after it
  // The same by the browser's own clock, 0 where that cannot be told, and how long it waited to be
  // sent. The network's delay is in neither, as it is in the time above.
  std::int64_t said_ms = 0, waited_ms = 0;
};
ChoiceTime choice_time_of(const WireEvent& event, const ReplayContext& context);

struct VerifiedEvent {
  EventRow event;
  std::optional<TouchRow> touch;
  Consent consent;     // as of consent_of()
  Consent said;        // without the site's default
  ChoiceTime chosen;   // that
  SessionState state;  // afterwards, by the browser's clock
  std::int64_t session_started_ms = 0;
  // The browser's own ids where they differ: kept as aliases.
  std::optional<Id128> claimed_session_id, claimed_anonymous_id;
  bool said_session_id = false, said_anonymous_id = false;  // by the request itself
  bool is_new_visitor = false;        // the anonymous id was derived from this very event
  std::string fbclid;                 // of its touch, when marketing is permitted
  bool is_campaign_of_click = false;  // the touch's campaign: a click id names it, no tag does
  bool is_referred_only = false;      // its touch: within a session, and a referrer is all of it
};

// `known` learns about the event's session. The consent of the event permits ids.
// Errors: invalid (no_session): the event belongs to no session and starts none.
Outcome<VerifiedEvent> verify(const WireEvent& event, const ReplayContext& context,
                              KnownSessions& known);

}  // namespace tl::server
