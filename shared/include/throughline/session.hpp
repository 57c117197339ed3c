// SPDX-License-Identifier: Apache-2.0
// The session reducer. decide(state, evidence, rules) is the only session code there is, in any
// language: the browser runs it to act at once, the server runs it again on the evidence and
// compares. Pure: clock and entropy are in the evidence.
//
// Reasons:  first     no state yet
//           same      the running session goes on
//           timeout   idle longer than timeout_ms, or older than max_ms counted from the time in
//                     the id (the session's start floored to the minute)
//           campaign  a tagged touch that differs from the session's last one; a click id that is
//                     withheld may be any (is_same_arrival)
//           clock     the clock went back more than a minute before the session's start; a smaller
//                     step is `same`, and last_ms never decreases
//           consent   consent came after the page's start; the session starts at the page's start
// page_leave, consent and identify events extend a running session but never start one. A session
// without an anonymous_id cannot be; an anonymous_id without a session (its cookie outlived the
// rest) is kept.
#pragma once

#include "throughline/consent.hpp"
#include "throughline/hash.hpp"
#include "throughline/touch.hpp"

#include <cstdint>
#include <string_view>

namespace tl {

// Bumped whenever decide(), the ids, the reduction or the touch extraction give another result than
// in a released version.
inline constexpr std::uint16_t kRulesVersion = 1;

struct SessionRules {
  std::int64_t timeout_ms = 30 * 60 * 1000;
  std::int64_t max_ms = (24 * 60 - 1) * 60 * 1000;
  bool rotate_on_campaign = true;
};

// Sent: never renumber.
enum class SessionReason : std::uint8_t {
  none = 0,
  first = 1,
  same = 2,
  timeout = 3,
  campaign = 4,
  clock = 5,
  consent = 6
};
std::string_view reason_name(SessionReason reason);
bool parse_reason(std::string_view name, SessionReason& reason);

struct SessionState {
  Id128 anonymous_id;  // nil: nothing known yet
  Id128 session_id;    // nil: no session yet
  std::int64_t start_ms = 0;
  std::int64_t last_ms = 0;
  std::uint32_t index = 0;             // 1 for the first session
  std::int64_t touch_fingerprint = 0;  // of the session's last touch

  friend bool operator==(const SessionState& a, const SessionState& b) {
    return a.anonymous_id == b.anonymous_id && a.session_id == b.session_id &&
           a.start_ms == b.start_ms && a.last_ms == b.last_ms && a.index == b.index &&
           a.touch_fingerprint == b.touch_fingerprint;
  }
};
// One line of text: aid.sid.start.last.index.fingerprint (numbers base 10; the sixth field may be
// missing). What the `tl` cookie and localStorage hold.
void write_state(const SessionState& state, Out& out);
// Reads it into a fresh state; garbage is false and leaves anything there.
bool read_state(std::string_view text, SessionState& state);
// The same. Errors: invalid (bad_state). Garbage never becomes a state.
inline Result<SessionState> parse_state(std::string_view text) {
  SessionState state;
  if (!read_state(text, state)) return Error{ErrorKind::invalid, "bad_state"};
  return state;
}

// Sent (ev.nt): never renumber.
enum class Navigation : std::uint8_t { navigate = 0, reload = 1, back_forward = 2, route = 3 };

// Raw facts. Borrows.
struct Evidence {
  std::string_view site;
  std::string_view name;      // event name
  std::string_view url;       // reduced
  std::string_view referrer;  // reduced; the page left, for a route change
  Id128 page_nonce;
  std::uint32_t seq = 0;          // within the page, from 1
  std::int64_t t_ms = 0;          // of the event, by the sender's clock
  std::int64_t consent_t_ms = 0;  // when consent came, if later than t_ms; else 0
  Navigation navigation = Navigation::navigate;
  Consent consent;                  // with the site's default applied
  const Touch* campaign = nullptr;  // a touch started by the page (campaign()); replaces the URL's
};

struct Decision {
  SessionReason why = SessionReason::none;  // none: no id may exist, or the event starts no session
  bool is_new_session = false;
  bool has_touch = false;
  Touch touch;  // when has_touch; a session that begins without evidence has an empty (direct) one
  Id128 anonymous_id, session_id, event_id;
  SessionState state;  // to be stored; equal to the input when why is none
};

// Only page_view events and campaign touches can carry a touch; reloads, back/forward, internal
// returns and evidence equal to the session's last touch make none (a route change also not when
// the page left had the same parameters). Without any session a reload's evidence counts: it
// repeats nothing, and consent platforms reload the page on accept. `arena` (2 * kTouchArenaBytes)
// holds the touch's decoded text. Any time values are safe; the same input always gives the same
// ids.
Decision decide(const SessionState& state, const Evidence& evidence, const SessionRules& rules,
                Out& arena);

}  // namespace tl
