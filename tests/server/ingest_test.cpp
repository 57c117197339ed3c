// SPDX-License-Identifier: Apache-2.0
// What one batch leaves in the store, and what it leaves out.
#include "tests/server/intake_house.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

using Json = nlohmann::json;
constexpr const char* kTwoClicks =
    "https://shop.example/film?utm_source=Google&utm_medium=cpc&utm_campaign=Spring&gclid=Cj0X&"
    "fbclid=IwAR1";

// Row counts of every table that holds something of a visitor.
std::size_t traces(TempStore& store) {
  SQLite::Database database(store.path(), SQLite::OPEN_READONLY);
  std::size_t rows = 0;
  for (const char* table :
       {"touch", "event", "session", "session_alias", "anonymous_link", "session_context",
        "contact_claim", "contact", "consent_state", "delivery", "reject", "recent_traffic"}) {
    SQLite::Statement query(database, std::string("SELECT count(*) FROM ") + table);
    query.executeStep();
    rows += static_cast<std::size_t>(query.getColumn(0).getInt());
  }
  return rows;
}

std::int64_t all_that_came_in(TempStore& store) {
  std::int64_t total = 0;
  for (const char* name : {"accepted", "duplicate", "consent_refused", "rejected"})
    total += store.counter("demo", name);
  return total;
}

}  // namespace

TEST_CASE("one visit becomes a touch, a session, events and a day", "[ingest]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kTwoClicks, "https://www.google.com/");
  const auto page = browser.event("page_view");
  browser.now_ms += 1000;
  const auto film = browser.event(
      "content_view", R"({"content_id":"f1","content_name":"The Long Light","category":"film"})");
  browser.now_ms += 1000;
  const auto leave = browser.event("page_leave");
  house.store.clock.set(browser.now_ms);

  const auto answer = house.kept(browser.batch({page, film, leave}));

  CHECK(answer["accepted"] == 3);
  CHECK(answer["rejected"].empty());
  const auto session = *house.session(page["sid"]);
  CHECK(session.started_ms == kNow);
  CHECK(session.last_ms == kNow + 2000);
  CHECK(session.page_views == 1);
  CHECK(session.events == 3);
  CHECK(session.entry_path == "/film");
  CHECK(session.end_reason == "left");
  CHECK(Json::parse(session.last_content) ==
        Json({{"id", "f1"}, {"name", "The Long Light"}, {"category", "film"}}));
  CHECK(session.device == "desktop");
  CHECK(session.browser == "chrome");
  const auto touch = house.stored_touch(page["id"]);
  REQUIRE(touch.has_value());
  CHECK(touch->channel == Channel::paid_search);
  CHECK(touch->source == "google");
  CHECK(touch->campaign == "Spring");
  CHECK(Json::parse(touch->click_ids)["gclid"] == "Cj0X");
  const auto days = house.store.get(
      [](Tables& tables) { return tables.rollups().traffic("demo", 20260921, 20260921); });
  REQUIRE(days.size() == 1);
  CHECK(days[0].touches == 1);
  CHECK(days[0].visits == 1);
}

TEST_CASE("a batch that is sent again changes nothing and is counted", "[ingest]") {
  IntakeHouse house;
  house.lanes->push_back({"meta", Purpose::marketing, {"page_view"}});
  Browser browser;
  browser.open(kTwoClicks);
  const auto batch = browser.batch({browser.event("page_view"), browser.event("click")});
  const auto first = house.kept(batch);
  const auto rows = traces(house.store);

  const auto reply = house.events(batch);

  const auto again = Json::parse(reply.body);
  CHECK(reply.status == 202);
  CHECK(again["accepted"] == 0);
  CHECK(again["duplicate"] == 2);
  CHECK(again["session_id"] == first["session_id"]);
  CHECK(header_of(reply, "X-Throughline").find("duplicate") == 0);
  CHECK(traces(house.store) == rows);
  CHECK(house.session(first["session_id"])->events == 2);
  CHECK(all_that_came_in(house.store) == 4);
}

