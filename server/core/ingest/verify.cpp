// SPDX-License-Identifier: Apache-2.0
// The replay and its comparison (contract: style anchors 3.5 to 3.7, architecture section 6).
// What a page says of its past is compared with the latest activity the server knows of that
// session:
//   later than known + timeout                      the past is invented: no beacon explains it
//   rotated by timeout, yet active less than the
//   timeout before (a minute's grace)               the rotation is invented
// In both cases the known activity replaces the claimed one and the replay runs again.

#include "server/core/ingest/verify.hpp"

#include "server/core/classify/own_referrer.hpp"
#include "server/core/classify/partner_link.hpp"
#include "server/core/ingest/replay.hpp"
#include "server/core/ingest/touch_row.hpp"

#include <algorithm>

namespace tl::server {
namespace {

constexpr std::int64_t kGraceMs = 60 * 1000;

class Differences {
 public:
  void add(std::string_view field) {
    if (!text_.empty()) text_ += ',';
    text_ += field;
  }
  [[nodiscard]] bool any() const { return !text_.empty(); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// The state that the server itself knows, by the browser's clock.
SessionState state_of(const SessionFacts& facts, const EventClock& clock) {
  SessionState state;
  state.anonymous_id = facts.anonymous_id;
  state.session_id = facts.session_id;
  state.index = facts.index;
  state.start_ms = clock.to_browser(facts.start_ms);
  state.last_ms = clock.to_browser(facts.last_ms);
  state.touch_fingerprint = facts.fingerprint;
  return state;
}

// Evidence only: continue the newest session that is known of this visitor, else begin with the
// cookie's id. A client with ids of its own may send for several visitors at once.
SessionState server_state(const WireEvent& event, const ReplayContext& context,
                          const KnownSessions& known) {
  Id128 visitor;
  if (context.batch.trusts_claimed_ids) visitor = event.previous.anonymous_id;
  if (context.cookie_anonymous_id) visitor = *context.cookie_anonymous_id;
  const SessionFacts* facts = nullptr;
  if (context.batch.trusts_claimed_ids) {
    facts = known.find(event.previous.session_id);
    if (facts == nullptr) facts = known.newest_of(visitor);
  } else {
    facts = known.newest_of({});
  }
  if (facts == nullptr) {
    SessionState state;
    state.anonymous_id = visitor;
    return state;
  }
  SessionState state = state_of(*facts, context.clock);
  if (state.touch_fingerprint == 0 && event.previous.session_id == state.session_id)
    state.touch_fingerprint = event.previous.touch_fingerprint;
  return state;
}

// Corrects the claimed past where the server knows better; true when it had to.
bool correct_past(SessionState& state, const SessionFacts& facts, const ReplayContext& context) {
  bool is_wrong = false;
  if (state.session_id != facts.session_id) {  // the browser's own name for it
    state.session_id = facts.session_id;
    is_wrong = true;
  }
  const bool is_older_id = context.cookie_anonymous_id == state.anonymous_id;
  if (state.anonymous_id != facts.anonymous_id && !is_older_id) {
    state.anonymous_id = facts.anonymous_id;
    is_wrong = true;
  }
  if (state.index != facts.index) {
    state.index = facts.index;
    is_wrong = true;
  }
  const std::int64_t known_last = context.clock.to_browser(facts.last_ms);
  if (state.last_ms > known_last + context.rules.timeout_ms + kGraceMs) {
    state.last_ms = known_last;
    is_wrong = true;
  }
  return is_wrong;
}

bool is_early_timeout(const Decision& decision, const SessionFacts& facts,
                      const ReplayContext& context, std::int64_t t_ms) {
  if (decision.why != SessionReason::timeout) return false;
  const std::int64_t known_last = context.clock.to_browser(facts.last_ms);
  const bool is_too_old =
      t_ms - facts.session_id.time_ms() > context.rules.max_ms - kGraceMs;  // not by idleness
  return !is_too_old && known_last <= t_ms &&
         t_ms - known_last < context.rules.timeout_ms - kGraceMs;
}

void compare(const WireEvent& event, const Decision& decision, Differences& differences) {
  if (event.anonymous_id && *event.anonymous_id != decision.anonymous_id) differences.add("aid");
  if (event.session_id && *event.session_id != decision.session_id) differences.add("sid");
  if (!event.why.empty() && event.why != reason_name(decision.why)) differences.add("why");
  const bool has_touch = event.touch.has_value();
  if (has_touch != decision.has_touch ||
      (has_touch && !is_same_touch(decision.touch, *event.touch)))
    differences.add("touch");
  if (event.event_id && *event.event_id != decision.event_id) differences.add("id");
}

// page_leave and the like after the session's end start no session: they report the old one's.
bool join_ended_session(Decision& decision, const SessionState& state, const Evidence& evidence) {
  if (decision.why != SessionReason::none || state.session_id.is_nil()) return false;
  decision.anonymous_id = state.anonymous_id;
  decision.session_id = state.session_id;
  decision.event_id = derive_event_id(evidence.site, state.session_id, evidence.page_nonce,
                                      evidence.seq, evidence.name, evidence.t_ms);
  decision.state = state;
  return true;
}

// Whether the decided touch is one by the server's own knowledge of the site; corrects its
// referrer and its partner. A return from the own site is none, but a session that begins with it
// still gets a direct touch.
bool settle_arrival(Touch& touch, const Decision& decision, const Evidence& evidence,
                    const SiteConfig& site) {
  settle_referrer(touch, evidence.url, evidence.campaign ? "" : evidence.referrer, site,
                  decision.is_new_session && evidence.name == "page_view" &&
                      evidence.navigation == Navigation::navigate);
  if (evidence.campaign == nullptr) settle_partner(touch, evidence.url, site);
  if (touch.has_evidence() || !touch.is_internal) return true;
  touch.is_internal = false;
  return decision.is_new_session;
}

Verdict verdict_of(const ReplayContext& context, const SessionState& past, bool is_past_known,
                   const Differences& differences) {
  if (context.proof == TokenProof::forged) return Verdict::forged;
  if (context.batch.rules_version == 0) return Verdict::server;
  if (differences.any()) return Verdict::mismatch;
  if (context.batch.rules_version > kRulesVersion || context.proof == TokenProof::unknown_key)
    return Verdict::unverified;
  if (past.session_id.is_nil()) return Verdict::bootstrap;
  return is_past_known ? Verdict::verified : Verdict::unverified;
}

}  // namespace

SessionRules clamp_rules(const std::optional<SessionRules>& page, const SessionRules& site) {
  if (!page) return site;
  SessionRules rules;
  rules.timeout_ms = std::clamp<std::int64_t>(page->timeout_ms, 1000, site.timeout_ms);
  rules.max_ms = std::clamp<std::int64_t>(page->max_ms, 1000, site.max_ms);
  rules.rotate_on_campaign = page->rotate_on_campaign && site.rotate_on_campaign;
  return rules;
}

Consent consent_of(const WireEvent& event, const ReplayContext& context) {
  Consent consent = with_default(event.consent, context.site.consent_default);
  consent.opted_out_of_sale |= context.opted_out_of_sale;
  return consent;
}

ChoiceTime choice_time_of(const WireEvent& wire, const ReplayContext& context) {
  const EventClock::Reading time = context.clock.read(wire.t_ms);
  ChoiceTime chosen;
  chosen.at_ms = wire.consent_t_ms > wire.t_ms
                     ? std::min(context.clock.to_server(wire.consent_t_ms), context.received_ms)
                     : time.t_ms;
  if (wire.is_dated) {
    const std::int64_t sent_ms = context.clock.sent_ms();
    const std::int64_t said_ms = std::max(wire.t_ms, std::min(wire.consent_t_ms, sent_ms));
    if (time.rule != ClockRule::received) chosen.said_ms = said_ms;
    // After its own sending: for as long as there are clocks.
    chosen.waited_ms = said_ms <= sent_ms ? sent_ms - said_ms : sent_ms;
  }
  return chosen;
}

Outcome<VerifiedEvent> verify(const WireEvent& wire, const ReplayContext& context,
                              KnownSessions& known) {
  const Consent consent = consent_of(wire, context);
  const bool is_server_decided = context.batch.rules_version == 0;
  Replay replay(context.site.id, wire, context.batch, consent);
  Differences differences;

  SessionState past = is_server_decided ? server_state(wire, context, known) : wire.previous;
  const SessionFacts* facts = past.session_id.is_nil() ? nullptr : known.find(past.session_id);
  if (!is_server_decided && facts != nullptr && correct_past(past, *facts, context))
    differences.add("prev");
  Decision decision = replay.decide(past, context.rules);
  if (!is_server_decided && facts != nullptr &&
      is_early_timeout(decision, *facts, context, wire.t_ms)) {
    past.last_ms = context.clock.to_browser(facts->last_ms);
    decision = replay.decide(past, context.rules);
    differences.add("prev");
  }
  if (decision.why == SessionReason::none && !join_ended_session(decision, past, replay.evidence()))
    return invalid("no_session", "event \"" + wire.name +
                                     "\" starts no session and names none that it belongs to; "
                                     "send a page_view first, or ev.prev with the session");
  if (!is_server_decided) compare(wire, decision, differences);

  VerifiedEvent verified;
  const EventClock::Reading time = context.clock.read(wire.t_ms);
  EventRow& event = verified.event;
  event.site_id = context.site.id;
  event.id = decision.event_id;
  event.session_id = decision.session_id;
  event.anonymous_id = decision.anonymous_id;
  event.name = wire.name;
  event.t_ms = time.t_ms;
  event.raw_t_ms = wire.t_ms;
  event.received_ms = context.received_ms;
  event.clock = time.rule;
  event.page_nonce = replay.evidence().page_nonce;
  event.seq = wire.seq;
  event.url = replay.evidence().url;
  event.title = wire.title;
  event.props = wire.props;
  event.why = decision.why;
  event.verdict = verdict_of(context, past, facts != nullptr, differences);
  event.mismatch = differences.text();
  event.rules_version =
      is_server_decided ? kRulesVersion : static_cast<std::uint16_t>(context.batch.rules_version);
  event.is_bot = context.is_bot;

  verified.consent = consent;
  verified.said = wire.consent;
  verified.chosen = choice_time_of(wire, context);
  verified.state = decision.state;
  verified.said_session_id =
      wire.previous.session_id == event.session_id || wire.session_id == event.session_id;
  verified.said_anonymous_id =
      wire.previous.anonymous_id == event.anonymous_id || wire.anonymous_id == event.anonymous_id;
  verified.is_new_visitor = past.anonymous_id.is_nil();
  // A clock that could not be used for the event cannot date its session either.
  verified.session_started_ms = decision.is_new_session || time.rule == ClockRule::received
                                    ? time.t_ms
                                    : context.clock.to_server(decision.state.start_ms);
  if (wire.session_id && *wire.session_id != event.session_id)
    verified.claimed_session_id = wire.session_id;
  if (wire.anonymous_id && *wire.anonymous_id != event.anonymous_id)
    verified.claimed_anonymous_id = wire.anonymous_id;
  Touch touch = decision.touch;
  if (decision.has_touch && settle_arrival(touch, decision, replay.evidence(), context.site)) {
    verified.touch = make_touch_row(touch, context.classifier.classify(touch), replay.evidence(),
                                    decision.state.touch_fingerprint, event);
    verified.is_referred_only =
        !decision.is_new_session && !touch.is_tagged() && !touch.referrer_host.empty();
    verified.is_campaign_of_click = touch.campaign.empty() && touch.campaign_id.empty();
    if (permits_marketing(consent))
      for (std::size_t i = 0; i < touch.click_id_count; ++i)
        if (touch.click_ids[i].param == Param::fbclid) verified.fbclid = touch.click_ids[i].value;
  }
  if (verified.claimed_session_id) known.add_alias(*wire.session_id, event.session_id);
  known.add({event.session_id, event.anonymous_id, decision.state.index,
             verified.session_started_ms, time.t_ms, decision.state.touch_fingerprint});
  return verified;
}

}  // namespace tl::server
