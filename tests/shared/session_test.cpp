// SPDX-License-Identifier: Apache-2.0
// The session reducer: every reason, every way to get none, and what two tabs and bad clocks do.
#include "throughline/session.hpp"

#include "catch.hpp"
#include "core_text.hpp"
#include "seeded_random.hpp"

#include <limits>
#include <string>

using tl::Choice;
using tl::Decision;
using tl::Evidence;
using tl::Id128;
using tl::Navigation;
using tl::SessionReason;
using tl::SessionRules;
using tl::SessionState;
using tl::test::Arena;
using tl::test::wire;

namespace {

constexpr std::int64_t kMinute = 60 * 1000;
constexpr std::int64_t kNoon = 1790000040000;  // a full minute
constexpr const char* kAd = "https://shop.example/?utm_source=google&gclid=X";
constexpr const char* kPlain = "https://shop.example/";

Id128 nonce(char last) {
  return tl::parse_hex128(std::string(31, '0') + last).value();
}

Evidence event(const char* name, std::int64_t t_ms, const char* url = kPlain,
               const char* referrer = "") {
  Evidence evidence;
  evidence.site = "demo";
  evidence.name = name;
  evidence.url = url;
  evidence.referrer = referrer;
  evidence.page_nonce = nonce('1');
  evidence.seq = 1;
  evidence.t_ms = t_ms;
  evidence.consent.storage = Choice::granted;
  return evidence;
}
Evidence page_view(std::int64_t t_ms, const char* url = kPlain, const char* referrer = "") {
  return event("page_view", t_ms, url, referrer);
}

// A browser with its stored state.
struct Browser {
  SessionState state;
  SessionRules rules;
  Arena arena;
  Decision sees(const Evidence& evidence) {
    auto decision = tl::decide(state, evidence, rules, arena.out());
    state = decision.state;
    return decision;
  }
};

void check_none(const Decision& decision, const SessionState& before) {
  CHECK(decision.why == SessionReason::none);
  CHECK_FALSE(decision.is_new_session);
  CHECK_FALSE(decision.has_touch);
  CHECK(decision.anonymous_id.is_nil());
  CHECK(decision.session_id.is_nil());
  CHECK(decision.event_id.is_nil());
  CHECK(decision.state == before);
}

}  // namespace

TEST_CASE("the first page view starts the first session with its touch", "[session]") {
  Browser browser;
  const auto decision = browser.sees(page_view(kNoon + 123, kAd));
  CHECK(decision.why == SessionReason::first);
  CHECK(decision.is_new_session);
  REQUIRE(decision.has_touch);
  CHECK(wire(decision.touch) == R"({"source":"google","gclid":"X"})");
  CHECK(decision.state.index == 1);
  CHECK(decision.state.start_ms == kNoon + 123);
  CHECK(decision.state.last_ms == kNoon + 123);
  CHECK(decision.session_id.time_ms() == kNoon);
  CHECK(decision.anonymous_id.time_ms() == kNoon + 123);
  CHECK(decision.event_id.time_ms() == kNoon + 123);
  CHECK(decision.session_id ==
        tl::derive_session_id("demo", decision.anonymous_id, nonce('1'), 1, kNoon + 123));
  CHECK(decision.event_id ==
        tl::derive_event_id("demo", decision.session_id, nonce('1'), 1, "page_view", kNoon + 123));
}

TEST_CASE("deciding the same event again gives the same ids", "[session]") {
  Browser browser;
  browser.sees(page_view(kNoon, kAd));
  const auto before = browser.state;
  for (const auto t_ms : {kNoon + 1, kNoon + 31 * kMinute, kNoon - 2 * kMinute}) {
    Arena arena;
    const auto once = tl::decide(before, page_view(t_ms), {}, arena.out());
    const auto again = tl::decide(before, page_view(t_ms), {}, arena.out());
    CHECK(once.session_id == again.session_id);
    CHECK(once.event_id == again.event_id);
    CHECK(once.state == again.state);
  }
}

TEST_CASE("a session runs as long as the gaps are within the timeout", "[session]") {
  Browser browser;
  const auto first = browser.sees(page_view(kNoon));
  for (int i = 1; i <= 5; ++i) {
    const auto next = browser.sees(event("click", kNoon + i * 30 * kMinute));
    CHECK(next.why == SessionReason::same);
    CHECK(next.session_id == first.session_id);
    CHECK_FALSE(next.has_touch);
    CHECK(browser.state.last_ms == kNoon + i * 30 * kMinute);
  }
  CHECK(browser.state.start_ms == kNoon);
}

