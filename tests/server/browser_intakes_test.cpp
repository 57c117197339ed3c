// SPDX-License-Identifier: Apache-2.0
// The intakes over HTTP: who is let in, what is answered, what is kept of what was refused.
#include "server/core/people/contact_variants.hpp"
#include "tests/server/intake_house.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <map>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

using Json = nlohmann::json;

std::vector<std::string> cookies_of(const http::Reply& reply) {
  std::vector<std::string> cookies;
  for (const auto& [name, value] : reply.headers)
    if (name == "Set-Cookie") cookies.push_back(value);
  return cookies;
}

Json rejects_of(IntakeHouse& house) {
  return Json::parse(house.get("/api/rejects").body)["items"];
}

}  // namespace

TEST_CASE("who may not send is told so", "[intake]") {
  struct Case {
    const char* member;
    const char* value;
    const char* origin;
    int status;
    const char* code;
    bool is_kept;
  };
  const auto& [member, value, origin, status, code, is_kept] = GENERATE(values<Case>({
      {"site", "nowhere", "https://shop.example", 403, "unknown_site", false},
      {"key", "wk_wrong", "https://shop.example", 401, "wrong_key", false},
      {"key", "", "https://shop.example", 401, "wrong_key", false},
      {"v", nullptr, "https://evil.example", 403, "foreign_origin", true},
      {"v", nullptr, "null", 403, "foreign_origin", true},
  }));
  IntakeHouse house;
  auto batch = given_batch();
  if (value != nullptr) batch[member] = value;
  auto request = house.request(batch.dump());
  request.headers[0].second = origin;

  const auto reply = house.send("POST", "/api/events", request);

  CHECK(reply.status == status);
  CHECK(code_of(reply) == code);
  CHECK(header_of(reply, "X-Throughline") == code);
  CHECK(rejects_of(house).size() == (is_kept ? 1 : 0));
  CHECK(house.store.counter("", "rejected") + house.store.counter("demo", "rejected") == 1);
}

TEST_CASE("a malformed body with a valid key is kept, without one it is only counted", "[intake]") {
  IntakeHouse house;
  const std::string good = given_batch().dump();

  const auto with_key =
      house.send("POST", "/api/events", house.request(good.substr(0, good.size() - 1)));
  const auto without = house.send("POST", "/api/events", house.request("{\"site\":\"demo\""));

  CHECK(with_key.status == 400);
  CHECK(code_of(with_key) == "malformed_json");
  CHECK(without.status == 400);
  const auto rejects = rejects_of(house);
  REQUIRE(rejects.size() == 1);
  CHECK(rejects[0]["code"] == "malformed_json");
  CHECK(rejects[0]["route"] == "/api/events");
  CHECK(house.store.counter("demo", "rejected") == 1);
  CHECK(house.store.counter("", "rejected") == 1);
}

TEST_CASE("refused input is kept word for word only with consent", "[intake]") {
  IntakeHouse house;
  auto batch = given_batch();
  const bool permits = GENERATE(true, false);
  batch["e"][0]["c"]["s"] = permits ? 1 : 0;
  const auto kept_body = [&] {
    return house.store
        .get([](Tables& tables) { return tables.operations().find_reject("demo", 1); })
        ->body;
  };
  SECTION("a batch from a foreign origin") {
    auto request = house.request(batch.dump());
    request.headers[0].second = "https://" + std::string(5000, 'e') + ".example";
    REQUIRE(house.send("POST", "/api/events", request).status == 403);
    CHECK(rejects_of(house)[0]["message"].get<std::string>().size() < 500);
  }
  SECTION("a bad event") {
    batch["e"][0]["n"] = "no/name";
    house.events(batch);
  }
  SECTION("contact data") {
    Json body = {{"site", "demo"}, {"write_key", "wk_demo"}, {"email", "no address"}};
    if (permits) body["token"] = begin_session(house)["token"];
    house.post("/api/identify", body);
  }
  REQUIRE(rejects_of(house).size() == 1);
  CHECK(kept_body().empty() != permits);
}

