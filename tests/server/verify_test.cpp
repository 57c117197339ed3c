// SPDX-License-Identifier: Apache-2.0
// Whatever a browser says is replayed: honest batches verify, every changed field is named.
#include "tests/server/intake_house.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

using Json = nlohmann::json;

// The verdict of the event that the server stored for `nonce` and seq, whatever its id became.
EventRow only_event(IntakeHouse& house, const Json& answer) {
  const auto session = parse_uuid(answer["session_id"].get<std::string>()).value();
  auto events = house.store.get(
      [&](Tables& tables) { return tables.events().events_of_session("demo", session, 100); });
  REQUIRE_FALSE(events.empty());
  return events.back();
}

}  // namespace

TEST_CASE("the first event of a browser is bootstrap, the next ones are verified", "[verify]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);

  const auto first = browser.event("page_view");
  const auto answer = house.kept(browser.batch({first}));
  browser.token = answer["token"];
  browser.now_ms += kMinute;
  house.store.clock.advance(kMinute);
  const auto second = browser.event("content_view", R"({"content_id":"film-1"})");
  house.kept(browser.batch({second}));

  CHECK(answer["session_id"] == first["sid"]);
  CHECK(answer["anonymous_id"] == first["aid"]);
  CHECK(house.stored(first["id"])->verdict == Verdict::bootstrap);
  CHECK(house.stored(second["id"])->verdict == Verdict::verified);
}

TEST_CASE("a session goes on by the store when the answer with the token was lost", "[verify]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);
  house.kept(browser.batch({browser.event("page_view")}));

  const auto second = browser.event("click");
  house.kept(browser.batch({second}));

  CHECK(house.stored(second["id"])->verdict == Verdict::verified);
}

TEST_CASE("a past that nobody here knows is unverified", "[verify]") {
  IntakeHouse house, elsewhere;
  Browser browser;
  browser.open(kAd);
  elsewhere.kept(browser.batch({browser.event("page_view")}));

  const auto second = browser.event("click");
  const auto reply = house.events(browser.batch({second}));

  CHECK(header_of(reply, "X-Throughline") == "unverified");
  CHECK(house.stored(second["id"])->verdict == Verdict::unverified);
}

TEST_CASE("every decision that was changed is named", "[verify]") {
  struct Case {
    const char* field;
    Json value;
    const char* mismatch;
  };
  const auto& [field, value, mismatch] = GENERATE(values<Case>({
      {"id", "00000000-0000-7000-8000-000000000001", "id"},
      {"sid", "00000000-0000-7000-8000-000000000002", "sid"},
      {"aid", "00000000-0000-7000-8000-000000000003", "aid"},
      {"why", "campaign", "why"},
      {"touch", {{"source", "bing"}, {"medium", "cpc"}, {"gclid", "Cj0X"}}, "touch"},
      {"touch", {{"source", "google"}}, "touch"},
      {"touch", nullptr, "touch"},
      {"seq", 2, "id"},
      {"n", "page_view_2", "touch,id"},
  }));
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);
  auto event = browser.event("page_view");
  event[field] = value;

  const auto answer = house.kept(browser.batch({event}));

  const auto stored = only_event(house, answer);
  CHECK(stored.verdict == Verdict::mismatch);
  CHECK(stored.mismatch == mismatch);
}

TEST_CASE("evidence that was changed no longer fits its decisions", "[verify]") {
  IntakeHouse house;
  Browser browser;
  browser.open("https://shop.example/", "https://www.google.com/");
  auto event = browser.event("page_view");
  const std::string member = GENERATE("u", "r");
  event["ev"][member] = "https://www.facebook.com/?utm_source=facebook&fbclid=abc";

  const auto stored = only_event(house, house.kept(browser.batch({event})));

  CHECK(stored.verdict == Verdict::mismatch);
  CHECK(stored.mismatch == "touch");
}

TEST_CASE("a session id that replay does not confirm leads to the session as an alias",
          "[verify]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);
  auto event = browser.event("page_view");
  const std::string claimed = "01a0b1c2-0000-7000-8000-00000000abcd";
  event["sid"] = claimed;

  const auto answer = house.kept(browser.batch({event}));

  CHECK(answer["session_id"] != claimed);
  REQUIRE(house.session(claimed).has_value());
  CHECK(uuid(house.session(claimed)->id) == answer["session_id"]);
}

TEST_CASE("an invented timeout does not split the session", "[verify]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);
  const auto first = house.kept(browser.batch({browser.event("page_view")}));
  browser.token = first["token"];
  browser.now_ms += 5 * kMinute;
  house.store.clock.advance(5 * kMinute);
  browser.state.last_ms -= kHour;
  browser.state.start_ms -= kHour;

  const auto second = browser.event("click");
  REQUIRE(second["why"] == "timeout");
  const auto answer = house.kept(browser.batch({second}));

  CHECK(answer["session_id"] == first["session_id"]);
  const auto stored = only_event(house, answer);
  CHECK(stored.verdict == Verdict::mismatch);
  CHECK(stored.mismatch.find("prev") == 0);
}

