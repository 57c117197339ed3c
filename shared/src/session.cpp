// SPDX-License-Identifier: Apache-2.0
// The session reducer and its one-line state codec. The cases of decide(), in the order in which
// they are tried (the header tells the reasons):
//   no storage consent                        → none, state unchanged
//   no session, passive event                 → none
//   no session                                → first, or consent when it came after the event
//   event more than a minute before its start → clock     } a passive event
//   idle too long, or the id too old          → timeout   } gets none instead
//   a tagged touch unlike the last one        → campaign
//   else                                      → same
// Times come from outside and may be anything: differences are taken in wrapping arithmetic.
#include "throughline/session.hpp"

#include "throughline/text.hpp"

#include <initializer_list>

namespace tl {
namespace {

constexpr std::string_view kReasons = "|first|same|timeout|campaign|clock|consent";
constexpr std::int64_t kClockToleranceMs = 60 * 1000;
constexpr std::int64_t kMaxTimeMs = (std::int64_t{1} << 48) - 1;  // what a UUIDv7 can hold

std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

// The touch that the event carries, or one without evidence.
Touch touch_of(const SessionState& state, const Evidence& evidence, Out& arena) {
  if (evidence.campaign != nullptr) return *evidence.campaign;
  const Touch touch = extract_touch(evidence.url, evidence.referrer, arena);
  // Without a session even a reload repeats nothing: consent platforms reload the page on accept.
  bool is_arrival = evidence.name == "page_view" &&
                    (evidence.navigation == Navigation::navigate ||
                     evidence.navigation == Navigation::route || state.session_id.is_nil());
  if (is_arrival && evidence.navigation == Navigation::route) {
    // Within one document the parameters of the landing URL may simply have stayed.
    const std::size_t mark = arena.size();
    is_arrival =
        touch_fingerprint(extract_touch(evidence.referrer, {}, arena)) != touch_fingerprint(touch);
    arena.rewind(mark);
  }
  if (is_arrival && touch.has_evidence()) return touch;
  Touch direct;
  direct.landing_path = touch.landing_path;
  return direct;
}

SessionReason reason_of(const SessionState& state, const Evidence& evidence,
                        const SessionRules& rules, bool is_new_campaign) {
  const bool is_passive = find_word("page_leave|consent|identify", evidence.name) >= 0;
  const std::int64_t t_ms = evidence.t_ms;
  SessionReason why = SessionReason::same;
  if (state.session_id.is_nil()) {
    why = evidence.consent_t_ms > t_ms ? SessionReason::consent : SessionReason::first;
  } else if (minus(t_ms, state.start_ms) < -kClockToleranceMs) {
    why = SessionReason::clock;
  } else if (minus(t_ms, state.last_ms) > rules.timeout_ms ||
             minus(t_ms, state.session_id.time_ms()) > rules.max_ms) {
    why = SessionReason::timeout;
  } else if (!is_passive && rules.rotate_on_campaign && is_new_campaign) {
    return SessionReason::campaign;
  }
  return is_passive && why != SessionReason::same ? SessionReason::none : why;
}

}  // namespace

std::string_view reason_name(SessionReason reason) {
  return word_at(kReasons, static_cast<std::uint32_t>(reason));
}

bool parse_reason(std::string_view name, SessionReason& reason) {
  const auto index = find_word(kReasons, name);
  if (index < 0) return false;
  reason = static_cast<SessionReason>(index);
  return true;
}

Decision decide(const SessionState& state, const Evidence& evidence, const SessionRules& rules,
                Out& arena) {
  Decision decision;
  decision.state = state;
  if (!permits_ids(evidence.consent)) return decision;
  const Touch touch = touch_of(state, evidence, arena);
  const std::int64_t fingerprint = touch_fingerprint(touch);
  const bool is_news = fingerprint != 0 && !is_same_arrival(fingerprint, state.touch_fingerprint);
  decision.why = reason_of(state, evidence, rules, is_news && touch.is_tagged());
  if (decision.why == SessionReason::none) return decision;
  decision.is_new_session = decision.why != SessionReason::same;

  SessionState& next = decision.state;
  const std::int64_t t_ms = evidence.t_ms;
  if (next.anonymous_id.is_nil()) {
    next.anonymous_id =
        derive_anonymous_id(evidence.site, evidence.page_nonce,
                            evidence.consent_t_ms > t_ms ? evidence.consent_t_ms : t_ms);
  }
  if (decision.is_new_session) {
    const bool is_first = state.session_id.is_nil();
    next.index = is_first ? 1 : state.index + 1;
    next.start_ms = t_ms;
    next.last_ms = t_ms;
    next.session_id =
        derive_session_id(evidence.site, next.anonymous_id,
                          is_first ? evidence.page_nonce : state.session_id, next.index, t_ms);
  } else if (t_ms > next.last_ms) {
    next.last_ms = t_ms;
  }
  decision.has_touch = decision.is_new_session || is_news;
  if (decision.has_touch) {
    decision.touch = touch;
    next.touch_fingerprint = 0;
  }
  next.touch_fingerprint |= fingerprint;  // of the same arrival: its click ids, once they are told
  decision.anonymous_id = next.anonymous_id;
  decision.session_id = next.session_id;
  decision.event_id = derive_event_id(evidence.site, next.session_id, evidence.page_nonce,
                                      evidence.seq, evidence.name, t_ms);
  return decision;
}

void write_state(const SessionState& state, Out& out) {
  write_uuid(state.anonymous_id, out);
  out.put('.');
  write_uuid(state.session_id, out);
  for (const std::int64_t number :
       {state.start_ms, state.last_ms, std::int64_t{state.index}, state.touch_fingerprint}) {
    out.put('.');
    out.put_int(number);
  }
}

bool read_state(std::string_view text, SessionState& state) {
  if (text.empty() || text.back() == '.') return false;
  std::string_view fields[6];  // the last may be missing
  for (auto& field : fields) field = take_field(text, '.');
  std::int64_t index = 0;
  if (!text.empty() || !read_id(fields[0], true, state.anonymous_id) ||
      !read_id(fields[1], true, state.session_id) || !parse_decimal(fields[2], state.start_ms) ||
      !parse_decimal(fields[3], state.last_ms) || !parse_decimal(fields[4], index) ||
      (!fields[5].empty() && !parse_decimal(fields[5], state.touch_fingerprint))) {
    return false;
  }
  state.index = static_cast<std::uint32_t>(index);
  const bool has_session = !state.session_id.is_nil();
  return !state.anonymous_id.is_nil() && state.start_ms <= state.last_ms &&
         state.last_ms <= kMaxTimeMs && index <= UINT32_MAX && has_session == (index > 0);
}

}  // namespace tl