TEST_CASE("a body that is too long is kept for the site whose key it has", "[intake]") {
  IntakeHouse house;
  auto batch = given_batch();
  batch["e"][0]["p"] = {{"text", std::string(8000, 'x')}};
  while (batch["e"].size() < 10) batch["e"].push_back(batch["e"][0]);
  const auto rows = [&] {
    return house.store.get([](Tables& t) {
      return t.operations().list_rejects({"demo", {}, {}, 100, {}});
    });
  };

  auto reply = house.events(batch);
  CHECK(reply.status == 413);
  CHECK(code_of(reply) == "body_too_large");
  REQUIRE(rows().items.size() == 1);
  CHECK(rows().items[0].bytes >= static_cast<std::int64_t>(batch.dump().size()));

  // Its owner may still let it in.
  auto again = house.request();
  again.headers.emplace_back("Authorization", "Bearer good");
  again.params = {{"id", std::to_string(rows().items[0].id)}};
  reply = house.send("POST", "/api/rejects/{id}/replay", again);
  CHECK(Json::parse(reply.body)["answer"]["accepted"] == 1);

  batch["key"] = "wk_other";
  CHECK(code_of(house.events(batch)) == "body_too_large");
  const Json crm = {{"events", Json::array()}, {"padding", std::string(70'000, 'x')}};
  auto keyed = house.request(crm.dump());
  keyed.headers.emplace_back("X-Throughline-Key", "wk_demo");
  keyed.headers.emplace_back("X-Aurea-Funnel-ID", "demo");
  CHECK(code_of(house.send("POST", "/track/events", keyed)) == "body_too_large");
  CHECK(rows().items.size() == 2);
  CHECK(house.store.counter("", "rejected") == 1);
}

TEST_CASE("fifty-one events are too many, and are kept as they came", "[intake]") {
  IntakeHouse house;
  auto batch = given_batch();
  while (batch["e"].size() < 51) batch["e"].push_back(batch["e"][0]);

  const auto reply = house.events(batch);

  CHECK(reply.status == 413);
  CHECK(code_of(reply) == "too_many_events");
  CHECK(header_of(reply, "X-Throughline") == "too_many_events");
  const auto said = Json::parse(reply.body)["error"]["message"].get<std::string>();
  CHECK(said.find("51 events") != std::string::npos);
  CHECK(said.find("at most 50") != std::string::npos);
  const auto rejects = rejects_of(house);
  REQUIRE(rejects.size() == 1);
  CHECK(rejects[0]["code"] == "too_many_events");
  CHECK(rejects[0]["route"] == "/api/events");
  const auto kept =
      house.store.get([](Tables& tables) { return tables.operations().find_reject("demo", 1); });
  CHECK(Json::parse(kept->body) == batch);
  CHECK(house.store.counter("demo", "rejected") == 1);
  CHECK(house.store.counter("demo", "accepted") == 0);
}

TEST_CASE("fifty events are not", "[intake]") {
  IntakeHouse house;
  auto batch = given_batch();
  while (batch["e"].size() < 50) batch["e"].push_back(batch["e"][0]);
  CHECK(house.kept(batch)["duplicate"] == 49);
}

TEST_CASE("a bad event is answered by its index, kept and the rest accepted", "[intake]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);
  auto bad = browser.event("click");
  bad["n"] = "no/name";
  auto batch = browser.batch({bad, browser.event("page_view")});

  const auto reply = house.events(batch);

  const auto answer = Json::parse(reply.body);
  CHECK(reply.status == 202);
  CHECK(answer["accepted"] == 1);
  REQUIRE(answer["rejected"].size() == 1);
  CHECK(answer["rejected"][0]["index"] == 0);
  CHECK(answer["rejected"][0]["code"] == "bad_event_name");
  CHECK(header_of(reply, "X-Throughline").find("bad_event_name") != std::string::npos);
  CHECK(rejects_of(house).size() == 1);
  CHECK(house.store.counter("demo", "accepted") == 1);
  CHECK(house.store.counter("demo", "rejected") == 1);
}

TEST_CASE("each fault of one event is named, and the next event is taken", "[intake]") {
  struct Row {
    const char* member;
    Json value;  // null: left out
    const char* code;
  };
  const Json deep = Json::parse(R"({"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{}}}}}}}}})");
  const Row rows[] = {{"n", "", "bad_event_name"},
                      {"id", "17", "bad_uuid"},
                      {"seq", 0, "bad_sequence"},
                      {"seq", nullptr, "bad_sequence"},
                      {"t", nullptr, "bad_time"},
                      {"pn", nullptr, "missing_nonce"},
                      {"n", "page_leave", "no_session"},  // and no evidence of one
                      {"why", "whim", "bad_field"},
                      {"p", deep, "props_too_deep"},
                      {"p", {{"a", std::string(8192, 'x')}}, "props_too_large"}};
  for (const auto& row : rows) {
    IntakeHouse house;
    Browser browser;
    browser.open(kAd);
    const Json good = browser.event("page_view");
    Json bad = browser.event("click");
    auto batch = browser.batch({bad, good});
    const Json nonce = batch["pn"];
    batch.erase("pn");
    for (auto& event : batch["e"]) event["pn"] = nonce;
    if (std::string_view(row.code) == "no_session")
      for (const char* name : {"ev", "aid", "sid"}) batch["e"][0].erase(name);
    if (row.value.is_null())
      batch["e"][0].erase(row.member);
    else
      batch["e"][0][row.member] = row.value;

    const auto reply = house.events(batch);

    INFO(row.code << " " << reply.body);
    CHECK(reply.status == 202);
    const auto answer = Json::parse(reply.body);
    CHECK(answer["accepted"] == 1);
    REQUIRE(answer["rejected"].size() == 1);
    CHECK(answer["rejected"][0]["index"] == 0);
    CHECK(answer["rejected"][0]["code"] == row.code);
    CHECK(header_of(reply, "X-Throughline").find(row.code) == 0);
    CHECK(house.store.counter("demo", "rejected") == 1);
  }
}

TEST_CASE("what cannot be replayed says why", "[intake]") {
  IntakeHouse house;
  const auto put = [&](const std::string& route, const std::string& body) {
    RejectRow reject;
    reject.site_id = "demo";
    reject.t_ms = kNow;
    reject.route = route;
    reject.body = body;
    house.store.put([&](Tables& tables) -> Outcome<void> {
      TL_CHECK(tables.operations().insert_reject(reject));
      return {};
    });
    return rejects_of(house)[0]["id"].dump();
  };
  struct Row {
    std::string id;
    int status;
    const char* code;
  };
  const Row rows[] = {{put("/api/events", ""), 404, "reject_without_body"},
                      {put("/api/of-an-older-version", "{}"), 400, "not_replayable"},
                      {"999", 404, "unknown_reject"},
                      {"x", 400, "bad_id"}};
  for (const auto& row : rows) {
    auto made = house.request();
    made.headers.emplace_back("Authorization", "Bearer good");
    made.params["id"] = row.id;
    const auto reply = house.send("POST", "/api/rejects/{id}/replay", made);
    CHECK(reply.status == row.status);
    CHECK(code_of(reply) == row.code);
  }
  const auto listed = rejects_of(house);
  CHECK(listed.size() == 2);
  for (const auto& reject : listed) CHECK(reject["replayable"] == false);
}

TEST_CASE("a refused batch goes through when its origin was added and it is replayed", "[intake]") {
  IntakeHouse house;
  const auto batch = given_batch();
  auto request = house.request(batch.dump());
  request.headers[0].second = "https://new.example";
  REQUIRE(house.send("POST", "/api/events", request).status == 403);
  CHECK(rejects_of(house)[0]["replayable"] == true);
  const auto number = rejects_of(house)[0]["id"].get<std::int64_t>();
  const auto replay = [&] {
    auto made = house.request();
    made.headers.emplace_back("Authorization", "Bearer good");
    made.params["id"] = std::to_string(number);
    return house.send("POST", "/api/rejects/{id}/replay", made);
  };

  const auto refused = replay();
  house.site->origins.push_back("https://new.example");
  house.store.clock.advance(kDay);
  const auto accepted = replay();
  const auto repeated = replay();

  CHECK(Json::parse(refused.body)["status"] == 403);
  CHECK(Json::parse(accepted.body)["status"] == 202);
  CHECK(Json::parse(accepted.body)["answer"]["accepted"] == 1);
  CHECK(Json::parse(repeated.body)["answer"]["duplicate"] == 1);
  const auto stored = house.stored(batch["e"][0]["id"]);
  REQUIRE(stored.has_value());
  CHECK(stored->t_ms == kNow);
  CHECK_FALSE(stored->is_bot);
  const auto rejects = rejects_of(house);
  REQUIRE(rejects.size() == 1);
  CHECK_FALSE(rejects[0]["replayed_at"].is_null());
}

