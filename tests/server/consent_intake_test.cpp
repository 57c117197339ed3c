// SPDX-License-Identifier: Apache-2.0
// What a visitor chose holds for every event at its own time, for every intake, and for images.
#include "tests/server/intake_house.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

using Json = nlohmann::json;
constexpr const char* kAdvert =
    "https://shop.example/film?utm_source=facebook&utm_medium=paid_social&fbclid=IwAR1";

class Visit {
 public:
  Visit() {
    house.lanes->push_back({"meta", Purpose::marketing, {"*"}, /*uses_address=*/true});
    house.lanes->push_back({"posthog", Purpose::storage, {"*"}});
    browser.open(kAdvert);
  }

  Json event(const std::string& name, Choice marketing, bool is_opted_out = false,
             const std::string& props = "") {
    browser.consent = {Choice::granted, marketing, Choice::unknown, is_opted_out};
    browser.now_ms += 1000;
    house.store.clock.set(browser.now_ms);
    return browser.event(name, props);
  }
  // Sends them as one batch with the vendor's cookie.
  Json keep(std::vector<Json> events) {
    auto batch = browser.batch(std::move(events));
    batch["ck"] = {{"fbp", "fb.1.2.3"}};
    auto answer = house.kept(batch);
    if (answer["token"].is_string()) browser.token = answer["token"];
    return answer;
  }
  // Names of the destinations that are to be told of it.
  std::vector<std::string> told(const Json& event) {
    const auto rows = house.store.get([&](Tables& tables) {
      return tables.outbox().deliveries_of_event("demo", parse_uuid(text(event["id"])).value());
    });
    std::vector<std::string> names;
    for (const auto& row : rows) names.push_back(row.destination);
    std::sort(names.begin(), names.end());
    return names;
  }
  std::optional<SessionContext> context(const Json& event) {
    return house.store.get([&](Tables& tables) {
      return tables.events().find_context("demo", parse_uuid(text(event["sid"])).value());
    });
  }
  static std::string text(const Json& value) { return value.get<std::string>(); }

  IntakeHouse house;
  Browser browser;
};

using Names = std::vector<std::string>;

http::Reply pixel(IntakeHouse& house, const std::string& url, HeaderList headers,
                  const std::string& token = "") {
  auto request = house.request();
  request.headers.erase(request.headers.begin());  // an image has no Origin
  request.headers.insert(request.headers.end(), headers.begin(), headers.end());
  if (!token.empty()) request.headers.emplace_back("Cookie", "tl_tok.demo=" + token);
  request.query = {{"site", "demo"}, {"u", url}};
  auto reply = house.send("GET", "/px.gif", request);
  CHECK(reply.status == 200);
  CHECK(reply.body.size() == 43);
  return reply;
}