TEST_CASE("one millisecond more than the timeout starts a new session", "[session]") {
  Browser browser;
  const auto first = browser.sees(page_view(kNoon, kAd));
  const auto t_ms = kNoon + 30 * kMinute + 1;
  const auto next = browser.sees(page_view(t_ms));
  CHECK(next.why == SessionReason::timeout);
  CHECK(next.session_id != first.session_id);
  CHECK(next.anonymous_id == first.anonymous_id);
  CHECK(next.state.index == 2);
  CHECK(next.state.start_ms == t_ms);
  CHECK(next.session_id ==
        tl::derive_session_id("demo", first.anonymous_id, first.session_id, 2, t_ms));
  REQUIRE(next.has_touch);
  CHECK(wire(next.touch) == "{}");
  CHECK_FALSE(next.touch.is_internal);
  CHECK(next.touch.landing_path == "/");
  CHECK(next.state.touch_fingerprint == 0);
}

TEST_CASE("a new session by timeout takes the URL's touch, even one seen before", "[session]") {
  Browser browser;
  browser.sees(page_view(kNoon, kAd));
  const auto next = browser.sees(page_view(kNoon + 31 * kMinute, kAd));
  CHECK(next.why == SessionReason::timeout);
  CHECK(wire(next.touch) == R"({"source":"google","gclid":"X"})");

  auto reload = page_view(kNoon + 62 * kMinute, kAd);
  reload.navigation = Navigation::reload;
  const auto after = browser.sees(reload);
  CHECK(after.why == SessionReason::timeout);
  REQUIRE(after.has_touch);
  CHECK(wire(after.touch) == "{}");
}

TEST_CASE("the hard cap counts from the id's own time", "[session]") {
  SessionRules rules;
  Browser browser;
  const auto first = browser.sees(page_view(kNoon + 59999));
  std::int64_t t_ms = kNoon + 59999;
  while (t_ms + 25 * kMinute <= kNoon + rules.max_ms)
    CHECK(browser.sees(event("click", t_ms += 25 * kMinute)).why == SessionReason::same);
  CHECK(browser.sees(event("click", kNoon + rules.max_ms)).session_id == first.session_id);
  const auto over = browser.sees(event("click", kNoon + rules.max_ms + 1));
  CHECK(over.why == SessionReason::timeout);
  CHECK(over.has_touch);
}

TEST_CASE("a tagged touch unlike the last one starts a new session", "[session]") {
  Browser browser;
  const auto first = browser.sees(page_view(kNoon, kAd));
  CHECK(browser.sees(page_view(kNoon + 1, kAd)).why == SessionReason::same);

  const auto next = browser.sees(page_view(kNoon + 2, "https://shop.example/?utm_source=news"));
  CHECK(next.why == SessionReason::campaign);
  CHECK(next.session_id != first.session_id);
  CHECK(next.state.index == 2);
  CHECK(wire(next.touch) == R"({"source":"news"})");
  // And back again: it differs from the session's last one.
  CHECK(browser.sees(page_view(kNoon + 3, kAd)).why == SessionReason::campaign);
}

TEST_CASE("an equal campaign makes neither a touch nor a session", "[session]") {
  Browser browser;
  browser.sees(page_view(kNoon, kAd, "https://www.google.com/"));
  // Through the own site, from a login page, or by another way: the tags say it is the same
  // arrival.
  for (const auto* referrer :
       {"https://shop.example/a", "https://accounts.google.com/", "", "https://www.bing.com/"}) {
    const auto next = browser.sees(page_view(kNoon + 5, kAd, referrer));
    CAPTURE(referrer);
    CHECK(next.why == SessionReason::same);
    CHECK_FALSE(next.has_touch);
  }
}

TEST_CASE("withdrawing or granting marketing makes no arrival of the same ad", "[session]") {
  const char* withheld = "https://shop.example/?utm_source=google&gclid=*";
  for (const bool is_granted_later : {false, true}) {
    CAPTURE(is_granted_later);
    Browser browser;
    const auto first = browser.sees(page_view(kNoon, is_granted_later ? withheld : kAd));
    std::int64_t t_ms = kNoon;
    for (const auto* again : {withheld, kAd, withheld, kAd}) {
      const auto next = browser.sees(page_view(++t_ms, again));
      CHECK(next.why == SessionReason::same);
      CHECK(next.session_id == first.session_id);
      CHECK_FALSE(next.has_touch);
    }
    // Whether the click id was told first or later: another one is another click.
    const auto other =
        browser.sees(page_view(++t_ms, "https://shop.example/?utm_source=google&gclid=Y"));
    CHECK(other.why == SessionReason::campaign);
    CHECK(wire(other.touch) == R"({"source":"google","gclid":"Y"})");
    CHECK(browser.sees(page_view(++t_ms, kAd)).why == SessionReason::campaign);
  }
}