TEST_CASE("reading needs a key", "[intake]") {
  IntakeHouse house;
  for (const char* path : {"/api/sessions", "/api/rejects"})
    CHECK(house.send("GET", path, house.request()).status == 401);
}

TEST_CASE("sessions leave as a file, each with where it came from", "[sessions][csv]") {
  IntakeHouse house;
  begin_session(house);
  auto made = house.request();
  made.headers.emplace_back("Authorization", "Bearer good");
  made.query = {{"format", "csv"}};
  const std::string csv = streamed(house.send("GET", "/api/sessions", made));
  CHECK(csv.starts_with("id,anonymous_id,started_at,"));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 2);
  CHECK(csv.find(",first_touch.channel,first_touch.source,") != std::string::npos);
  CHECK(csv.find(",google,") != std::string::npos);
}

TEST_CASE("cookies come on the endpoint's own site and with consent only", "[cookies]") {
  struct Case {
    const char* host;
    const char* domain;
    std::size_t cookies;
  };
  const auto& [host, domain, count] = GENERATE(values<Case>({
      {"t.shop.example", "; Domain=shop.example", 3},
      {"shop.example", "", 3},
      {"shop.example:8443", "", 3},
      {"collector.example", "", 0},
  }));
  SiteConfig site = demo_site();
  IntakeHouse house(site);
  auto request = house.request(given_batch().dump());
  request.headers[1].second = host;
  if (count == 0) request.headers[0].second = "https://other.test";
  house.site->origins.push_back("https://other.test");

  const auto reply = house.send("POST", "/api/events", request);

  REQUIRE(reply.status == 202);
  const auto cookies = cookies_of(reply);
  REQUIRE(cookies.size() == count);
  if (count == 0) return;
  CHECK(cookies[0].find("tl_aid.demo=") == 0);
  CHECK(cookies[1].find("tl_tok.demo=v1.") == 0);
  CHECK(cookies[2].find("tl.demo=") == 0);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(cookies[i].find("; Secure; SameSite=Lax; Max-Age=31536000") != std::string::npos);
    CHECK((cookies[i].find("HttpOnly") != std::string::npos) == (i < 2));
  }
  const std::string visible = cookies[2].substr(8, cookies[2].find(';') - 8);
  CHECK(parse_state(visible).ok());
  CHECK((cookies[2].find(domain) != std::string::npos));
}

TEST_CASE("one flat touch is decided by the server", "[touch]") {
  IntakeHouse house;
  const std::string path =
      GENERATE(as<std::string>{}, "/api/touch", "/api/tracking/marketing-touch", "/track/events");
  const Json touch = {{"site", "demo"},
                      {"url", "https://shop.example/?utm_source=bing&utm_medium=cpc&mail=a@b.cz"},
                      {"referrer", "https://www.bing.com/"},
                      {"anonymous_id", "01900000-0000-4000-8000-000000000001"},
                      {"session_id", "01900000-0000-4000-8000-000000000002"},
                      {"consent", {{"storage", true}, {"marketing", true}}},
                      {"t", kNow}};

  const auto reply = house.post(path, touch);
  const auto again = house.post(path, touch);

  const auto answer = Json::parse(reply.body);
  CHECK(reply.status == 200);
  CHECK(answer["accepted"] == 1);
  CHECK(answer["anonymous_id"] == touch["anonymous_id"]);
  CHECK(Json::parse(again.body)["duplicate"] == 1);
  const auto session = house.session(answer["session_id"]);
  REQUIRE(session.has_value());
  CHECK(house.session("01900000-0000-4000-8000-000000000002")->id == session->id);
  const auto row = house.stored_touch(uuid(*session->first_touch));
  CHECK(row->channel == Channel::paid_search);
  CHECK(row->evidence.find("a@b.cz") == std::string::npos);
  CHECK_FALSE(cookies_of(reply).empty());
}

TEST_CASE("a touch without ids is answered the server's, and who holds its token keeps them",
          "[touch]") {
  IntakeHouse house;
  const auto touch = [&](const Json& more) {
    Json body = {{"site", "demo"},
                 {"url", "https://shop.example/?utm_source=bing"},
                 {"consent", {{"storage", true}}},
                 {"t", kNow + static_cast<std::int64_t>(more.size())}};
    body.update(more);
    const auto reply = house.post("/api/touch", body);
    auto answer = Json::parse(reply.body);
    CHECK(answer["accepted"] == 1);
    answer["flags"] = header_of(reply, "X-Throughline");
    return answer;
  };
  const auto made = touch(Json::object());
  CHECK(parse_uuid(made["anonymous_id"].get<std::string>()).ok());
  CHECK(parse_uuid(made["session_id"].get<std::string>()).ok());
  CHECK(made["flags"] == "");
  const auto kept = touch({{"token", made["token"]}, {"anonymous_id", made["anonymous_id"]}});
  CHECK(kept["anonymous_id"] == made["anonymous_id"]);
  CHECK(kept["session_id"] == made["session_id"]);
  CHECK(touch({{"referrer", ""}})["anonymous_id"] != made["anonymous_id"]);

  // Who only says an id that is known hears no more than was said.
  const auto said = touch({{"anonymous_id", made["anonymous_id"]}});
  CHECK(said["anonymous_id"] == made["anonymous_id"]);
  CHECK(said["session_id"].is_null());
  CHECK(said["token"].is_null());

  const auto named = touch({{"anonymous_id", "visitor-17"}, {"session_id", "s-1"}, {"x", 1}});
  CHECK(parse_uuid(named["anonymous_id"].get<std::string>()).ok());
  CHECK(named["anonymous_id"] != made["anonymous_id"]);
  CHECK(named["token"].is_string());
  CHECK(named["flags"] == "bad_uuid");
}

TEST_CASE("a touch without consent gets no ids", "[touch]") {
  IntakeHouse house;
  const auto reply = house.post("/api/touch", {{"site", "demo"}, {"url", kAd}});
  const auto answer = Json::parse(reply.body);
  CHECK(reply.status == 200);
  CHECK(answer["consent_refused"] == 1);
  CHECK(answer["session_id"].is_null());
  CHECK(cookies_of(reply).empty());
}

