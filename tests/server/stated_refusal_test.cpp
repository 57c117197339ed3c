// SPDX-License-Identifier: Apache-2.0
// An event or a touch that says no to storage, from a visitor who said yes: a withdrawal like one
// that POST /api/consent tells, where the sender proves to be that visitor.
#include "tests/server/intake_house.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

using Json = nlohmann::json;
using Texts = std::vector<std::string>;

class Stated : public IntakeHouse {
 public:
  Stated() {
    lanes->push_back({"meta", Purpose::marketing, {"*"}});
    lanes->push_back({"posthog", Purpose::storage, {"*"}});
    begun = kept(given_batch());
    store.clock.advance(5000);
  }

  // One event that says no, in the shape of each intake; `more` goes into its outermost object.
  http::Reply refuse(const std::string& path, const Json& more = Json::object(),
                     const HeaderList& headers = {}) {
    const Json no = {{"storage", false}, {"marketing", false}};
    const auto now = store.clock.now_ms();
    Json body;
    if (path == "/api/events")
      body = {{"v", 1},
              {"site", "demo"},
              {"key", "wk_demo"},
              {"rv", 0},
              {"sent", now},
              {"pn", "9f86d081884c7d659a2feaa0c55ad015"},
              {"e", {{{"n", "x"}, {"seq", 2}, {"t", now}, {"c", {{"s", 0}, {"m", 0}}}}}}};
    else if (path == "/api/touch")
      body = {{"site", "demo"}, {"url", "https://shop.example/b"}, {"t", now}, {"consent", no}};
    else
      body = {{"events",
               {{{"eventName", "x"},
                 {"timestamp", now},
                 {"context", {{"user", {{"anonymousId", visitor_text()}}}, {"consent", no}}}}}}};
    body.update(more);
    auto made = request(body.dump());
    made.headers.emplace_back("X-Throughline-Key", "wk_demo");
    made.headers.emplace_back("X-Aurea-Funnel-ID", "demo");
    made.headers.insert(made.headers.end(), headers.begin(), headers.end());
    return send("POST", path, made);
  }
  std::string visitor_text() { return begun["anonymous_id"].get<std::string>(); }
  Id128 visitor() { return parse_uuid(visitor_text()).value(); }
  Consent record() {
    return store
        .get([&](Tables& tables) { return tables.people().find_consent("demo", visitor()); })
        ->consent;
  }
  Texts receipts() {
    Texts events;
    for (const auto& row :
         store.get([&](Tables& tables) { return tables.privacy().receipts_of("demo", visitor()); }))
      events.push_back(row.receipt.event + " " + row.receipt.platform);
    return events;
  }
  // Destinations for which something waits.
  Texts queued() {
    Texts names;
    for (const auto& row : store.get([&](Tables& tables) {
           return tables.outbox().deliveries_of_session(
               "demo", parse_uuid(begun["session_id"].get<std::string>()).value());
         }))
      if (row.state == DeliveryState::queued) names.push_back(row.destination);
    return names;
  }
  void give_back(std::int64_t t_ms) {
    REQUIRE(post("/api/consent", {{"site", "demo"},
                                  {"write_key", "wk_demo"},
                                  {"token", begun["token"]},
                                  {"consent", {{"s", 1}, {"m", 1}}},
                                  {"t", t_ms}})
                .status == 200);
  }

  Json begun;
};

std::string any_intake() {
  return GENERATE(as<std::string>{}, "/api/events", "/api/touch", "/track/events");
}
Json token_for(const std::string& path, const Json& token) {
  return {{path == "/api/events" ? "tok" : "token", token}};
}

}  // namespace

TEST_CASE("an event that says no to storage takes it back, with a receipt", "[consent][stated]") {
  Stated house;
  const auto path = any_intake();
  const bool is_by_cookie = GENERATE(true, false);
  const std::string token = house.begun["token"].get<std::string>();

  const auto reply = is_by_cookie
                         ? house.refuse(path, Json::object(), {{"Cookie", "tl_tok.demo=" + token}})
                         : house.refuse(path, token_for(path, token));

  INFO(reply.body);
  CHECK(Json::parse(reply.body)["consent_refused"] == 1);
  CHECK(Json::parse(reply.body)["token"].is_null());
  CHECK_FALSE(header_of(reply, "Set-Cookie").empty());
  for (const auto& [name, value] : reply.headers)
    if (name == "Set-Cookie") CHECK(value.find("Max-Age=0") != std::string::npos);
  CHECK_FALSE(permits_ids(house.record()));
  CHECK(house.queued().empty());
  CHECK(house.receipts() == Texts{"stated page", "withdrawn page"});
  // Its visits are empty, and nothing comes back by an event.
  for (const auto& event : house.store.get([&](Tables& tables) {
         return tables.events().events_of_session(
             "demo", parse_uuid(house.begun["session_id"].get<std::string>()).value(), 100);
       }))
    CHECK(event.url.empty());
  house.refuse(path, token_for(path, token));
  CHECK(house.receipts().size() == 2);
}