TEST_CASE("events without consent leave nothing behind", "[ingest]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kTwoClicks);
  const auto page = browser.event("page_view");
  auto denied = page, unknown = page;
  denied["c"] = {{"s", 0}, {"m", 0}};
  unknown["c"] = Json::object();

  const auto reply = house.events(browser.batch({denied, unknown}));

  const auto answer = Json::parse(reply.body);
  CHECK(reply.status == 202);
  CHECK(answer["accepted"] == 0);
  CHECK(answer["consent_refused"] == 2);
  CHECK(answer["anonymous_id"].is_null());
  CHECK(answer["session_id"].is_null());
  CHECK(answer["token"].is_null());
  CHECK(header_of(reply, "X-Throughline") == "consent_refused");
  CHECK(header_of(reply, "Set-Cookie").empty());
  CHECK(traces(house.store) == 0);
  CHECK(all_that_came_in(house.store) == 2);
}

TEST_CASE("without consent a visit is counted coarsely and once", "[ingest]") {
  IntakeHouse house;
  Browser browser;
  browser.consent = {Choice::denied, Choice::denied, Choice::unknown, false};
  browser.open(kTwoClicks);
  const auto batch = browser.batch({browser.anonymous("page_view")});

  const auto first = house.kept(batch);
  const auto second = house.kept(batch);
  house.store.clock.advance(25 * kMinute);

  CHECK(first["accepted"] == 1);
  CHECK(first["anonymous_id"].is_null());
  CHECK(second["duplicate"] == 1);
  CHECK(traces(house.store) == 0);
  SQLite::Database database(house.store.path(), SQLite::OPEN_READONLY);
  SQLite::Statement query(database, "SELECT hour_ms, channel, count FROM anon_event");
  REQUIRE(query.executeStep());
  CHECK(query.getColumn(0).getInt64() % kHour == 0);
  CHECK(query.getColumn(1).getInt() == static_cast<int>(Channel::paid_search));
  CHECK(query.getColumn(2).getInt() == 1);
}

TEST_CASE("coarse counts follow the site's setting", "[ingest]") {
  struct Case {
    const char* setting;
    Choice storage;
    bool counts;
  };
  const auto& [setting, storage, counts] = GENERATE(values<Case>({
      {"off", Choice::denied, false},
      {"on_denial", Choice::denied, true},
      {"on_denial", Choice::unknown, false},
      {"always", Choice::unknown, true},
  }));
  SiteConfig site = demo_site();
  site.anonymous_pings = setting;
  IntakeHouse house(site);
  Browser browser;
  browser.consent = {storage, Choice::unknown, Choice::unknown, false};
  browser.open(kTwoClicks);
  const auto answer = house.kept(browser.batch({browser.anonymous("page_view")}));
  CHECK(answer["accepted"] == (counts ? 1 : 0));
}

TEST_CASE("what was queued before a withdrawal and comes after it is refused", "[ingest]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kTwoClicks);
  const auto first = house.kept(browser.batch({browser.event("page_view")}));
  browser.token = first["token"];
  browser.now_ms += 1000;
  const auto queued = browser.event("click");
  house.store.clock.advance(5000);
  const auto withdrawn =
      house.post("/api/consent", {{"site", "demo"},
                                  {"write_key", "wk_demo"},
                                  {"token", first["token"]},
                                  {"consent", {{"storage", false}, {"marketing", false}}}});
  REQUIRE(withdrawn.status == 200);
  browser.now_ms = kNow + 6000;
  house.store.clock.set(kNow + 6000);

  const auto answer = house.kept(browser.batch({queued}));

  CHECK(answer["consent_refused"] == 1);
  CHECK(answer["token"].is_null());
  CHECK_FALSE(house.stored(queued["id"]).has_value());
}

TEST_CASE("a yes that is told again later lets events in, an event that says it does not",
          "[ingest]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kTwoClicks);
  const auto first = house.kept(browser.batch({browser.event("page_view")}));
  house.store.clock.advance(1000);
  const auto choose = [&](bool storage) {
    REQUIRE(house
                .post("/api/consent", {{"site", "demo"},
                                       {"write_key", "wk_demo"},
                                       {"token", first["token"]},
                                       {"consent", {{"storage", storage}}}})
                .status == 200);
    house.store.clock.advance(kMinute);
    browser.now_ms = house.store.clock.now_ms();
  };
  choose(false);
  for (const auto& token : {Json(""), first["token"]}) {
    browser.token = token;
    const auto answer = house.kept(browser.batch({browser.event("click")}));
    CHECK(answer["consent_refused"] == 1);
    CHECK(answer["token"].is_null());
  }
  choose(true);
  CHECK(house.kept(browser.batch({browser.event("click")}))["accepted"] == 1);
}