TEST_CASE("the CRM shape is read with its headers", "[touch]") {
  IntakeHouse house;
  const bool is_old_name = GENERATE(true, false);
  const Json body = {{"events",
                      {{{"eventName", "page_view"},
                        {"properties", {{"url", kAd}, {"plan", "pro"}}},
                        {"context",
                         {{"user", {{"anonymousId", "01900000-0000-4000-8000-000000000001"}}},
                          {"session", {{"sessionId", "01900000-0000-4000-8000-000000000002"}}},
                          {"consent", {{"storage", true}}}}},
                        {"timestamp", "2026-09-21T14:13:20Z"}},
                       {{"eventName", "bad/name"}}}}};
  auto request = house.request(body.dump());
  request.headers[0].second = "https://shop.example";
  request.headers.emplace_back(is_old_name ? "X-Aurea-API-Key" : "X-Throughline-Key", "wk_demo");
  request.headers.emplace_back("X-Aurea-Funnel-ID", "demo");

  const auto reply = house.send("POST", "/track/events", request);

  const auto answer = Json::parse(reply.body);
  CHECK(reply.status == 200);
  CHECK(answer["accepted"] == 1);
  CHECK(answer["rejected"][0]["code"] == "bad_event_name");
  CHECK(answer["anonymous_id"] == "01900000-0000-4000-8000-000000000001");
}

TEST_CASE("visitors sent in one CRM batch stay apart", "[touch]") {
  IntakeHouse house;
  const auto event = [](int visitor, const char* source) {
    const std::string id = "01900000-0000-4000-8000-00000000000" + std::to_string(visitor);
    return Json{
        {"eventName", "page_view"},
        {"properties", {{"url", "https://shop.example/?utm_source=" + std::string(source)}}},
        {"context", {{"user", {{"anonymousId", id}}}, {"consent", {{"storage", true}}}}},
        {"timestamp", "2026-09-21T14:13:20Z"}};
  };
  auto request = house.request(
      Json{{"events", {event(1, "google"), event(2, "bing"), event(1, "seznam")}}}.dump());
  request.headers[0].second = "https://shop.example";
  request.headers.emplace_back("X-Throughline-Key", "wk_demo");
  request.headers.emplace_back("X-Aurea-Funnel-ID", "demo");

  CHECK(Json::parse(house.send("POST", "/track/events", request).body)["accepted"] == 3);

  const auto sources = [&](const char* visitor) {
    const auto touches = house.store.get([&](Tables& tables) {
      return tables.events().touches_of_visitor("demo", parse_uuid(visitor).value(), 0, kNow, 10);
    });
    std::string all;
    for (const auto& touch : touches) all += touch.source + " ";
    return all;
  };
  CHECK(sources("01900000-0000-4000-8000-000000000001") == "google seznam ");
  CHECK(sources("01900000-0000-4000-8000-000000000002") == "bing ");
}

TEST_CASE("a touch of nobody is refused", "[touch]") {
  IntakeHouse house;
  struct Case {
    const char* site;
    const char* origin;
    const char* code;
  };
  const auto& [site, origin, code] =
      GENERATE(values<Case>({{"nowhere", "https://shop.example", "unknown_site"},
                             {"demo", "https://evil.example", "foreign_origin"},
                             {"demo", "", "wrong_key"}}));
  auto request = house.request(Json{{"site", site}, {"url", kAd}}.dump());
  request.headers[0].second = origin;
  CHECK(code_of(house.send("POST", "/api/touch", request)) == code);
}

TEST_CASE("identify keeps a claim and needs the session's token", "[identify]") {
  IntakeHouse house;
  const auto begun = begin_session(house);
  Json body = {{"site", "demo"},
               {"write_key", "wk_demo"},
               {"anonymous_id", begun["anonymous_id"]},
               {"token", begun["token"]},
               {"email", " Jana@Shop.Example "},
               {"user_id", "u-7"}};

  CHECK(house.post("/api/identify", body).status == 202);

  const auto claims = house.store.get([](Tables& tables) {
    return tables.people().ties_of_contact("demo",
                                           {ContactKind::email, sha256("jana@shop.example")}, 10);
  });
  REQUIRE(claims.size() == 1);
  CHECK(uuid(claims[0].anonymous_id) == begun["anonymous_id"]);
  CHECK_FALSE(claims[0].verified);
  CHECK(house.store
            .get([](Tables& tables) {
              return tables.people().find_contact("demo", ContactKind::email,
                                                  sha256("jana@shop.example"));
            })
            ->plain.empty());

  body["anonymous_id"] = uuid(id(1));
  CHECK(house.post("/api/identify", body).status == 401);
  body.erase("anonymous_id");
  body["token"] = "v1.k1.x.y";
  CHECK(house.post("/api/identify", body).status == 401);
  body.erase("token");
  CHECK(code_of(house.post("/api/identify", body)) == "missing_token");
  body["token"] = begun["token"];
  body["email"] = "nobody";
  body.erase("user_id");
  CHECK(code_of(house.post("/api/identify", body)) == "bad_email");
  body.erase("email");
  for (const auto& odd : {std::string(256, 'u'), std::string("u\0", 2)}) {
    body["user_id"] = odd;
    CHECK(code_of(house.post("/api/identify", body)) == "bad_user_id");
  }
  body["user_id"] = Json::array({"u"});
  CHECK(code_of(house.post("/api/identify", body)) == "bad_user_id");
  body["email"] = 7;
  CHECK(code_of(house.post("/api/identify", body)) == "bad_email");
  body.erase("user_id");
  body.erase("email");
  for (const char* kind : {"email", "phone"}) {
    const std::string key = std::string(kind) + "_sha256";
    for (const Json& odd : {Json(7), Json("abc"), Json::array({"u"})}) {
      body[key] = odd;
      const auto reply = house.post("/api/identify", body);
      CHECK(code_of(reply) == "bad_" + std::string(kind));
      CHECK(reply.body.find(key) != std::string::npos);
    }
    body.erase(key);
  }
}