TEST_CASE("an invented activity does not keep a session alive", "[verify]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);
  const auto first = house.kept(browser.batch({browser.event("page_view")}));
  browser.token = first["token"];
  browser.now_ms += 3 * kHour;
  house.store.clock.advance(3 * kHour);
  browser.state.last_ms = browser.now_ms - kMinute;

  const auto second = browser.event("click");
  REQUIRE(second["why"] == "same");
  const auto answer = house.kept(browser.batch({second}));

  CHECK(answer["session_id"] != first["session_id"]);
  CHECK(only_event(house, answer).mismatch.find("prev") == 0);
}

TEST_CASE("activity that only beacons reported is believed up to the timeout", "[verify]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);
  browser.token = house.kept(browser.batch({browser.event("page_view")}))["token"];
  browser.now_ms += 40 * kMinute;
  house.store.clock.advance(40 * kMinute);
  browser.state.last_ms += 25 * kMinute;

  const auto second = browser.event("click");
  house.kept(browser.batch({second}));

  CHECK(house.stored(second["id"])->verdict == Verdict::verified);
}

TEST_CASE("a forged token marks the event, a dead key's only loosens it", "[verify]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);
  const bool is_forged = GENERATE(true, false);
  const SecretBox other("another secret of more than thirty-two", house.store.entropy);
  const std::string good =
      house.store.tokens.issue({"demo", id(1), id(2), 1, kNow, kNow, kNow, {}});
  browser.token = is_forged
                      ? good.substr(0, good.size() - 1) + (good.back() == 'A' ? "B" : "A")
                      : TokenIssuer(other).issue({"demo", id(1), id(2), 1, kNow, kNow, kNow, {}});

  const auto event = browser.event("page_view");
  const auto reply = house.events(browser.batch({event}));

  CHECK(reply.status == 202);
  CHECK(Json::parse(reply.body)["token"].is_null() == is_forged);
  CHECK(Json::parse(reply.body)["anonymous_id"].is_null() == is_forged);
  CHECK(header_of(reply, "X-Throughline") == (is_forged ? "forged" : "unverified"));
  CHECK(house.stored(event["id"])->verdict == (is_forged ? Verdict::forged : Verdict::unverified));
  const auto days =
      house.store.get([](Tables& tables) { return tables.rollups().traffic("demo", 0, 99999999); });
  CHECK(days.empty() == is_forged);
}

TEST_CASE("who only says the ids of a session gets neither its token nor its other ids",
          "[verify]") {
  IntakeHouse house;
  Browser visitor, thief;
  visitor.open(kAd);
  const auto begun = house.kept(visitor.batch({visitor.event("page_view")}));
  thief.open("https://shop.example/b");
  thief.open("https://shop.example/b");
  house.store.clock.advance(1000);
  thief.now_ms += 1000;
  std::string cookie;
  SECTION("the session's id") {
    thief.state = visitor.state;
    thief.state.anonymous_id = id(666);
  }
  SECTION("the visitor's id") {
    thief.state.anonymous_id = visitor.state.anonymous_id;
  }
  SECTION("the session's id with a token and cookie of one's own") {
    Browser other;
    for (int page = 0; page < 3; ++page) other.open(kAd);
    const auto own = house.kept(other.batch({other.event("page_view")}));
    thief.token = own["token"];
    thief.state = visitor.state;
    thief.state.anonymous_id = other.state.anonymous_id;
    cookie = "tl_aid.demo=" + own["anonymous_id"].get<std::string>();
  }
  SECTION("the session's id with another session's token") {
    Browser other;
    for (int page = 0; page < 3; ++page) other.open(kAd);
    thief.token = house.kept(other.batch({other.event("page_view")}))["token"];
    thief.state = visitor.state;
    thief.state.anonymous_id = id(666);
  }

  auto request = house.request(thief.batch({thief.event("click")}).dump());
  if (!cookie.empty()) request.headers.emplace_back("Cookie", cookie);
  const auto reply = house.send("POST", "/api/events", request);

  const auto answer = Json::parse(reply.body);
  CHECK(reply.status == 202);
  CHECK(answer["token"].is_null());
  if (thief.state.anonymous_id != visitor.state.anonymous_id)
    CHECK(answer["anonymous_id"] != begun["anonymous_id"]);
  CHECK(header_of(reply, "Set-Cookie").empty());
  CHECK(begun["token"].is_string());
}

TEST_CASE("a first batch that is sent again gets its token again", "[verify]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);
  const auto batch = browser.batch({browser.event("page_view")});
  house.kept(batch);
  CHECK(house.kept(batch)["token"].is_string());
}