TEST_CASE("another ad is another arrival though its click id is withheld", "[session]") {
  for (const auto* other :
       {"https://shop.example/?utm_source=bing&gclid=*", "https://shop.example/?utm_source=google",
        "https://shop.example/?utm_source=google&wbraid=*", "https://shop.example/?gclid=*"}) {
    CAPTURE(other);
    Browser browser;
    browser.sees(page_view(kNoon, kAd));
    CHECK(browser.sees(page_view(kNoon + 1, other)).why == SessionReason::campaign);
    browser.state.touch_fingerprint = 0;  // a session that began without any
    CHECK(browser.sees(page_view(kNoon + 2, other)).why == SessionReason::campaign);
  }
}

TEST_CASE("without rotation a new campaign is a touch of the running session", "[session]") {
  Browser browser;
  browser.rules.rotate_on_campaign = false;
  browser.sees(page_view(kNoon));
  const auto next = browser.sees(page_view(kNoon + 1, kAd));
  CHECK(next.why == SessionReason::same);
  CHECK(next.has_touch);
  CHECK_FALSE(browser.sees(page_view(kNoon + 2, kAd)).has_touch);
}

TEST_CASE("an external referrer is a touch and does not rotate", "[session]") {
  Browser browser;
  const auto first = browser.sees(page_view(kNoon, kAd));
  const auto next = browser.sees(page_view(kNoon + 1, kPlain, "https://www.google.com/"));
  CHECK(next.why == SessionReason::same);
  CHECK(next.session_id == first.session_id);
  REQUIRE(next.has_touch);
  CHECK(wire(next.touch) == R"({"ref":"www.google.com"})");
  CHECK_FALSE(
      browser.sees(page_view(kNoon + 2, "https://shop.example/b", "https://www.google.com/"))
          .has_touch);
}

TEST_CASE("internal returns make no touch", "[session]") {
  Browser browser;
  browser.sees(page_view(kNoon, kAd));
  for (const auto* referrer : {"https://checkout.stripe.com/", "https://www.paypal.com/x",
                               "https://t.shop.example/", "http://localhost:8080/"}) {
    const auto next = browser.sees(page_view(kNoon + 1, kPlain, referrer));
    CAPTURE(referrer);
    CHECK(next.why == SessionReason::same);
    CHECK_FALSE(next.has_touch);
  }
  // Even after the timeout a payment page is no source: the session is direct.
  const auto late =
      browser.sees(page_view(kNoon + 40 * kMinute, kPlain, "https://checkout.stripe.com/"));
  CHECK(late.why == SessionReason::timeout);
  CHECK(wire(late.touch) == "{}");
  CHECK_FALSE(late.touch.is_internal);
}

TEST_CASE("reloads and back or forward make no touch while a session is known", "[session]") {
  for (const auto navigation : {Navigation::reload, Navigation::back_forward}) {
    Browser browser;
    browser.sees(page_view(kNoon));
    auto again = page_view(kNoon + 1, kAd, "https://www.google.com/");
    again.navigation = navigation;
    const auto next = browser.sees(again);
    CHECK(next.why == SessionReason::same);
    CHECK_FALSE(next.has_touch);
  }
}

TEST_CASE("a reload after consent still brings its ad", "[session]") {
  // Consent platforms reload the page on accept: the landing URL is the only evidence there is.
  Browser browser;
  auto landing = page_view(kNoon, kAd);
  landing.navigation = Navigation::reload;
  CHECK(wire(browser.sees(landing).touch) == R"({"source":"google","gclid":"X"})");
}

TEST_CASE("a route change carries a touch only when its parameters are new", "[session]") {
  Browser browser;
  browser.sees(page_view(kNoon));
  auto route = page_view(kNoon + 1, kAd, kPlain);
  route.navigation = Navigation::route;
  CHECK(browser.sees(route).why == SessionReason::campaign);

  Browser other;
  other.sees(page_view(kNoon));
  auto stays = page_view(kNoon + 1, "https://shop.example/b?utm_source=google&gclid=X", kAd);
  stays.navigation = Navigation::route;
  const auto next = other.sees(stays);
  CHECK(next.why == SessionReason::same);
  CHECK_FALSE(next.has_touch);
}