TEST_CASE("a user who is counted is the user of that text", "[identify]") {
  IntakeHouse house;
  const auto begun = begin_session(house);
  const Json body = {
      {"site", "demo"}, {"write_key", "wk_demo"}, {"token", begun["token"]}, {"user_id", 42}};

  CHECK(house.post("/api/identify", body).status == 202);

  const auto visitor = parse_uuid(begun["anonymous_id"].get<std::string>()).value();
  const auto claims = house.store.get(
      [&](Tables& tables) { return tables.people().claims_of_visitor("demo", visitor); });
  REQUIRE(claims.size() == 1);
  CHECK(claims[0].hash == *contact_hash(ContactKind::user_id, "42", ""));
}

TEST_CASE("of several contacts those count that can be read, and the others are told and kept",
          "[identify]") {
  IntakeHouse house;
  house.site->default_country = "";
  const auto begun = begin_session(house);
  const Json body = {{"site", "demo"},          {"write_key", "wk_demo"},
                     {"token", begun["token"]}, {"email", "jana@shop.example"},
                     {"phone", "777 123 456"},  {"user_id", std::string("u\0", 2)}};

  const auto reply = house.post("/api/identify", body);

  CHECK(reply.status == 202);
  CHECK(header_of(reply, "X-Throughline") == "bad_phone, bad_user_id");
  const auto answer = Json::parse(reply.body);
  CHECK(answer["accepted"] == 1);
  REQUIRE(answer["rejected"].size() == 2);
  CHECK(answer["rejected"][0]["code"] == "bad_phone");
  const auto visitor = parse_uuid(begun["anonymous_id"].get<std::string>()).value();
  const auto kinds = [&] {
    std::vector<ContactKind> said;
    for (const auto& claim : house.store.get(
             [&](Tables& tables) { return tables.people().claims_of_visitor("demo", visitor); }))
      said.push_back(claim.kind);
    return said;
  };
  CHECK(kinds() == std::vector{ContactKind::email});

  REQUIRE(rejects_of(house).size() == 1);
  const auto reject = rejects_of(house)[0];
  CHECK(reject["code"] == "bad_phone");
  house.site->default_country = "CZ";
  auto again = house.request();
  again.headers.emplace_back("Authorization", "Bearer good");
  again.params = {{"id", reject["id"].dump()}};
  const auto replayed = Json::parse(house.send("POST", "/api/rejects/{id}/replay", again).body);
  CHECK(replayed["kept"] == false);  // the user id is none still
  CHECK(kinds().size() == 2);
  CHECK(rejects_of(house).size() == 1);
}

TEST_CASE("a batch with unusable rules is taken by the site's, and told", "[intake]") {
  IntakeHouse house;
  auto batch = given_batch();
  batch["ru"] = {{"to", -300000}, {"mx", -60000}, {"rc", 1}};
  batch["pf"] = Json::object();

  const auto reply = house.events(batch);

  CHECK(reply.status == 202);
  CHECK(Json::parse(reply.body)["accepted"] == 1);
  CHECK(header_of(reply, "X-Throughline") == "ignored:pf, ignored:ru");
}

TEST_CASE("a signed user id is verified, a wrong signature refused", "[identify]") {
  SiteConfig site = demo_site();
  site.identity_secret = "between the site and us";
  IntakeHouse house(site);
  const auto begun = begin_session(house);
  const Digest mac = hmac_sha256(site.identity_secret, "u-7");
  Json body = {{"site", "demo"},
               {"write_key", "wk_demo"},
               {"token", begun["token"]},
               {"user_id", "u-7"},
               {"identity_signature", to_hex(mac)}};

  CHECK(house.post("/api/identify", body).status == 202);

  const auto visitor = parse_uuid(begun["anonymous_id"].get<std::string>()).value();
  const auto claims = house.store.get(
      [&](Tables& tables) { return tables.people().claims_of_visitor("demo", visitor); });
  REQUIRE(claims.size() == 1);
  CHECK(claims[0].verified);
  body["user_id"] = "u-8";
  CHECK(code_of(house.post("/api/identify", body)) == "bad_identity_signature");
  // As the script sends it.
  body.erase("identity_signature");
  body["traits"]["identitySignature"] = to_hex(hmac_sha256(site.identity_secret, "u-8"));
  CHECK(Json::parse(house.post("/api/identify", body).body)["proved"] == Json::array({"user_id"}));
}

TEST_CASE("a signature proves the e-mail or phone that it is over, and no other", "[identify]") {
  struct Case {
    const char* name;  // of the contact that is signed
    const char* sent;
    const char* signed_text;
    ContactKind kind;
    const char* normal;
  };
  const auto& [name, sent, signed_text, kind, normal] = GENERATE(values<Case>({
      {"email", "Jana@Shop.Example ", "Jana@Shop.Example ", ContactKind::email,
       "jana@shop.example"},
      {"email", "Jana@Shop.Example", "jana@shop.example", ContactKind::email, "jana@shop.example"},
      {"phone", "777 123 456", "+420777123456", ContactKind::phone, "+420777123456"},
      {"phone", "+420 777 123 456", "+420 777 123 456", ContactKind::phone, "+420777123456"},
  }));
  SiteConfig site = demo_site();
  site.identity_secret = "between the site and us";
  site.default_country = "CZ";
  IntakeHouse house(site);
  Json body = {{"site", "demo"},
               {"write_key", "wk_demo"},
               {"token", begin_session(house)["token"]},
               {"user_id", "u-7"},
               {name, sent},
               {"identity_signature", to_hex(hmac_sha256(site.identity_secret, signed_text))}};

  const auto reply = house.post("/api/identify", body);

  CHECK(reply.status == 202);
  CHECK(Json::parse(reply.body)["proved"] == Json::array({name}));
  const auto ties = [&](ContactKind of, const char* text) {
    return house.store.get([&](Tables& tables) {
      return tables.people().ties_of_contact("demo", {of, sha256(text)}, 10);
    });
  };
  REQUIRE(ties(kind, normal).size() == 1);
  CHECK(ties(kind, normal)[0].verified);
  REQUIRE(ties(ContactKind::user_id, "u-7").size() == 1);
  CHECK_FALSE(ties(ContactKind::user_id, "u-7")[0].verified);
}

TEST_CASE("a signed user id of digits proves no telephone number", "[identify]") {
  SiteConfig site = demo_site();
  site.identity_secret = "between the site and us";
  site.default_country = "CZ";
  IntakeHouse house(site);
  const auto reply =
      house.post("/api/identify",
                 {{"site", "demo"},
                  {"write_key", "wk_demo"},
                  {"token", begin_session(house)["token"]},
                  {"phone", "777123456"},
                  {"identity_signature", to_hex(hmac_sha256(site.identity_secret, "777123456"))}});
  CHECK(code_of(reply) == "bad_identity_signature");
}