TEST_CASE("rules of a later version are decided here and marked", "[verify]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);
  const auto event = browser.event("page_view");
  house.kept(browser.batch({event}, kRulesVersion + 1));
  CHECK(house.stored(event["id"])->verdict == Verdict::unverified);
}

TEST_CASE("times are corrected by the batch's own sending", "[verify]") {
  struct Case {
    std::int64_t browser_offset, age;
    ClockRule rule;
    std::int64_t stored;
  };
  const auto& [offset, age, rule, stored] = GENERATE(values<Case>({
      {0, 0, ClockRule::corrected, kNow},
      {kHour, 5000, ClockRule::corrected, kNow - 5000},
      {-kDay, 5000, ClockRule::corrected, kNow - 5000},
      {3 * kDay, 5000, ClockRule::received, kNow},
      {-3 * kDay, 0, ClockRule::received, kNow},
      {0, 4 * kDay, ClockRule::late, kNow - 4 * kDay},
      {0, -5000, ClockRule::received, kNow},
      {0, kNow - 1, ClockRule::received, kNow},  // the first millisecond of 1970
  }));
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);
  browser.now_ms = kNow + offset - age;
  const auto event = browser.event("page_view");
  browser.now_ms = kNow + offset;
  house.kept(browser.batch({event}));

  const auto row = house.stored(event["id"]);
  REQUIRE(row.has_value());
  CHECK(row->verdict == Verdict::bootstrap);
  CHECK(row->clock == rule);
  CHECK(row->t_ms == stored);
  CHECK(row->raw_t_ms == kNow + offset - age);
  CHECK(house.session(event["sid"])->started_ms == stored);
}

TEST_CASE("a choice about marketing makes no arrival of the same ad, whoever decides", "[verify]") {
  const bool is_server = GENERATE(true, false);
  const auto before = GENERATE(Choice::granted, Choice::denied);
  CAPTURE(is_server, before);
  IntakeHouse house;
  Browser browser;
  browser.consent.marketing = before;
  const auto view = [&](const char* url) {
    browser.open(url);
    const auto event = is_server ? browser.evidence_only("page_view") : browser.event("page_view");
    const auto answer = house.kept(browser.batch({event}, is_server ? 0 : kRulesVersion));
    if (!is_server) CHECK(house.stored(event["id"])->verdict != Verdict::mismatch);
    browser.token = answer["token"];
    browser.now_ms += kMinute;
    house.store.clock.advance(kMinute);
    return answer;
  };
  const auto first = view(kAd);
  browser.consent.marketing = before == Choice::granted ? Choice::denied : Choice::granted;
  CHECK(view(kAd)["session_id"] == first["session_id"]);
  CHECK(view("https://shop.example/?utm_source=google&utm_medium=cpc&wbraid=Cj0X")["session_id"] !=
        first["session_id"]);
  const auto touches = house.store.get([&](Tables& tables) {
    return tables.events().touches_of_visitor(
        "demo", parse_uuid(first["anonymous_id"].get<std::string>()).value(), 0, kNow + kDay, 10);
  });
  CHECK(touches.size() == 2);
}

TEST_CASE("by evidence alone the server decides the same ids as the browser would", "[verify]") {
  IntakeHouse house;
  Browser with_core, without;
  with_core.open(kAd);
  without.open(kAd);

  const auto decided = with_core.event("page_view");
  const auto answer = house.kept(without.batch({without.evidence_only("page_view")}, 0));

  CHECK(answer["session_id"] == decided["sid"]);
  CHECK(answer["anonymous_id"] == decided["aid"]);
  CHECK(house.stored(decided["id"])->verdict == Verdict::server);
}

TEST_CASE("by evidence alone a session goes on through the token", "[verify]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);
  const auto first = house.kept(browser.batch({browser.evidence_only("page_view")}, 0));
  browser.token = first["token"];

  browser.now_ms += kMinute;
  house.store.clock.advance(kMinute);
  browser.open(kAd);  // the same campaign again: no new touch
  const auto same = house.kept(browser.batch({browser.evidence_only("page_view")}, 0));
  browser.token = same["token"];
  browser.now_ms += kHour;
  house.store.clock.advance(kHour);
  browser.open("https://shop.example/later");
  const auto later = house.kept(browser.batch({browser.evidence_only("page_view")}, 0));

  CHECK(same["session_id"] == first["session_id"]);
  CHECK(later["session_id"] != first["session_id"]);
  CHECK(later["anonymous_id"] == first["anonymous_id"]);
  const auto touches = house.store.get([&](Tables& tables) {
    return tables.events().touches_of_visitor(
        "demo", parse_uuid(first["anonymous_id"].get<std::string>()).value(), 0, kNow + kDay, 10);
  });
  REQUIRE(touches.size() == 2);
  CHECK(touches[1].channel == Channel::direct);
}
