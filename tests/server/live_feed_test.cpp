// SPDX-License-Identifier: Apache-2.0
// The feed behind /api/live, and what the intakes tell it.

#include "server/core/ingest/live_feed.hpp"

#include "server/http/live_handler.hpp"
#include "tests/server/support.hpp"

#include <nlohmann/json.hpp>

#include <thread>

using namespace tl::server;
using namespace tl::server::test;
using Json = nlohmann::json;

TEST_CASE("nothing is kept while nobody watches", "[live]") {
  FakeClock clock;
  LiveFeed feed(clock);
  feed.publish("demo", "{}");
  CHECK_FALSE(feed.is_anybody_there());
  CHECK(feed.wait("demo", 0, 0).empty());
  CHECK(feed.is_watched("demo"));

  clock.advance(11 * kMinute);
  CHECK_FALSE(feed.is_watched("demo"));
  feed.publish("demo", "{}");
  CHECK_FALSE(feed.is_anybody_there());
}

TEST_CASE("a watcher gets each entry of the own site once, in order", "[live]") {
  FakeClock clock;
  LiveFeed feed(clock);
  feed.wait("demo", 0, 0);
  feed.publish("demo", "1");
  feed.publish("other", "x");
  feed.publish("demo", "2");
  const auto entries = feed.wait("demo", 0, 0);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].json == "1");
  CHECK(entries[1].json == "2");
  CHECK(feed.wait("demo", entries[1].number, 0).empty());
  CHECK(feed.wait("demo", entries[0].number, 0).size() == 1);
}

TEST_CASE("a watcher wakes at once, and when the server stops", "[live]") {
  FakeClock clock;
  LiveFeed feed(clock);
  feed.wait("demo", 0, 0);
  std::thread sender([&] { feed.publish("demo", "1"); });
  const auto entries = feed.wait("demo", 0, 60'000);
  REQUIRE(entries.size() == 1);
  sender.join();
  std::thread stopper([&] { feed.close(); });
  CHECK(feed.wait("demo", entries[0].number, 60'000).empty());
  CHECK(feed.is_closed());
  stopper.join();
}

TEST_CASE("whoever comes back is told whether entries are gone", "[live]") {
  FakeClock clock;
  LiveFeed feed(clock);
  feed.wait("demo", 0, 0);
  feed.publish("demo", "seen");
  const auto seen = feed.wait("demo", 0, 0).at(0).number;
  CHECK_FALSE(feed.gap_after("demo", seen));
  for (int i = 0; i < 500; ++i) feed.publish("demo", "fits");
  CHECK_FALSE(feed.gap_after("demo", seen));
  feed.publish("demo", "one more than is kept");
  const auto gone = feed.gap_after("demo", seen);
  REQUIRE(gone);
  CHECK(feed.wait("demo", *gone, 0).size() == 500);

  const auto last = feed.wait("demo", 0, 0).back().number;
  clock.advance(11 * kMinute);  // nobody watched, nothing was kept
  feed.wait("demo", last, 0);
  CHECK(feed.gap_after("demo", last));
}

TEST_CASE("a server that was started anew goes on above its old numbers", "[live]") {
  FakeClock clock;
  const auto number_of_first = [&clock] {
    LiveFeed feed(clock);
    feed.wait("demo", 0, 0);
    feed.publish("demo", "1");
    return feed.wait("demo", 0, 0).at(0).number;
  };
  const auto before = number_of_first();
  clock.advance(1000);
  CHECK(number_of_first() > before);
  LiveFeed feed(clock);
  feed.wait("demo", before, 0);
  CHECK(feed.gap_after("demo", before));
}

TEST_CASE("a refusal is told with its code and sentence", "[live]") {
  TempStore store;
  LiveFeed feed(store.clock);
  const http::LiveParts parts{feed, *store, {}};
  http::Route route;
  route.method = "POST";
  route.pattern = "/api/events";
  route.handler = [](const http::Request&) {
    return http::Reply::error(fail(tl::ErrorKind::forbidden, "foreign_origin", "Not listed."));
  };
  std::vector<http::Route> routes = {route};
  http::watch_intakes(routes, parts);
  http::Request request;
  request.method = "POST";
  request.path = "/api/events";
  request.body = R"({"site":"demo"})";
  request.received_ms = kNow;

  routes[0].handler(request);
  CHECK(feed.wait("demo", 0, 0).empty());  // nobody watched then
  routes[0].handler(request);
  request.body = "{}";  // other trackers name the site in a header
  request.headers = {{"X-Aurea-Funnel-ID", "demo"}};
  routes[0].handler(request);

  const auto entries = feed.wait("demo", 0, 0);
  REQUIRE(entries.size() == 2);
  const auto entry = Json::parse(entries[0].json);
  CHECK(entry.at("verdict") == "rejected");
  CHECK(entry.at("code") == "foreign_origin");
  CHECK(entry.at("t") == "2026-09-21T14:13:20.000Z");
}

TEST_CASE("a kept event is told with the verdict of the store", "[live]") {
  TempStore store;
  store.put([](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.events().put_session(given_session()));
    TL_TRY(kept, tables.events().insert_event(given_event(7)));
    TL_TRY(touched, tables.events().insert_touch(given_touch(7)));
    return kept && touched ? Outcome<void>() : invalid("was_there", "twice");
  });
  LiveFeed feed(store.clock);
  feed.wait("demo", 0, 0);
  http::Route route;
  route.method = "POST";
  route.pattern = "/api/events";
  route.handler = [](const http::Request&) {
    return http::Reply::json(202, Json{{"accepted", 1},
                                       {"duplicate", 1},
                                       {"rejected", Json::array()},
                                       {"session_id", uuid(id(1001))}}
                                      .dump());
  };
  std::vector<http::Route> routes = {route};
  http::watch_intakes(routes, http::LiveParts{feed, *store, {}});
  http::Request request;
  request.method = "POST";
  request.path = "/api/events";
  request.body = R"({"site":"demo","e":[{"n":"page_view"},{"n":"page_view"}]})";
  request.received_ms = kNow;
  routes[0].handler(request);

  const auto entries = feed.wait("demo", 0, 0);
  REQUIRE(entries.size() == 2);
  CHECK(Json::parse(entries[0].json).at("verdict") == "duplicate");
  const auto event = Json::parse(entries[1].json);
  CHECK(event.at("name") == "page_view");
  CHECK(event.at("verdict") == "verified");
  CHECK(event.at("why") == "same");
  CHECK(event.at("touch").at("channel") == "paid_search");
  CHECK_FALSE(event.contains("props"));
}