TEST_CASE("withdrawal needs the token, deletes the context and withholds what is queued",
          "[consent]") {
  IntakeHouse house;
  house.lanes->push_back({"meta", Purpose::marketing, {"page_view"}});
  const auto batch = given_batch();
  const auto begun = house.kept(batch);
  house.store.clock.advance(1000);
  Json body = {{"site", "demo"},
               {"write_key", "wk_demo"},
               {"anonymous_id", begun["anonymous_id"]},
               {"consent", {{"storage", false}, {"marketing", false}}},
               {"platform", "api"}};

  CHECK(code_of(house.post("/api/consent", body)) == "missing_token");
  body["token"] = begun["token"];
  const auto reply = house.post("/api/consent", body);

  CHECK(reply.status == 200);
  CHECK(Json::parse(reply.body)["receipt_id"].is_string());
  for (const auto& cookie : cookies_of(reply)) CHECK(cookie.find("Max-Age=0") != std::string::npos);
  CHECK(cookies_of(reply).size() == 3);
  const auto session = parse_uuid(begun["session_id"].get<std::string>()).value();
  const auto visitor = parse_uuid(begun["anonymous_id"].get<std::string>()).value();
  CHECK_FALSE(house.store.get(
      [&](Tables& tables) { return tables.events().find_context("demo", session); }));
  CHECK(house.store
            .get([&](Tables& tables) { return tables.people().find_consent("demo", visitor); })
            ->consent.storage == Choice::denied);
  for (const auto& delivery : house.store.get(
           [&](Tables& tables) { return tables.outbox().deliveries_of_session("demo", session); }))
    CHECK(delivery.state == DeliveryState::withheld);
}

TEST_CASE("a withdrawal empties the visits, and the sums stay", "[consent]") {
  IntakeHouse house;
  const auto begun = house.kept(given_batch());
  const auto rows = [&](const char* sql) {
    SQLite::Database database(house.store.path());
    SQLite::Statement statement(database, sql);
    std::string text;
    while (statement.executeStep())
      for (int i = 0; i < statement.getColumnCount(); ++i)
        text += statement.getColumn(i).getString() + "|";
    return text;
  };
  const auto contents = [&] {
    return rows("SELECT url, title, props FROM event") +
           rows("SELECT term, click_ids, referrer_domain, evidence FROM touch") +
           rows("SELECT entry_path, exit_path, device, country FROM session");
  };
  const char* traffic = "SELECT channel, source, campaign FROM touch";
  const auto named = rows(traffic);
  REQUIRE(contents().find("gclid") != std::string::npos);
  house.store.clock.advance(1000);
  const auto choose = [&](bool storage) {
    REQUIRE(house
                .post("/api/consent", {{"site", "demo"},
                                       {"write_key", "wk_demo"},
                                       {"token", begun["token"]},
                                       {"consent", {{"storage", storage}, {"marketing", false}}}})
                .status == 200);
  };

  const std::string value = "Cj0X";
  REQUIRE(contents().find(value) != std::string::npos);

  choose(true);  // marketing alone is taken back
  CHECK(contents().find("gclid") != std::string::npos);
  CHECK(contents().find(value) == std::string::npos);
  CHECK(rows(traffic) == named);
  choose(false);

  CHECK(contents().find_first_not_of("|{}") == std::string::npos);
  CHECK(rows(traffic) == named);
}

TEST_CASE("what comes after marketing was taken back is kept without click ids", "[consent]") {
  IntakeHouse house;
  Browser browser;
  browser.keep_query = "via";
  browser.now_ms = house.store.clock.now_ms();
  browser.open("https://shop.example/?via=jane&gclid=Cj0X");
  const auto begun = house.kept(browser.batch({browser.event("page_view", "")}));
  browser.token = begun["token"];
  browser.now_ms += 1000;
  const auto late = browser.event("page_view", "");
  house.store.clock.set(browser.now_ms + 1000);
  REQUIRE(house
              .post("/api/consent", {{"site", "demo"},
                                     {"write_key", "wk_demo"},
                                     {"token", begun["token"]},
                                     {"consent", {{"storage", true}, {"marketing", false}}}})
              .status == 200);

  house.kept(browser.batch({late}));

  SQLite::Database database(house.store.path());
  SQLite::Statement rows(database,
                         "SELECT url FROM event UNION ALL SELECT evidence || click_ids FROM touch");
  int count = 0;
  for (; rows.executeStep(); ++count) {
    const auto text = rows.getColumn(0).getString();
    CHECK(text.find("Cj0X") == std::string::npos);
    CHECK(text.find("via=jane") != std::string::npos);
  }
  CHECK(count == 3);
}

TEST_CASE("what comes after marketing was taken back is not called by a click's campaign",
          "[consent]") {
  IntakeHouse house;
  Browser browser;
  const auto begun = house.kept(browser.batch({browser.event("page_view")}));
  browser.token = begun["token"];
  const auto come_by = [&](const std::string& query) {
    browser.now_ms += kMinute;
    browser.open("https://shop.example/?" + query);
    return browser.event("page_view");
  };
  const auto clicked = come_by("gclid=A&gad_campaignid=77");
  const auto tagged = come_by("gclid=B&gad_campaignid=78&utm_source=google&utm_campaign=78");
  house.store.clock.set(browser.now_ms + 1000);
  REQUIRE(house
              .post("/api/consent", {{"site", "demo"},
                                     {"write_key", "wk_demo"},
                                     {"token", begun["token"]},
                                     {"consent", {{"storage", true}, {"marketing", false}}}})
              .status == 200);

  house.kept(browser.batch({clicked, tagged}));

  SQLite::Database database(house.store.path());
  SQLite::Statement rows(database,
                         "SELECT group_concat(campaign || ' ' || click_ids, '; ') FROM (SELECT *"
                         " FROM touch WHERE click_ids <> '{}' ORDER BY t_ms)");
  REQUIRE(rows.executeStep());
  CHECK(rows.getColumn(0).getString() ==
        R"( {"gclid":"*","gad_campaignid":"*"}; 78 {"gclid":"*","gad_campaignid":"*"})");
  const auto traffic =
      house.store.get([](Tables& tables) { return tables.rollups().traffic("demo", 0, 99999999); });
  std::map<std::string, std::int64_t> touches;
  for (const auto& row : traffic)
    if (row.source.channel == Channel::paid_search) touches[row.source.campaign] += row.touches;
  CHECK(touches == std::map<std::string, std::int64_t>{{"", 1}, {"78", 1}});
}