// Everything that is kept of coarse events, as "name source campaign ref path".
std::vector<std::string> coarse_rows(IntakeHouse& house) {
  SQLite::Database database(house.store.path(), SQLite::OPEN_READONLY);
  SQLite::Statement query(database,
                          "SELECT name, source, campaign, referrer_domain, path FROM anon_event");
  std::vector<std::string> rows;
  while (query.executeStep()) {
    std::string row;
    for (int column = 0; column < 5; ++column)
      row += (column > 0 ? " " : "") + query.getColumn(column).getString();
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

TEST_CASE("an event from before the yes to marketing stays untold in whichever batch it comes",
          "[consent]") {
  Visit visit;
  const auto before = visit.event("page_view", Choice::denied);
  visit.browser.url = "https://shop.example/watch";
  const auto after = visit.event("content_view", Choice::granted);

  visit.keep({before, after});

  CHECK(visit.told(before) == Names{"posthog"});
  CHECK(visit.told(after) == Names{"meta", "posthog"});
  REQUIRE(visit.context(after).has_value());
  CHECK(visit.context(after)->landing_url == "https://shop.example/watch");
}

TEST_CASE("an event with consent is told though the batch ends with a refusal of marketing",
          "[consent]") {
  Visit visit;
  const auto before = visit.event("page_view", Choice::granted);
  const auto after = visit.event("content_view", Choice::denied);

  visit.keep({before, after});

  // What is queued is withheld when it is due: the choice is read again then.
  CHECK(visit.told(before) == Names{"meta", "posthog"});
  CHECK(visit.told(after) == Names{"posthog"});
  CHECK_FALSE(visit.context(after).has_value());
}

TEST_CASE("a batch that brings a visit and takes marketing back keeps none of its click ids",
          "[consent]") {
  Visit visit;
  const bool is_opt_out = GENERATE(false, true);
  INFO((is_opt_out ? "by an opt-out of sale" : "by a refusal"));
  const auto arrival = visit.event("page_view", Choice::granted);
  const auto after =
      visit.event("content_view", is_opt_out ? Choice::granted : Choice::denied, is_opt_out);

  CHECK(visit.keep({arrival, after})["accepted"] == 2);

  SQLite::Database database(visit.house.store.path(), SQLite::OPEN_READONLY);
  SQLite::Statement rows(database,
                         "SELECT url FROM event UNION ALL SELECT evidence || click_ids FROM touch");
  int count = 0;
  for (; rows.executeStep(); ++count)
    CHECK(rows.getColumn(0).getString().find("IwAR1") == std::string::npos);
  CHECK(count == 3);
  const auto session = visit.house.session(Visit::text(arrival["sid"]));
  REQUIRE(session);
  CHECK(session->events == 2);
  if (const auto context = visit.context(after)) CHECK(context->fbclid.empty());
}

TEST_CASE("after an opt-out of sale events are told, without click ids and vendor cookies",
          "[consent]") {
  Visit visit;
  const auto page = visit.event("page_view", Choice::granted, /*is_opted_out=*/true);

  visit.keep({page});

  CHECK(visit.told(page) == Names{"meta", "posthog"});
  const auto context = visit.context(page);
  REQUIRE(context.has_value());
  CHECK(context->ip == "192.0.2.7");
  CHECK(context->fbp.empty());
  CHECK(context->fbclid.empty());
  CHECK(context->landing_url.find("IwAR1") == std::string::npos);
}

TEST_CASE("the address is kept for a destination that uses it alone", "[consent][address]") {
  Visit visit;
  auto& lanes = *visit.house.lanes;
  const auto kept = [&](const char* name) {
    const auto page = visit.event(name, Choice::granted);
    visit.keep({page});
    return visit.context(page)->ip;
  };
  lanes[0].uses_address = false;
  CHECK(kept("page_view") == "");
  lanes[0].uses_address = true;
  CHECK(kept("content_view") == "192.0.2.7");
  // No longer: the next event of the visit takes it away.
  lanes.clear();
  CHECK(kept("content_view") == "");
}

TEST_CASE("the browser's own opt-out of sale holds on every route, whatever the page says",
          "[consent][gpc]") {
  SiteConfig site = demo_site();
  site.consent_default = Choice::granted;
  site.respect_gpc = GENERATE(true, false);
  IntakeHouse house(site);
  const auto route = GENERATE(as<std::string>{}, "/api/touch", "/px.gif", "/api/events");
  INFO(route << (site.respect_gpc ? "" : ", which the site does not listen to"));
  auto request = house.request();
  request.headers.emplace_back("Sec-GPC", "1");
  if (route == "/px.gif") {
    request.headers.erase(request.headers.begin());
    request.query = {{"site", "demo"}, {"u", kAdvert}};
  } else if (route == "/api/touch") {
    request.body =
        Json({{"site", "demo"}, {"write_key", "wk_demo"}, {"landing_url", kAdvert}}).dump();
  } else {
    Browser browser;
    browser.now_ms = house.store.clock.now_ms();
    browser.open(kAdvert);
    request.body = browser.batch({browser.event("page_view", "")}).dump();
  }

  const auto reply = house.send(route == "/px.gif" ? "GET" : "POST", route, request);

  INFO(reply.body);
  REQUIRE(reply.status < 300);
  const auto sessions = Json::parse(house.get("/api/sessions").body)["items"];
  REQUIRE(sessions.size() == 1);
  const auto session = parse_uuid(Visit::text(sessions[0]["id"])).value();
  const auto visitor = parse_uuid(Visit::text(sessions[0]["anonymous_id"])).value();
  const auto context = house.store.get(
      [&](Tables& tables) { return tables.events().find_context("demo", session); });
  const auto known = house.store.get(
      [&](Tables& tables) { return tables.people().find_consent("demo", visitor); });
  REQUIRE(context);
  CHECK((context->landing_url.find("IwAR1") == std::string::npos) == site.respect_gpc);
  REQUIRE(known);
  CHECK(known->consent.opted_out_of_sale == site.respect_gpc);
}

TEST_CASE("an image undoes no withdrawal, whatever the old token in its cookie says",
          "[consent][pixel]") {
  Visit visit;
  const auto page = visit.event("page_view", Choice::granted);
  const auto answer = visit.keep({page});
  const auto visitor = parse_uuid(Visit::text(answer["anonymous_id"])).value();
  const auto choice = [&] {
    return visit.house.store
        .get([&](Tables& tables) { return tables.people().find_consent("demo", visitor); })
        ->consent;
  };
  const auto choose = [&](bool storage, bool marketing) {
    visit.house.store.clock.advance(1000);
    const auto reply = visit.house.post(
        "/api/consent", {{"site", "demo"},
                         {"write_key", "wk_demo"},
                         {"token", answer["token"]},
                         {"consent", {{"storage", storage}, {"marketing", marketing}}}});
    REQUIRE(reply.status == 200);
    visit.house.store.clock.advance(1000);
  };
  const auto look = [&] {
    return pixel(visit.house, kAdvert, {{"Referer", "https://shop.example/"}}, answer["token"]);
  };
  // Queued for anything but the page view before; the reduced advert may begin a session of its
  // own.
  const auto deliveries = [&] {
    ListQuery all;
    all.site_id = "demo";
    const auto page_of_rows = visit.house.store.get([&](Tables& tables) {
      return tables.outbox().list_deliveries(all, DeliveryState::queued, "");
    });
    std::vector<std::string> names;
    for (const auto& row : page_of_rows.items)
      if (row.event_id != parse_uuid(Visit::text(page["id"])).value())
        names.push_back(row.destination);
    std::sort(names.begin(), names.end());
    return names;
  };

  SECTION("storage was withdrawn: it is counted coarsely") {
    choose(false, false);
    const auto reply = look();
    CHECK(choice().storage == Choice::denied);
    CHECK(header_of(reply, "Set-Cookie").empty());
    CHECK(visit.house.session(answer["session_id"])->events == 1);
    CHECK(coarse_rows(visit.house).size() == 1);
    CHECK(deliveries().empty());
  }
  SECTION("marketing was withdrawn: it stays so") {
    choose(true, false);
    look();
    CHECK(choice().marketing == Choice::denied);
    CHECK(deliveries() == Names{"posthog"});
  }
  SECTION("nothing was withdrawn: it is an event like others") {
    look();
    CHECK(visit.house.session(answer["session_id"])->events == 2);
    CHECK(deliveries() == Names{"meta", "posthog"});
  }
}

TEST_CASE("a page of another site plants no visit by an image", "[consent][pixel]") {
  struct Case {
    const char *url, *referrer, *fetch_site;
    bool is_taken;
  };
  const auto& [url, referrer, fetch_site, is_taken] = GENERATE(values<Case>({
      {"https://shop.example/a", "https://shop.example/a", "same-site", true},
      {"https://Shop.Example/a", "https://shop.example", "cross-site", true},
      {"https://shop.example/a", "", "same-site", true},
      {"https://shop.example/a", "", "", true},
      {"", "https://shop.example/a", "", true},
      {"https://shop.example/a", "https://evil.example/", "cross-site", false},
      {"", "https://evil.example/", "", false},
      {"https://evil.example/a", "https://shop.example/", "same-site", false},
      {"https://shop.example:8443/a", "https://shop.example/", "same-site", false},
      {"https://shop.example/a", "", "cross-site", false},
  }));
  SiteConfig site = demo_site();
  site.consent_default = Choice::granted;
  IntakeHouse house(site);
  HeaderList headers;
  if (*referrer != '\0') headers.emplace_back("Referer", referrer);
  if (*fetch_site != '\0') headers.emplace_back("Sec-Fetch-Site", fetch_site);
  INFO(url << " from " << referrer << " " << fetch_site);

  const auto reply = pixel(house, url, headers);

  const auto sessions = Json::parse(house.get("/api/sessions").body)["items"];
  CHECK(sessions.size() == (is_taken ? 1 : 0));
  CHECK(header_of(reply, "X-Throughline") == (is_taken ? "" : "foreign_origin"));
  CHECK(house.store.counter("demo", "accepted") == (is_taken ? 1 : 0));
  CHECK(house.store.counter("demo", "rejected") == (is_taken ? 0 : 1));
}

TEST_CASE("what a page says without consent is reduced again", "[consent][coarse]") {
  Visit visit;
  visit.browser.consent = {Choice::denied, Choice::denied, Choice::unknown, false};
  auto event = visit.browser.anonymous("page_view");
  event["an"] = {
      {"source", "news"},
      {"campaign", "jane.roe@mail.example"},
      {"ref", "jane%252540mail.example"},
      {"path", "/account/jane.roe@mail.example/12345678/jane%2540mail.example?token=abc"}};
  CHECK(visit.keep({event})["accepted"] == 1);
  CHECK(coarse_rows(visit.house) == Names{"page_view news * * /account/*/*/*"});
}

TEST_CASE("without consent nothing but a page view is counted", "[consent][coarse]") {
  Visit visit;
  visit.browser.consent = {Choice::denied, Choice::denied, Choice::unknown, false};
  const auto answer = visit.keep({visit.browser.anonymous("purchase of jane roe")});
  CHECK(answer["accepted"] == 0);
  CHECK(answer["consent_refused"] == 1);
  CHECK(coarse_rows(visit.house).empty());
}

TEST_CASE("a choice of a wrong type is refused, not taken for a denial", "[consent]") {
  IntakeHouse house;
  const auto choose = [&](const Json& consent) {
    return house.post("/api/consent",
                      {{"site", "demo"}, {"write_key", "wk_demo"}, {"consent", consent}});
  };
  for (const Json& wrong : {Json{{"storage", "yes"}}, Json{{"storage", true}, {"m", 2}},
                            Json{{"marketing", Json::array()}}, Json{{"o", "1"}},
                            Json{{"storage", 1.0}}, Json("granted"), Json()}) {
    INFO(wrong);
    CHECK(code_of(choose(wrong)) == "bad_consent");
  }
  for (const Json& good : {Json{{"storage", true}, {"marketing", nullptr}},
                           Json{{"s", 1}, {"m", 0}}, Json{{"storage", false}, {"o", 1}}})
    CHECK(choose(good).status == 200);
}

TEST_CASE("of a film's progress vendors hear quarters, our reports every mark", "[outbox]") {
  Visit visit;
  std::vector<Json> marks;
  for (const char* props : {R"({"percent":10})", R"({"percent":25})", R"({"percent":95})",
                            R"({"percent":"50"})", R"({})"})
    marks.push_back(visit.event("video_progress", Choice::granted, false, props));

  CHECK(visit.keep(marks)["accepted"] == 5);

  CHECK(visit.told(marks[0]).empty());
  CHECK(visit.told(marks[1]) == Names{"meta", "posthog"});
  CHECK(visit.told(marks[2]) == Names{"meta", "posthog"});
  CHECK(visit.told(marks[3]).empty());
  CHECK(visit.told(marks[4]).empty());
}

TEST_CASE("an unknown choice is a yes only in a country that the site lists", "[consent]") {
  IntakeHouse house;
  house.site->opt_out_countries = {"US", "AU"};
  const auto told = [&](const std::string& site, const std::string& country) {
    auto request = house.request();
    request.query = {{"site", site}};
    request.place.country = country;
    const auto reply = house.send("GET", "/api/region", request);
    CHECK(reply.status == 200);
    return Json::parse(reply.body);
  };
  CHECK(told("demo", "US") == Json({{"consent_default", "granted"}}));
  CHECK(told("demo", "DE") == Json({{"consent_default", "denied"}}));
  CHECK(told("demo", "") == Json({{"consent_default", "denied"}}));
  CHECK(told("other", "US") == Json({{"consent_default", "denied"}}));
}

TEST_CASE("a page without consent is told what its checkouts may carry, where the site wants that",
          "[consent][coarse]") {
  SiteConfig site = demo_site();
  site.coarse_handover = true;
  site.coarse_campaigns = {"spring"};
  IntakeHouse house(site);
  const auto told = [&](const Json& facts) {
    const auto reply = house.post("/api/coarse-handover",
                                  {{"site", "demo"}, {"write_key", "wk_demo"}, {"an", facts}});
    REQUIRE(reply.status == 200);
    return Json::parse(reply.body);
  };
  const Json ad = {{"source", "google"}, {"medium", "cpc"}, {"campaign", "spring"}, {"path", "/"}};
  CHECK(told(ad)["token"] == "tl0_paid_search_Z29vZ2xl_c3ByaW5n");
  CHECK(told(ad)["metadata"] ==
        Json({{"tl_channel", "paid_search"}, {"tl_source", "google"}, {"tl_campaign", "spring"}}));
  Json unlisted = ad;
  unlisted["campaign"] = "jane-roe-1987";
  CHECK(told(unlisted)["metadata"] == Json({{"tl_channel", "paid_search"}}));
  Json unknown = ad;
  unknown["source"] = "jane-roe-1987";
  CHECK(told(unknown)["metadata"].dump().find("jane") == std::string::npos);
  CHECK(told({{"ref", "www.google.com"}, {"path", "/"}})["metadata"] ==
        Json({{"tl_channel", "organic_search"}, {"tl_source", "google"}}));
  CHECK(told({{"path", "/"}})["token"] == "tl0_direct__");
  CHECK(told({{"ref", "shop.example"}, {"path", "/"}, {"in", 1}})["token"].is_null());
  CHECK(coarse_rows(house).empty());

  house.site->coarse_handover = false;
  CHECK(told(ad) == Json({{"token", nullptr}, {"metadata", Json::object()}}));
}