TEST_CASE("an event without proof may tighten a choice and never loosen it", "[ingest]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kTwoClicks);
  const auto first = browser.event("page_view");
  const auto begun = house.kept(browser.batch({first}));
  const auto session = parse_uuid(begun["session_id"].get<std::string>()).value();
  const auto visitor = parse_uuid(begun["anonymous_id"].get<std::string>()).value();
  const auto marketing = [&](Choice choice, const Json& token) {
    browser.now_ms += 1000;
    house.store.clock.set(browser.now_ms);
    browser.consent.marketing = choice;
    browser.token = token.is_string() ? token.get<std::string>() : "";
    CHECK(house.kept(browser.batch({browser.event("click")}))["accepted"] == 1);
    return house.store
        .get([&](Tables& tables) { return tables.people().find_consent("demo", visitor); })
        ->consent.marketing;
  };
  const auto context = [&] {
    return house.store.get(
        [&](Tables& tables) { return tables.events().find_context("demo", session); });
  };
  CHECK(context().has_value());
  CHECK(marketing(Choice::denied, nullptr) == Choice::denied);
  CHECK_FALSE(context().has_value());
  CHECK(marketing(Choice::granted, nullptr) == Choice::denied);
  CHECK_FALSE(context().has_value());
  CHECK(marketing(Choice::granted, begun["token"]) == Choice::granted);
}

TEST_CASE("a context is kept with marketing consent only", "[ingest]") {
  IntakeHouse house;
  house.lanes->push_back({"meta", Purpose::marketing, {}, /*uses_address=*/true});
  Browser browser;
  const bool permits = GENERATE(true, false);
  browser.consent.marketing = permits ? Choice::granted : Choice::denied;
  browser.open(kTwoClicks);
  const auto event = browser.event("page_view");
  auto batch = browser.batch({event});
  batch["ck"] = {{"fbp", "fb.1.2.3"}};
  house.kept(batch);

  const auto context = house.store.get([&](Tables& tables) {
    return tables.events().find_context("demo",
                                        parse_uuid(event["sid"].get<std::string>()).value());
  });
  REQUIRE(context.has_value() == permits);
  const auto touch = house.stored_touch(event["id"]);
  CHECK(Json::parse(touch->click_ids)["gclid"] == (permits ? "Cj0X" : "*"));
  if (!permits) return;
  CHECK(context->ip == "192.0.2.7");
  CHECK(context->fbp == "fb.1.2.3");
  CHECK(context->fbclid == "IwAR1");
  CHECK(context->fbclid_t_ms == kNow);
}

TEST_CASE("cookies of vendors come from the request too, where marketing permits them",
          "[ingest][consent]") {
  IntakeHouse house;
  DestinationConfig ga4;
  ga4.kind = ga4.name = "ga4";
  ga4.settings = {{"measurement_id", "G-ABC123"}};
  house.site->destinations = {ga4};
  Browser browser;
  const bool permits = GENERATE(true, false);
  browser.consent.marketing = permits ? Choice::granted : Choice::denied;
  browser.open(kTwoClicks);
  const auto event = browser.event("page_view");
  auto batch = browser.batch({event});
  batch["ck"] = {{"fbp", "fb.1.2.3"}};
  auto request = house.request(batch.dump());
  request.headers.emplace_back(
      "Cookie",
      "_scid=5c1d; _fbp=fb.9.9.9; _ga_ABC123=GS2.1.s1747132561$o1; _ga_OTHER=GS2.1.s1$o1; "
      "_epik=dj0y; _rdt_uuid=1790.2b6f; li_fat_id=8f2a");
  REQUIRE(house.send("POST", "/api/events", request).status == 202);

  const auto context = house.store.get([&](Tables& tables) {
    return tables.events().find_context("demo",
                                        parse_uuid(event["sid"].get<std::string>()).value());
  });
  REQUIRE(context.has_value() == permits);
  if (!permits) return;
  CHECK(context->scid == "5c1d");
  CHECK(context->epik == "dj0y");
  CHECK(context->rdt_uuid == "1790.2b6f");
  CHECK(context->li_fat_id == "8f2a");
  CHECK(context->ga_session == "GS2.1.s1747132561$o1");
  CHECK(context->fbp == "fb.1.2.3");  // the page's own word
}

