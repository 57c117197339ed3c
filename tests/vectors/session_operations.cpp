// SPDX-License-Identifier: Apache-2.0
// decide, evidence and state. A decide vector is a sequence of events of one browser; as in the
// page, the state travels between them as its line of text, and URLs are reduced before anything
// sees them.
#include "page/event_text.hpp"
#include "throughline/session.hpp"
#include "vectors/vector_text.hpp"

#include <vector>

namespace tl::vectors {
namespace {

constexpr std::size_t kSessionRoom = 256 * 1024;

// An event with the storage its views borrow from.
struct PageEvent {
  std::string site, name, url, referrer, title, props, campaign;
  Evidence evidence;
  Consent known;

  PageEvent(const Json& in, const Json& event) {
    site = text_of(in, "site");
    name = text_of(event, "n");
    title = text_of(event, "ti");
    props = text_of(event, "pr");
    campaign = text_of(event, "cu");
    if (event.contains("c")) {
      const Json& c = event["c"];
      known = {c[0].get<Choice>(), c[1].get<Choice>(), c[2].get<Choice>(), c[3].get<int>() != 0};
    }
    evidence.consent = with_default(known, static_cast<Choice>(number_of(in, "def")));
    const std::string keep = text_of(in, "keep");
    const bool marketing = permits_marketing(evidence.consent);
    url = reduced(text_of(event, "u"), keep, marketing);
    referrer = reduced(text_of(event, "r"), keep, marketing);
    evidence.site = site;
    evidence.name = name;
    evidence.url = url;
    evidence.referrer = referrer;
    evidence.page_nonce = parse_hex128(text_of(event, "pn")).value();
    evidence.seq = static_cast<std::uint32_t>(number_of(event, "seq"));
    evidence.t_ms = number_of(event, "t");
    evidence.consent_t_ms = number_of(event, "ct");
    evidence.navigation = static_cast<Navigation>(number_of(event, "nt"));
  }

  static std::string reduced(const std::string& raw, const std::string& keep, bool marketing) {
    std::vector<char> room(4096);
    Out out(room.data(), room.size());
    reduce_url(raw, keep, marketing, out);
    return std::string(out.view());
  }
};

SessionState state_of(const std::string& line) {
  const auto state = parse_state(line);
  return state.ok() ? state.value() : SessionState{};
}

// What the page gets for one event, as an array: state line, event id, event, then for a touch the
// touch; without storage consent the anonymous event alone; nothing when there is
// no result.
Json decide_event(const Json& in, const Json& event, const std::string& line) {
  PageEvent page(in, event);
  Evidence& evidence = page.evidence;
  std::vector<char> arena_room(kSessionRoom), out_room(kSessionRoom);
  Out arena(arena_room.data(), kSessionRoom), out(out_room.data(), kSessionRoom);
  const auto piece = [&out](std::size_t mark) { return json_of(out.since(mark)); };
  Json results = Json::array();

  if (!permits_ids(evidence.consent)) {
    evidence.consent = page.known;
    write_anonymous_event(evidence, arena, out);
    results.push_back(piece(0));
    return results;
  }
  Touch campaign;
  if (!page.campaign.empty()) {
    campaign = extract_touch(page.campaign, {}, arena);
    evidence.campaign = &campaign;
  }
  const SessionRules defaults;
  const SessionRules rules{number_of(in, "to", defaults.timeout_ms),
                           number_of(in, "mx", defaults.max_ms), number_of(in, "rc", 1) != 0};
  const SessionState before = state_of(line);
  const Decision decision = decide(before, evidence, rules, arena);
  if (decision.why == SessionReason::none) return results;

  write_state(decision.state, out);
  results.push_back(piece(0));
  std::size_t mark = out.size();
  write_uuid(decision.event_id, out);
  results.push_back(piece(mark));
  mark = out.size();
  evidence.consent = page.known;
  write_event(before, evidence, decision, {page.title, page.props}, out);
  results.push_back(piece(mark));
  if (decision.has_touch) {
    mark = out.size();
    write_touch(decision.touch, out);
    results.push_back(piece(mark));
  }
  return results;
}

}  // namespace

// "from" of an event: the number of events whose state it has seen, for tabs that read before
// another one wrote; without it all before.
Json run_decide(const Json& in) {
  std::vector<std::string> lines{text_of(in, "st")};
  Json results = Json::array();
  for (const Json& event : in["ev"]) {
    const auto seen = static_cast<std::size_t>(
        number_of(event, "from", static_cast<std::int64_t>(lines.size()) - 1));
    const std::string& line = lines.at(seen);
    const Json result = decide_event(in, event, line);
    lines.push_back(result.size() > 1 ? result[0].get<std::string>() : line);
    results.push_back(result);
  }
  return results;
}

Json run_evidence(const Json& in) {
  const PageEvent page(in, in);
  std::vector<char> room(kSessionRoom);
  Out out(room.data(), kSessionRoom);
  write_evidence_event(state_of(text_of(in, "st")), page.evidence, {page.title, page.props}, out);
  return json_of(out.view());
}

Json run_state(const Json& in) {
  const auto state = parse_state(text_of(in, "text"));
  if (!state.ok()) return {{"error", state.error().code}};
  std::vector<char> room(kSessionRoom);
  Out out(room.data(), kSessionRoom);
  write_state(state.value(), out);
  return json_of(out.view());
}

}  // namespace tl::vectors