TEST_CASE("the referrer of a single-page route is not the route before it", "[session]") {
  // Neither where the route begins a session, nor where it brings a campaign, nor else.
  for (const auto* url : {kPlain, kAd, "https://shop.example/film"})
    for (const std::int64_t later : {std::int64_t{1}, tl::SessionRules{}.timeout_ms + 1}) {
      Browser browser;
      browser.sees(page_view(kNoon, "https://shop.example/", "https://news.example/"));
      auto route = page_view(kNoon + later, url, "https://shop.example/left");
      route.navigation = Navigation::route;
      const auto decision = browser.sees(route);
      INFO(url << " after " << later);
      CHECK(decision.touch.referrer_host.empty());
      CHECK(decision.touch.referrer_path.empty());
      CHECK(wire(decision.touch).find("ref") == std::string::npos);
    }
}

TEST_CASE("a campaign started by the page replaces the URL's touch", "[session]") {
  tl::Touch picked;
  picked.source = "cards";
  picked.campaign = "forest";
  Browser browser;
  browser.sees(page_view(kNoon, kAd));
  auto choice = event("campaign_picked", kNoon + 1, kAd);
  choice.campaign = &picked;
  const auto next = browser.sees(choice);
  CHECK(next.why == SessionReason::campaign);
  CHECK(wire(next.touch) == R"({"source":"cards","campaign":"forest"})");
  choice.t_ms = kNoon + 2;
  CHECK(browser.sees(choice).why == SessionReason::same);
}

TEST_CASE("a session begun by another event is direct", "[session]") {
  Browser browser;
  const auto decision = browser.sees(event("add_to_cart", kNoon, kAd, "https://www.google.com/"));
  CHECK(decision.why == SessionReason::first);
  REQUIRE(decision.has_touch);
  CHECK_FALSE(decision.touch.has_evidence());
  CHECK(decision.touch.landing_path == "/");
}

TEST_CASE("leaving, consent and identify extend a session but never start one", "[session]") {
  for (const auto* name : {"page_leave", "consent", "identify"}) {
    CAPTURE(name);
    Browser browser;
    check_none(browser.sees(event(name, kNoon)), SessionState{});

    const auto first = browser.sees(page_view(kNoon));
    const auto within = browser.sees(event(name, kNoon + 30 * kMinute, kAd));
    CHECK(within.why == SessionReason::same);
    CHECK(within.session_id == first.session_id);
    CHECK(browser.state.last_ms == kNoon + 30 * kMinute);

    const auto before = browser.state;
    check_none(browser.sees(event(name, kNoon + 61 * kMinute)), before);
    check_none(browser.sees(event(name, kNoon - 2 * kMinute)), before);
  }
}

TEST_CASE("without storage consent nothing is decided", "[session]") {
  Browser browser;
  browser.sees(page_view(kNoon, kAd));
  const auto before = browser.state;
  for (const auto storage : {Choice::unknown, Choice::denied}) {
    auto evidence = page_view(kNoon + 1, kAd);
    evidence.consent.storage = storage;
    evidence.consent.marketing = Choice::granted;
    check_none(browser.sees(evidence), before);
  }
}

TEST_CASE("late consent starts the session at the page's start", "[session]") {
  Browser browser;
  auto landing = page_view(kNoon, kAd);
  landing.consent_t_ms = kNoon + 90 * 1000;
  const auto decision = browser.sees(landing);
  CHECK(decision.why == SessionReason::consent);
  CHECK(decision.state.start_ms == kNoon);
  CHECK(decision.session_id.time_ms() == kNoon);
  CHECK(decision.anonymous_id.time_ms() == kNoon + 90 * 1000);
  CHECK(wire(decision.touch) == R"({"source":"google","gclid":"X"})");

  // The held events follow in the same session, then the one of the consent itself.
  auto held = event("click", kNoon + 1000);
  held.consent_t_ms = kNoon + 90 * 1000;
  CHECK(browser.sees(held).why == SessionReason::same);
  const auto consent = browser.sees(event("consent", kNoon + 90 * 1000));
  CHECK(consent.why == SessionReason::same);
  CHECK(consent.session_id == decision.session_id);
  CHECK(browser.state.last_ms == kNoon + 90 * 1000);
}