TEST_CASE("events are queued for destinations that want and may have them", "[ingest]") {
  struct Case {
    bool marketing, is_bot;
    std::vector<std::string> queued;
  };
  const auto& [marketing, is_bot, queued] = GENERATE(values<Case>({
      {true, false, {"meta", "posthog"}},
      {false, false, {"posthog"}},
      {true, true, {}},
  }));
  IntakeHouse house;
  house.lanes->push_back({"meta", Purpose::marketing, {"page_view", "purchase"}});
  house.lanes->push_back({"posthog", Purpose::storage, {"page_view"}});
  Browser browser;
  browser.consent.marketing = marketing ? Choice::granted : Choice::denied;
  browser.open(kTwoClicks);
  const auto page = browser.event("page_view");
  auto request = house.request(browser.batch({page, browser.event("click")}).dump());
  if (is_bot) request.headers.back().second = "Mozilla/5.0 (compatible; Googlebot/2.1)";
  REQUIRE(house.send("POST", "/api/events", request).status == 202);

  const auto rows = house.store.get([&](Tables& tables) {
    return tables.outbox().deliveries_of_event("demo",
                                               parse_uuid(page["id"].get<std::string>()).value());
  });
  std::vector<std::string> names;
  for (const auto& row : rows) names.push_back(row.destination);
  std::sort(names.begin(), names.end());
  CHECK(names == queued);
  CHECK(house.stored(page["id"])->is_bot == is_bot);
}

TEST_CASE("touches that arrive out of order are put in order, and counted under the first",
          "[ingest]") {
  IntakeHouse house;
  Browser browser;
  browser.open("https://shop.example/?utm_source=letter&utm_medium=email");
  const auto early = browser.batch({browser.event("page_view")});
  browser.now_ms += 1000;
  // Within the session: a tagged link whose campaign the page's rules do not rotate on.
  browser.open("https://shop.example/b", "https://www.bing.com/");
  const auto second = browser.event("page_view");
  REQUIRE(second["sid"] == early["e"][0]["sid"]);
  auto late = browser.batch({second});
  house.store.clock.advance(2000);

  house.kept(late);
  house.kept(early);

  const auto session = *house.session(second["sid"]);
  CHECK(uuid(*session.first_touch) == early["e"][0]["id"]);
  CHECK(uuid(*session.last_touch) == second["id"]);
  std::int64_t sessions = 0, touches = 0;
  for (const auto& day : house.store.get(
           [](Tables& tables) { return tables.rollups().traffic("demo", 0, 99999999); })) {
    sessions += day.visits;
    touches += day.touches;
    if (day.source.channel == Channel::email) CHECK(day.visits == 1);
  }
  CHECK(sessions == 1);
  CHECK(touches == 2);
}

TEST_CASE("two anonymous ids of one browser are linked and the older one comes back", "[ingest]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kTwoClicks);
  const auto event = browser.event("page_view");
  auto request = house.request(browser.batch({event}).dump());
  const std::string older = "01900000-0000-7000-8000-000000000001";
  const bool is_proven = GENERATE(true, false);
  const std::string token =
      house.store.tokens.issue({"demo", parse_uuid(older).value(), id(2), 1, kNow, kNow, kNow, {}});
  request.headers.emplace_back(
      "Cookie", "x=1; tl_aid.demo=" + older + (is_proven ? "; tl_tok.demo=" + token : ""));

  const auto answer = Json::parse(house.send("POST", "/api/events", request).body);

  CHECK(answer["anonymous_id"] == older);
  CHECK(answer["session_id"] == event["sid"]);
  const auto touches = house.store.get([&](Tables& tables) {
    return tables.events().touches_of_visitor("demo", parse_uuid(older).value(), 0, kNow + 1, 10);
  });
  CHECK(touches.size() == (is_proven ? 1 : 0));
}

