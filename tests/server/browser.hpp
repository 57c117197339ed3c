// SPDX-License-Identifier: Apache-2.0
// A browser for tests: decides with the shared code as the script does, writes events as they
// travel and keeps its state, so that every batch is what a real page would send.
#pragma once

#include "tests/page/event_text.hpp"
#include "tests/server/support.hpp"
#include "throughline/session.hpp"
#include "throughline/touch.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace tl::server::test {

// A landing from an ad.
inline constexpr const char* kAd =
    "https://shop.example/?utm_source=google&utm_medium=cpc&gclid=Cj0X";

class Browser {
 public:
  using Json = nlohmann::json;

  std::int64_t now_ms = kNow;  // its own clock
  Consent consent{Choice::granted, Choice::granted, Choice::unknown, false};
  SessionState state;
  std::string token;

  // A fresh page load.
  void open(const std::string& page_url, const std::string& came_from = "") {
    url = page_url;
    referrer = came_from;
    navigation = Navigation::navigate;
    page_nonce_ = id(++pages_ + 77'000);
    seq_ = 0;
  }
  // Decides and returns the event as it travels.
  Json event(const std::string& name, const std::string& props = "") {
    std::string buffer(128 * 1024, '\0');
    Out arena(buffer.data(), buffer.size());
    Evidence evidence = next(name, arena);
    evidence.consent = with_default(consent, Choice::denied);
    const Decision decision = decide(state, evidence, SessionRules{}, arena);
    evidence.consent = consent;
    const std::size_t mark = arena.size();
    write_event(state, evidence, decision, {"Title", props}, arena);
    state = decision.state;
    return Json::parse(arena.since(mark));
  }
  // Without a core: evidence only.
  Json evidence_only(const std::string& name, const std::string& props = "") {
    std::string buffer(128 * 1024, '\0');
    Out arena(buffer.data(), buffer.size());
    Evidence evidence = next(name, arena);
    evidence.consent = consent;
    const std::size_t mark = arena.size();
    write_evidence_event(state, evidence, {"Title", props}, arena);
    return Json::parse(arena.since(mark));
  }
  Json anonymous(const std::string& name) {
    std::string buffer(128 * 1024, '\0');
    Out arena(buffer.data(), buffer.size());
    Evidence evidence = next(name, arena);
    evidence.consent = consent;
    std::string text(8 * 1024, '\0');
    Out out(text.data(), text.size());
    write_anonymous_event(evidence, arena, out);
    return Json::parse(out.view());
  }
  Json batch(std::vector<Json> events, int rules_version = kRulesVersion) {
    char nonce[32];
    Out out(nonce, sizeof nonce);
    out.put_hex(page_nonce_.bytes.data(), page_nonce_.bytes.size());
    Json body = {{"v", 1},
                 {"site", "demo"},
                 {"key", "wk_demo"},
                 {"rv", rules_version},
                 {"sent", now_ms},
                 {"pn", std::string(out.view())},
                 {"ru", {{"to", 1'800'000}, {"mx", 86'340'000}, {"rc", 1}}},
                 {"e", std::move(events)}};
    if (!token.empty()) body["tok"] = token;
    return body;
  }

  // A change of the page's address without a load, as the script tells it.
  void change_route(const std::string& page_url) {
    referrer = url;
    url = page_url;
    navigation = Navigation::route;
  }

  std::string url = "https://shop.example/", referrer, keep_query;
  Navigation navigation = Navigation::navigate;

 private:
  Evidence next(const std::string& name, Out& arena) {
    name_ = name;
    Evidence evidence;
    evidence.site = "demo";
    evidence.name = name_;
    const bool marketing = permits_marketing(with_default(consent, Choice::denied));
    reduce_url(url, keep_query, marketing, arena);
    evidence.url = arena.view();
    const std::size_t mark = arena.size();
    reduce_url(referrer, keep_query, marketing, arena);
    evidence.referrer = arena.since(mark);
    evidence.page_nonce = page_nonce_;
    evidence.seq = ++seq_;
    evidence.navigation = navigation;
    evidence.t_ms = now_ms;
    return evidence;
  }

  std::string name_;
  Id128 page_nonce_ = id(77'000);
  std::uint64_t pages_ = 0;
  std::uint32_t seq_ = 0;
};

}  // namespace tl::server::test