TEST_CASE("an anonymous id without a session is kept", "[session]") {
  Browser browser;
  browser.state.anonymous_id = nonce('7');
  const auto decision = browser.sees(page_view(kNoon));
  CHECK(decision.why == SessionReason::first);
  CHECK(decision.anonymous_id == nonce('7'));
  CHECK(decision.state.index == 1);
  CHECK(decision.session_id == tl::derive_session_id("demo", nonce('7'), nonce('1'), 1, kNoon));
}

TEST_CASE("a clock set back starts a new session, a small step does not", "[session]") {
  Browser browser;
  const auto first = browser.sees(page_view(kNoon));
  browser.sees(page_view(kNoon + 5 * kMinute));
  const auto small = browser.sees(event("click", kNoon - kMinute));
  CHECK(small.why == SessionReason::same);
  CHECK(browser.state.last_ms == kNoon + 5 * kMinute);
  CHECK(browser.state.start_ms == kNoon);

  const auto back = browser.sees(page_view(kNoon - kMinute - 1));
  CHECK(back.why == SessionReason::clock);
  CHECK(back.session_id != first.session_id);
  CHECK(back.state.last_ms == kNoon - kMinute - 1);
  CHECK(back.state.index == 2);
}

TEST_CASE("a clock that jumps ahead and back costs two sessions and no id", "[session]") {
  Browser browser;
  const auto first = browser.sees(page_view(kNoon));
  const auto ahead = browser.sees(page_view(kNoon + 365LL * 24 * 60 * kMinute));
  CHECK(ahead.why == SessionReason::timeout);
  const auto back = browser.sees(page_view(kNoon + kMinute));
  CHECK(back.why == SessionReason::clock);
  CHECK(back.anonymous_id == first.anonymous_id);
  CHECK(back.state.index == 3);
}

TEST_CASE("two tabs that wake after the timeout derive one session", "[session]") {
  Browser browser;
  browser.sees(page_view(kNoon));
  const auto stored = browser.state;
  auto one = page_view(kNoon + 45 * kMinute + 1000, kPlain);
  auto two = event("click", kNoon + 45 * kMinute + 59999);
  one.page_nonce = nonce('a');
  two.page_nonce = nonce('b');
  Arena arena;
  const auto first = tl::decide(stored, one, {}, arena.out());
  const auto second = tl::decide(stored, two, {}, arena.out());
  CHECK(first.session_id == second.session_id);
  CHECK(first.event_id != second.event_id);

  // On both sides of a minute the times differ; the smaller id is the earlier one, for both to
  // adopt.
  two.t_ms += 1;
  CHECK(first.session_id < tl::decide(stored, two, {}, arena.out()).session_id);
}

TEST_CASE("an event id depends on page, sequence, name and session", "[session]") {
  Browser browser;
  browser.sees(page_view(kNoon));
  const auto base = event("click", kNoon + 1);
  auto other_seq = base;
  other_seq.seq = 2;
  auto other_name = base;
  other_name.name = "tap";
  auto other_page = base;
  other_page.page_nonce = nonce('2');
  Arena arena;
  const auto id = tl::decide(browser.state, base, {}, arena.out()).event_id;
  for (const auto& other : {other_seq, other_name, other_page}) {
    CHECK(tl::decide(browser.state, other, {}, arena.out()).event_id != id);
  }
}

TEST_CASE("state survives its text form", "[session]") {
  Browser browser;
  browser.sees(page_view(kNoon + 7, kAd));
  const auto text = tl::test::written([&](tl::Out& out) { tl::write_state(browser.state, out); });
  const auto parsed = tl::parse_state(text);
  REQUIRE(parsed.ok());
  CHECK(parsed.value() == browser.state);

  // The fingerprint may be missing, as in a cookie written by an older server.
  const auto short_text = text.substr(0, text.rfind('.'));
  REQUIRE(tl::parse_state(short_text).ok());
  CHECK(tl::parse_state(short_text).value().touch_fingerprint == 0);

  SessionState only_id;
  only_id.anonymous_id = nonce('5');
  const auto id_text = tl::test::written([&](tl::Out& out) { tl::write_state(only_id, out); });
  REQUIRE(tl::parse_state(id_text).ok());
  CHECK(tl::parse_state(id_text).value() == only_id);
}

