// SPDX-License-Identifier: Apache-2.0
// Before the write: token, what is known of the sessions, consent, replay. One write. After it: the
// answer with a fresh token.

#include "server/core/ingest/ingest.hpp"

#include "server/core/durations.hpp"
#include "server/core/ingest/batch_keeper.hpp"
#include "server/core/ingest/payment_return.hpp"
#include "throughline/text.hpp"
#include "throughline/touch.hpp"

#include <algorithm>
#include <array>

namespace tl::server {
namespace {

constexpr std::size_t kMaxCoarseBytes = 255;

struct Proof {
  TokenProof kind = TokenProof::none;
  std::optional<SessionToken> token;
  bool is_cookies = false;
};

// The batch's own token counts; the cookie stands in when there is none, or a dead one.
Proof read_proof(const TokenIssuer& tokens, const SiteConfig& site, const WireBatch& batch,
                 const Sender& sender) {
  Proof proof;
  for (const std::string* text : {&batch.token, &sender.token_cookie}) {
    if (text->empty()) continue;
    auto token = tokens.check(*text, site.id);
    if (token.ok())
      return {TokenProof::valid, std::move(token).value(), text == &sender.token_cookie};
    // A cookie may be left over from anything; only what the page itself sent is held against it.
    if (text == &batch.token)
      proof.kind = token.error().code == "bad_token" ? TokenProof::forged : TokenProof::unknown_key;
  }
  return proof;
}

// What the answer's X-Throughline header tells a developer about one stored event.
void flag(const EventRow& event, std::vector<std::string>& flags) {
  const auto add = [&](std::string text) {
    if (std::find(flags.begin(), flags.end(), text) == flags.end())
      flags.push_back(std::move(text));
  };
  if (event.verdict == Verdict::forged) add("forged");
  if (event.verdict == Verdict::mismatch) add("mismatch:" + event.mismatch);
  if (event.verdict == Verdict::unverified) add("unverified");
  if (event.clock == ClockRule::received) add("clock");
  if (event.clock == ClockRule::late) add("late");
  if (event.is_bot) add("bot");
}

// Sessions that the token alone does not settle: they are looked up.
std::vector<Id128> unsettled_sessions(const WireBatch& batch, const Proof& proof,
                                      const EventClock& clock, std::int64_t timeout_ms) {
  std::vector<Id128> ids;
  const auto want = [&](const Id128& id) {
    if (!id.is_nil() && std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  };
  // The server decides alone: it also needs to know the session's last touch.
  if (batch.rules_version == 0 && proof.token) want(proof.token->session_id);
  for (const WireEvent& event : batch.events) {
    const SessionState& past = event.previous;
    const bool is_settled = proof.token && proof.token->session_id == past.session_id &&
                            clock.to_server(past.last_ms) <= proof.token->last_seen_ms + timeout_ms;
    if (!is_settled) want(past.session_id);
  }
  return ids;
}

Outcome<void> look_up(Tables& tables, const std::string& site_id, const std::vector<Id128>& ids,
                      KnownSessions& known) {
  for (const Id128& id : ids) {
    TL_TRY(session, tables.events().find_session(site_id, id));
    if (!session) continue;
    std::optional<TouchRow> touch;
    if (session->last_touch) {
      TL_TRY(found, tables.events().find_touch(site_id, session->id, *session->last_touch));
      touch = std::move(found);
    }
    known.add(facts_of(*session, touch));
    if (session->id != id) known.add_alias(id, session->id);
  }
  return {};
}

// A refusal is the browser's: its cookie says whose, before whatever the page says.
std::optional<Id128> refusing_visitor(const WireEvent& event, const Proof& proof) {
  std::optional<Id128> said = event.anonymous_id;
  if (!said && !event.previous.anonymous_id.is_nil()) said = event.previous.anonymous_id;
  if (proof.token && (!said || proof.is_cookies)) return proof.token->anonymous_id;
  return said;
}

// A name of the page's own may say anything of anybody.
bool counts_coarsely(const SiteConfig& site, const WireEvent& event) {
  if (event.name != "page_view") return false;
  if (site.anonymous_pings == "always") return true;
  return site.anonymous_pings == "on_denial" && event.consent.storage == Choice::denied;
}

// A value with an e-mail address in it is shared by one person only.
std::string shared_by_many(const std::string& text) {
  if (holds_at_sign(text)) return "*";
  return std::string(cut_utf8(text, kMaxCoarseBytes));
}

std::string coarse_path(const std::string& said) {
  if (said.empty()) return {};
  std::string path = said.substr(0, said.find_first_of("?#"));
  if (!path.starts_with('/')) path.insert(path.begin(), '/');
  std::array<char, 4096> buffer;
  Out out(buffer.data(), buffer.size());
  reduce_path(path, out);
  return std::string(cut_utf8(out.view(), kMaxCoarseBytes));
}

// What the page had to reduce is reduced again: anybody may send anything.
AnonEvent coarse_event(const WireEvent& event, std::int64_t received_ms) {
  const WireAnonymous& said = *event.anonymous;
  AnonEvent coarse;
  coarse.hour_ms = received_ms - received_ms % kHourMs;
  coarse.name = event.name;
  if (!parse_channel(said.channel, coarse.channel)) coarse.channel = Channel::unknown;
  coarse.source = shared_by_many(said.source);
  coarse.medium = shared_by_many(said.medium);
  coarse.campaign = shared_by_many(said.campaign);
  coarse.referrer_domain = shared_by_many(said.referrer_domain);
  coarse.path = coarse_path(said.path);
  return coarse;
}

}  // namespace

KeptSender kept_sender_of(const Sender& sender) {
  KeptSender kept;
  kept.headers = {{"origin", sender.origin}, {"user-agent", sender.user_agent}};
  if (sender.opted_out_of_sale) kept.headers.emplace_back("sec-gpc", "1");
  kept.token = sender.token_cookie;
  kept.anonymous_id = sender.anonymous_id_cookie;
  kept.has_secret_key = sender.has_secret_key;
  return kept;
}

Outcome<IngestAnswer> Ingest::keep(const SiteConfig& site, const WireBatch& batch,
                                   std::vector<RefusedEvent> refused, const Sender& sender,
                                   std::string_view route) {
  Proof proof = read_proof(services_.tokens, site, batch, sender);
  const auto agent = agents_.read(sender.user_agent, sender.hints);
  ReplayContext context{site,
                        batch,
                        classifier_,
                        EventClock(batch.sent_ms, sender.received_ms),
                        clamp_rules(batch.rules, site.session),
                        proof.kind,
                        sender.anonymous_id_cookie,
                        sender.received_ms,
                        agent->bot.has_value() || sender.is_prefetch,
                        sender.opted_out_of_sale};
  KnownSessions known;
  if (proof.token) known.add(facts_of(*proof.token));
  const auto unsettled = unsettled_sessions(batch, proof, context.clock, context.rules.timeout_ms);
  if (!unsettled.empty())
    TL_CHECK(services_.store.read(
        [&](Tables& tables) { return look_up(tables, site.id, unsettled, known); }));

  VerifiedBatch verified;
  verified.agent = *agent;
  verified.place = sender.place;
  if (verified.place.country.empty() && services_.places != nullptr)
    verified.place = services_.places->find(sender.ip);
  verified.refused = std::move(refused);
  std::vector<const WireEvent*> pings;
  for (const WireEvent& event : batch.events) {
    const Consent consent = consent_of(event, context);
    if (event.refuses_storage && batch.states_choice)
      verified.refusals.push_back(
          {refusing_visitor(event, proof), event.consent, consent, choice_time_of(event, context)});
    if (permits_ids(consent) && !event.anonymous) {
      auto outcome = verify(event, context, known);
      if (!outcome.ok()) {
        verified.refused.push_back({event.index, outcome.error().code, outcome.error().detail,
                                    batch.text_of ? batch.text_of(event.index) : ""});
        continue;
      }
      VerifiedEvent arrived = std::move(outcome).value();
      TL_TRY(is_return, is_payment_return(arrived, verified.events, services_.store));
      if (is_return) arrived.touch.reset();
      verified.events.push_back(std::move(arrived));
    } else if (!event.anonymous || !counts_coarsely(site, event)) {
      verified.consent_refused += 1;
    } else if (pings_.add(site.id, event.page_nonce.value_or(batch.page_nonce), event.seq,
                          sender.received_ms)) {
      pings.push_back(&event);
      verified.anonymous.push_back(coarse_event(event, sender.received_ms));
    } else {
      verified.duplicate_pings += 1;
    }
  }

  BatchKeeper keeper(services_, site, batch, sender, verified,
                     proof.token ? &*proof.token : nullptr, route);
  const auto kept = services_.store.write([&](Tables& tables) { return keeper.keep(tables); });
  if (!kept.ok()) {
    for (const WireEvent* event : pings)
      pings_.forget(site.id, event->page_nonce.value_or(batch.page_nonce), event->seq);
    return kept.error();
  }

  IngestAnswer answer;
  answer.accepted = keeper.counts().accepted;
  answer.duplicate = keeper.counts().duplicate;
  answer.consent_refused = keeper.counts().consent_refused;
  answer.rejected = std::move(verified.refused);
  for (const VerifiedEvent& event : verified.events) {
    flag(event.event, answer.flags);
    if (event.touch) answer.channels.emplace_back(event.event.raw_t_ms, event.touch->channel);
  }
  answer.has_withdrawn = keeper.counts().has_withdrawn;
  const VerifiedEvent* newest = keeper.counts().newest;
  if (newest == nullptr) return answer;

  const EventRow& event = newest->event;
  if (event.verdict == Verdict::forged) return answer;
  answer.state = newest->state;
  if (!keeper.counts().is_newest_proven) {
    // Somebody who only says ids: nothing that the request did not say itself.
    if (newest->said_anonymous_id) answer.anonymous_id = event.anonymous_id;
    if (newest->said_session_id) answer.session_id = event.session_id;
    return answer;
  }
  answer.session_id = event.session_id;
  answer.anonymous_id =
      std::min(event.anonymous_id, keeper.counts().other_id.value_or(event.anonymous_id));
  answer.token = services_.tokens.issue({site.id, event.anonymous_id, event.session_id,
                                         newest->state.index, newest->session_started_ms,
                                         sender.received_ms, sender.received_ms, newest->consent});
  return answer;
}

Outcome<void> Ingest::keep_reject(const RejectRow& reject) {
  return services_.store.write([&](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.operations().insert_reject(reject));
    return tables.operations().count(reject.site_id, "rejected", 1);
  });
}

Outcome<void> Ingest::count_rejected(std::string_view site_id, std::int64_t events) {
  return services_.store.write(
      [&](Tables& tables) { return tables.operations().count(site_id, "rejected", events); });
}

}  // namespace tl::server