TEST_CASE("a server with a secret key takes storage back for the visitor whom it names",
          "[consent][stated]") {
  Stated house;
  house.refuse("/track/events", Json::object(), {{"Authorization", "Bearer good"}});
  CHECK_FALSE(permits_ids(house.record()));
}

TEST_CASE("who only says a visitor's id takes back marketing alone", "[consent][stated]") {
  Stated house;
  house.refuse("/track/events");
  CHECK(permits_ids(house.record()));
  CHECK_FALSE(permits_marketing(house.record()));
  CHECK(house.queued() == Texts{"posthog"});
  house.refuse("/track/events", {{"token", "v1.made.up.token"}});
  CHECK(permits_ids(house.record()));
}

TEST_CASE("a no to storage that is told after a later yes takes nothing back",
          "[consent][stated][late]") {
  Stated house;
  const auto path = any_intake();
  const auto said_ms = house.store.clock.now_ms();
  const auto dated = [&] {
    Json more = token_for(path, house.begun["token"]);
    if (path == "/api/touch") more["t"] = said_ms;
    const Json no = {{"storage", false}, {"marketing", false}};
    if (path == "/api/events")
      more.update({{"sent", house.store.clock.now_ms() - 1000},
                   {"e", {{{"n", "x"}, {"seq", 2}, {"t", said_ms}, {"c", {{"s", 0}}}}}}});
    if (path == "/track/events")
      more["events"] = {
          {{"eventName", "x"}, {"timestamp", said_ms}, {"context", {{"consent", no}}}}};
    return more;
  };
  house.store.clock.advance(2000);
  house.give_back(house.store.clock.now_ms());
  house.store.clock.advance(3000);

  house.refuse(path, dated());

  CHECK(permits_marketing(house.record()));
  CHECK(house.queued() == Texts{"meta", "posthog"});
}

TEST_CASE("a no to marketing by a client without the script has a receipt", "[consent][stated]") {
  Stated house;
  const Json no = {{"storage", true}, {"marketing", false}};
  const bool is_proven = GENERATE(true, false);
  Json more = {{"consent", no}};
  more[is_proven ? "token" : "anonymous_id"] = house.begun[is_proven ? "token" : "anonymous_id"];
  for (int i = 0; i < 2; ++i) house.refuse("/api/touch", more);
  CHECK_FALSE(permits_marketing(house.record()));
  const auto rows = house.store.get(
      [&](Tables& tables) { return tables.privacy().receipts_of("demo", house.visitor()); });
  REQUIRE(rows.size() == (is_proven ? 2 : 1));  // anybody may say an id
  CHECK(permits_marketing(rows.front().receipt.consent));
  if (is_proven) CHECK(rows.back().receipt.consent.marketing == Choice::denied);
}

TEST_CASE("a text in place of a yes or a no is none of either", "[consent][stated]") {
  Stated house;
  const Json said = {{"storage", "granted"}, {"marketing", "granted"}};
  house.refuse("/api/touch", {{"token", house.begun["token"]}, {"consent", said}});
  CHECK(permits_marketing(house.record()));
}

TEST_CASE("a batch that begins a visit and ends with a no to storage leaves nothing of it",
          "[consent][stated]") {
  IntakeHouse house;
  const auto event = [](int seq, const char* name, int storage) {
    return Json{{"n", name},
                {"seq", seq},
                {"t", kNow + seq},
                {"c", {{"s", storage}, {"m", storage}}},
                {"ev", {{"u", kAd}}}};
  };
  const auto answer = house.kept({{"v", 1},
                                  {"site", "demo"},
                                  {"key", "wk_demo"},
                                  {"rv", 0},
                                  {"sent", kNow + 10},
                                  {"pn", "9f86d081884c7d659a2feaa0c55ad015"},
                                  {"e", {event(1, "page_view", 1), event(2, "x", 0)}}});
  CHECK(answer["token"].is_null());
  ListQuery all;
  all.site_id = "demo";
  const auto sessions =
      house.store.get([&](Tables& tables) { return tables.events().list_sessions(all); });
  REQUIRE(sessions.items.size() == 1);
  const auto consent = house.store.get([&](Tables& tables) {
    return tables.people().find_consent("demo", sessions.items[0].anonymous_id);
  });
  CHECK_FALSE(permits_ids(consent->consent));
}