TEST_CASE("garbage never becomes a state", "[session]") {
  const std::string aid = "01a0c450-6c7b-7e63-ab7f-16fe499cae8f";
  const std::string sid = "01a0c450-1de0-7c8f-a03b-00f9d48bff01";
  const std::string nil = "00000000-0000-0000-0000-000000000000";
  REQUIRE(tl::parse_state(aid + "." + sid + ".1.2.3.9223372036854775807").ok());
  REQUIRE(tl::parse_state(aid + "." + sid + ".1.2.3").ok());
  const std::string bad[] = {"",
                             ".",
                             ".....",
                             aid,
                             aid + "." + sid,
                             aid + "." + sid + ".1.2",
                             aid + "." + sid + ".1.2.",
                             aid + "." + sid + ".2.1.1",  // ended before it began
                             aid + "." + sid + ".1.2.0",  // a session without a number
                             aid + "." + nil + ".0.0.1",  // a number without a session
                             nil + "." + sid + ".1.2.3",  // a session without an anonymous id
                             aid + "." + sid + ".1.2.4294967296",       // index beyond 32 bits
                             aid + "." + sid + ".1.281474976710656.1",  // beyond a UUIDv7's time
                             aid + "." + sid + ".-1.2.3",
                             aid + "." + sid + ".1.2.3.",
                             aid + "." + sid + ".1.2.3.xyz",
                             aid + "." + sid + ".1.2.3.0.x",
                             aid + "." + sid + ".1.2.3.0.",
                             aid + "." + sid + ".1.2.3.-1",
                             aid + "." + sid + ".1.2.3.9223372036854775808",
                             sid + sid + ".1.2.3",
                             " " + aid + "." + sid + ".1.2.3",
                             aid + "." + sid + ".1.2.3 ",
                             aid + "," + sid + ",1,2,3",
                             std::string(100000, '.')};
  for (const auto& text : bad) {
    CAPTURE(text.substr(0, 200));
    REQUIRE_FALSE(tl::parse_state(text).ok());
    CHECK(std::string(tl::parse_state(text).error().code) == "bad_state");
  }
}

TEST_CASE("reasons are named and read back", "[session]") {
  for (const auto reason :
       {SessionReason::first, SessionReason::same, SessionReason::timeout, SessionReason::campaign,
        SessionReason::clock, SessionReason::consent}) {
    SessionReason parsed{};
    REQUIRE(tl::parse_reason(tl::reason_name(reason), parsed));
    CHECK(parsed == reason);
  }
  SessionReason parsed{};
  CHECK(tl::reason_name(SessionReason::none).empty());
  CHECK_FALSE(tl::parse_reason("", parsed));
  CHECK_FALSE(tl::parse_reason("fir", parsed));
}

TEST_CASE("any input is decided without undefined behaviour and repeatably", "[session]") {
  const std::int64_t times[] = {std::numeric_limits<std::int64_t>::min(), -1, 0, 1, kNoon,
                                std::numeric_limits<std::int64_t>::max()};
  const char* urls[] = {kAd, kPlain, "", "x", "https://shop.example/?utm_source=%FF"};
  const char* names[] = {"page_view", "click", "page_leave", ""};
  tl::test::SeededRandom random(17);
  Arena arena;
  const std::size_t mark = arena.out().size();
  for (int round = 0; round < 20000; ++round) {
    SessionState state;
    if (random.below(4) != 0) state.anonymous_id = nonce('3');
    if (random.below(4) != 0) state.session_id = nonce('4');
    state.start_ms = times[random.below(6)];
    state.last_ms = times[random.below(6)];
    state.index = random.below(2) == 0 ? 1 : 0xFFFFFFFF;
    SessionRules rules;
    rules.timeout_ms = times[random.below(6)];
    rules.max_ms = times[random.below(6)];
    auto evidence = event(names[random.below(4)], times[random.below(6)], urls[random.below(5)],
                          urls[random.below(5)]);
    evidence.navigation = static_cast<Navigation>(random.below(4));
    evidence.consent_t_ms = times[random.below(6)];
    arena.out().rewind(mark);
    const auto once = tl::decide(state, evidence, rules, arena.out());
    arena.out().rewind(mark);
    const auto again = tl::decide(state, evidence, rules, arena.out());
    const bool is_some = once.why != SessionReason::none;
    if (!(once.state == again.state) || once.event_id != again.event_id ||
        is_some == once.session_id.is_nil() || is_some == once.event_id.is_nil() ||
        (once.is_new_session && !once.has_touch) || (!is_some && !(once.state == state))) {
      FAIL_CHECK("round " << round);
    }
  }
}