TEST_CASE("a withdrawal holds for every id of the browser", "[consent]") {
  IntakeHouse house;
  const auto begun = house.kept(given_batch());
  const auto visitor = parse_uuid(begun["anonymous_id"].get<std::string>()).value();
  house.store.put([&](Tables& tables) -> Outcome<void> {
    const ConsentRecord granted{{Choice::granted, Choice::granted, Choice::unknown, false}, kNow};
    for (const auto& other : {id(41), id(42)})
      TL_CHECK(tables.people().put_consent("demo", other, granted));
    TL_CHECK(tables.events().link_anonymous_ids("demo", visitor, id(41), kNow));
    TL_CHECK(tables.events().link_anonymous_ids("demo", id(42), id(41), kNow));
    SessionRow session = given_session(43);
    session.anonymous_id = id(42);
    TL_CHECK(tables.events().put_session(session));
    return tables.events().put_context("demo", id(43), id(42), {}, kNow, kNow + kDay);
  });
  house.store.clock.advance(1000);

  REQUIRE(house
              .post("/api/consent", {{"site", "demo"},
                                     {"write_key", "wk_demo"},
                                     {"token", begun["token"]},
                                     {"consent", {{"storage", false}, {"marketing", false}}}})
              .status == 200);

  for (const auto& each : {visitor, id(41), id(42)})
    CHECK(
        house.store.get([&](Tables& tables) { return tables.people().find_consent("demo", each); })
            ->consent.storage == Choice::denied);
  CHECK_FALSE(
      house.store.get([](Tables& tables) { return tables.events().find_context("demo", id(43)); }));
}

TEST_CASE("the nonce of a touch cannot be found again from an address without the secret",
          "[touch]") {
  IntakeHouse house;
  const Json body = {{"site", "demo"}, {"url", kAd}, {"consent", {{"storage", true}}}};
  REQUIRE(house.post("/api/touch", body).status == 200);
  REQUIRE(house.post("/api/touch", body).status == 200);  // the same again

  SQLite::Database database(house.store.path(), SQLite::OPEN_READONLY);
  SQLite::Statement events(database, "SELECT page_nonce FROM event");
  REQUIRE(events.executeStep());
  const std::string nonce = events.getColumn(0).getString();
  CHECK_FALSE(events.executeStep());
  const auto request = house.request(body.dump());
  const Digest guessed = FieldHash("tl-pn")
                             .add(request.body)
                             .add(request.client_ip)
                             .add(request.header("user-agent"))
                             .finish();
  CHECK(nonce != std::string(guessed.begin(), guessed.begin() + 16));
}

TEST_CASE("a touch that is sent again after midnight is the same touch", "[touch]") {
  IntakeHouse house;
  const std::int64_t midnight = kNow - kNow % kDay + kDay;
  const auto touch = [&](std::int64_t t_ms) {
    return Json{{"site", "demo"}, {"url", kAd}, {"consent", {{"storage", true}}}, {"t", t_ms}};
  };
  const auto events = [&](std::int64_t t_ms) {
    return Json{{"events",
                 {{{"eventName", "page_view"},
                   {"timestamp", t_ms},
                   {"context", {{"page", {{"url", kAd}}}, {"consent", {{"storage", true}}}}}}}}};
  };
  const bool is_crm = GENERATE(false, true);
  const Json body = is_crm ? events(midnight - 2000) : touch(midnight - 2000);
  const auto send = [&] {
    auto request = house.request(body.dump());
    if (is_crm) {
      request.headers.emplace_back("X-Throughline-Key", "wk_demo");
      request.headers.emplace_back("X-Aurea-Funnel-ID", "demo");
    }
    const auto reply = house.send("POST", "/api/touch", request);
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    return Json::parse(reply.body)["session_id"];
  };
  house.store.clock.set(midnight - 1000);
  const auto first = send();
  house.store.clock.set(midnight + 1000);
  CHECK(send() == first);
  SQLite::Database database(house.store.path(), SQLite::OPEN_READONLY);
  for (const char* table : {"event", "touch", "session"}) {
    INFO(table);
    CHECK(database.execAndGet(std::string("SELECT count(*) FROM ") + table).getInt() == 1);
  }
}

TEST_CASE("a refusal before there is any id leaves a receipt without one", "[consent]") {
  IntakeHouse house;
  const auto reply = house.post("/api/consent", {{"site", "demo"},
                                                 {"write_key", "wk_demo"},
                                                 {"anonymous_id", uuid(id(4))},
                                                 {"consent", {{"storage", false}}}});
  CHECK(reply.status == 200);
  CHECK_FALSE(
      house.store.get([](Tables& tables) { return tables.people().find_consent("demo", id(4)); }));
}

TEST_CASE("a receipt proves what was said, not what the site assumes", "[consent]") {
  SiteConfig site = demo_site();
  site.consent_default = Choice::granted;
  IntakeHouse house(site);
  auto request = house.request(
      Json({{"site", "demo"}, {"write_key", "wk_demo"}, {"consent", {{"storage", false}}}}).dump());
  request.headers.emplace_back("Sec-GPC", "1");

  REQUIRE(house.send("POST", "/api/consent", request).status == 200);

  const auto receipts = house.store.get(
      [](Tables& tables) { return tables.privacy().receipts_after("demo", 0, {}, 10); });
  REQUIRE(receipts.size() == 1);
  const Consent said = receipts[0].receipt.consent;
  CHECK(said.storage == Choice::denied);
  CHECK(said.marketing == Choice::unknown);
  CHECK(said.ad_personalisation == Choice::unknown);
  CHECK(said.opted_out_of_sale);
}