TEST_CASE("a conversion event is told once", "[ingest]") {
  struct Sink : ConversionSink {
    Outcome<void> on_conversion_event(Tables&, const SiteConfig&, const EventRow& event) override {
      names.push_back(event.name);
      return {};
    }
    std::vector<std::string> names;
  } sink;
  SiteConfig site = demo_site();
  site.conversion_events = {"email_signup"};
  IntakeHouse house(site);
  Ingest ingest({*house.store,
                 house.store.clock,
                 house.store.entropy,
                 house.store.box,
                 house.store.tokens,
                 {},
                 [&](std::string_view) { return house.lanes; },
                 &sink});
  WireBatch batch;
  batch.site_id = "demo";
  batch.page_nonce = id(9);
  for (const char* name : {"page_view", "email_signup"}) {
    WireEvent event;
    event.name = name;
    event.seq = static_cast<std::uint32_t>(batch.events.size() + 1);
    event.t_ms = kNow;
    event.consent.storage = Choice::granted;
    event.url = "https://shop.example/";
    batch.events.push_back(event);
  }
  Sender sender;
  sender.user_agent = "Mozilla/5.0 Firefox/140.0";
  sender.received_ms = kNow;

  for (int i = 0; i < 2; ++i) REQUIRE(ingest.keep(site, batch, {}, sender, "/api/events").ok());

  CHECK(sink.names == std::vector<std::string>{"email_signup"});
}

TEST_CASE("consent that an event tightens reaches the linked ids, a looser one stays",
          "[consent]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kTwoClicks);
  const auto begun = house.kept(browser.batch({browser.event("page_view")}));
  browser.token = begun["token"];
  const auto visitor = parse_uuid(begun["anonymous_id"].get<std::string>()).value();
  const bool is_tighter = GENERATE(true, false);
  const Consent all{Choice::granted, Choice::granted, Choice::denied, false};
  const Consent some{Choice::granted, Choice::denied, Choice::denied, false};
  house.store.put([&](Tables& tables) -> Outcome<void> {
    if (!is_tighter) TL_CHECK(tables.people().put_consent("demo", visitor, {some, kNow}));
    for (const auto& other : {id(41), id(42)})
      TL_CHECK(tables.people().put_consent("demo", other, {is_tighter ? all : some, kNow - 1}));
    // A choice of theirs that is newer than the event stands.
    TL_CHECK(tables.people().put_consent("demo", id(44), {all, kNow + kHour}));
    TL_CHECK(tables.events().link_anonymous_ids("demo", visitor, id(41), kNow));
    TL_CHECK(tables.events().link_anonymous_ids("demo", id(42), id(41), kNow));
    TL_CHECK(tables.events().link_anonymous_ids("demo", id(44), id(41), kNow));
    return tables.events().put_context("demo", id(43), id(42), {}, kNow, kNow + kDay);
  });

  house.store.clock.advance(kMinute);
  browser.now_ms += kMinute;
  browser.consent = is_tighter ? some : all;
  REQUIRE(house.kept(browser.batch({browser.event("click")}))["accepted"] == 1);

  const auto consent_of = [&](const Id128& of) {
    return house.store.get([&](Tables& t) { return t.people().find_consent("demo", of); })->consent;
  };
  CHECK(consent_of(visitor).marketing == (is_tighter ? Choice::denied : Choice::granted));
  for (const auto& other : {id(41), id(42)}) {
    CHECK(consent_of(other).marketing == Choice::denied);
    CHECK(consent_of(other).storage == Choice::granted);
  }
  CHECK(consent_of(id(44)) == all);
  CHECK(house.store.get([](Tables& t) { return t.events().newest_context("demo", id(42)); })
            .has_value() != is_tighter);
}

TEST_CASE("ids that are linked after a stricter choice follow it", "[consent]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kTwoClicks);
  browser.consent.marketing = Choice::denied;
  const std::string older = "01900000-0000-7000-8000-000000000001";
  const auto older_id = parse_uuid(older).value();
  house.store.put([&](Tables& tables) {
    return tables.people().put_consent(
        "demo", older_id, {{Choice::granted, Choice::granted, Choice::unknown, false}, kNow - 1});
  });
  auto request = house.request(browser.batch({browser.event("page_view")}).dump());
  request.headers.emplace_back(
      "Cookie", "tl_aid.demo=" + older + "; tl_tok.demo=" +
                    house.store.tokens.issue({"demo", older_id, id(2), 1, kNow, kNow, kNow, {}}));

  REQUIRE(house.send("POST", "/api/events", request).status == 202);

  CHECK(house.store.get([&](Tables& t) { return t.people().find_consent("demo", older_id); })
            ->consent.marketing == Choice::denied);
}