TEST_CASE("the pixel answers one image and sets ids only with consent", "[pixel]") {
  SiteConfig site = demo_site();
  const bool is_granted = GENERATE(true, false);
  site.consent_default = is_granted ? Choice::granted : Choice::denied;
  site.anonymous_pings = "always";
  IntakeHouse house(site);
  auto request = house.request();
  request.headers[0] = {"Referer", "https://shop.example/page"};
  request.query = {{"site", "demo"}, {"u", kAd}, {"r", "https://www.google.com/"}};

  const auto reply = house.send("GET", "/px.gif", request);

  CHECK(reply.status == 200);
  CHECK(reply.body.size() == 43);
  CHECK(reply.body.substr(0, 6) == "GIF89a");
  CHECK(cookies_of(reply).size() == (is_granted ? 3 : 0));
  CHECK(house.store.counter("demo", "accepted") == 1);
  const auto sessions = Json::parse(house.get("/api/sessions").body)["items"];
  CHECK(sessions.size() == (is_granted ? 1 : 0));
}

TEST_CASE("a session without an event for the site's timeout has ended with its last",
          "[sessions]") {
  IntakeHouse house;
  const auto begun = house.kept(given_batch());
  const auto shown = [&] {
    return Json::parse(house.get("/api/sessions/{id}", {{"id", begun["session_id"]}}).body);
  };

  house.store.clock.advance(house.site->session.timeout_ms);
  CHECK(shown()["ended_at"].is_null());
  CHECK(shown()["end_reason"].is_null());

  house.store.clock.advance(1);
  CHECK(shown()["ended_at"] == "2026-09-21T14:13:20.000Z");
  CHECK(shown()["end_reason"] == "timeout");
}

TEST_CASE("a session is shown with everything on its line", "[sessions]") {
  IntakeHouse house;
  house.lanes->push_back({"posthog", Purpose::storage, {"page_view"}});
  const auto batch = given_batch();
  const auto begun = house.kept(batch);

  const auto reply = house.get("/api/sessions/{id}", {{"id", begun["session_id"]}});
  const auto visitor =
      house.get("/api/visitors/{anonymous_id}", {{"anonymous_id", begun["anonymous_id"]}});

  const auto session = Json::parse(reply.body);
  REQUIRE(reply.status == 200);
  CHECK(session["anonymous_id"] == begun["anonymous_id"]);
  CHECK(session["started_at"] == "2026-09-21T14:13:20.000Z");
  CHECK(session["first_touch"]["channel"] == "paid_search");
  CHECK(session["touches"].size() == 1);
  CHECK(session["touches"][0]["click_ids"]["gclid"] == "Cj0X");
  CHECK(session["events"][0]["verdict"] == "bootstrap");
  CHECK(session["deliveries"][0]["destination"] == "posthog");
  CHECK(session["deliveries"][0]["next_attempt_at"] == "2026-09-21T14:13:20.000Z");
  // Milliseconds as on the wire.
  CHECK(session["touches"][0]["t"].is_number_integer());
  CHECK(session["first_touch"]["t"] == session["events"][0]["t"]);
  CHECK(Json::parse(visitor.body)["sessions"].size() == 1);

  house.store.put([&](Tables& tables) -> Outcome<void> {
    const auto session_id = parse_uuid(begun["session_id"].get<std::string>()).value();
    TL_TRY(rows, tables.outbox().deliveries_of_session("demo", session_id));
    rows.at(0).state = DeliveryState::delivered;
    return tables.outbox().put_delivery(rows[0]);
  });
  const auto later = house.get("/api/sessions/{id}", {{"id", begun["session_id"]}});
  CHECK(Json::parse(later.body)["deliveries"][0]["next_attempt_at"].is_null());
  const auto unknown = house.get("/api/sessions/{id}", {{"id", uuid(id(5))}});
  CHECK(unknown.status == 404);
  CHECK(code_of(unknown) == "unknown_session");
  const auto nobody = house.get("/api/visitors/{anonymous_id}", {{"anonymous_id", uuid(id(5))}});
  CHECK(nobody.status == 404);
  CHECK(code_of(nobody) == "unknown_visitor");
  CHECK(house.get("/api/sessions/{id}", {{"id", "x"}}).status == 400);
}

TEST_CASE("after a reset the next visitor is not linked to the one before", "[intake]") {
  const bool is_told = GENERATE(true, false);
  IntakeHouse house;
  Browser former, next;
  former.open(kAd);
  const auto before = house.kept(former.batch({former.event("page_view")}));
  next.open("https://shop.example/");
  next.open("https://shop.example/");  // another page: another nonce
  next.now_ms += 1000;
  auto batch = next.batch({next.event("page_view")});
  if (is_told) batch["rs"] = 1;
  auto request = house.request(batch.dump());
  request.headers.emplace_back("Cookie",
                               "tl_aid.demo=" + before["anonymous_id"].get<std::string>() +
                                   "; tl_tok.demo=" + before["token"].get<std::string>());

  const auto reply = house.send("POST", "/api/events", request);

  const Id128 id = next.state.anonymous_id;
  const auto linked =
      house.store.get([&](Tables& tables) { return tables.events().linked_ids("demo", id); });
  CHECK((linked.size() > 1) == !is_told);
  const auto answered = Json::parse(reply.body)["anonymous_id"].get<std::string>();
  CHECK((answered == uuid(id)) == is_told);
  CHECK(cookies_of(reply).at(0).find(answered) != std::string::npos);
}

TEST_CASE("a reset whose batch proves nobody takes the cookies away", "[intake]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);
  house.kept(browser.batch({browser.event("page_view")}));
  browser.open("https://shop.example/two");
  auto batch = browser.batch({browser.event("page_view")});
  batch["rs"] = 1;

  const auto cookies = cookies_of(house.events(batch));

  REQUIRE(cookies.size() == 3);
  for (const auto& cookie : cookies) CHECK(cookie.find("Max-Age=0") != std::string::npos);
}

TEST_CASE("a visitor whose first answer was lost proves itself by its first page's nonce",
          "[intake]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);
  const auto first = browser.batch({browser.event("page_view")});
  house.kept(first);
  browser.open("https://shop.example/two");
  auto batch = browser.batch({browser.event("page_view")});

  CHECK(house.kept(batch)["token"].is_null());
  batch["pf"] = batch["pn"];
  CHECK(house.kept(batch)["token"].is_null());
  batch["pf"] = first["pn"];
  CHECK(house.kept(batch)["token"].is_string());
}

TEST_CASE("the answer tells the channel of a touch", "[intake]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);
  const auto batch = browser.batch({browser.event("page_view"), browser.event("played")});

  const auto channels = house.kept(batch)["channels"];

  CHECK(channels == Json{{batch["e"][0]["t"].dump(), "paid_search"}});
}
