// SPDX-License-Identifier: Apache-2.0
// One lane, round by round, on a real store with a scripted vendor.
#include "tests/server/delivery_support.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

TEST_CASE("an event is told to both destinations once", "[outbox]") {
  DeliveryWorld world;
  const auto event = world.tell();
  auto meta = world.lane("meta");
  auto posthog = world.lane("posthog");

  CHECK(world.run(meta));
  CHECK(world.run(posthog));
  CHECK_FALSE(world.run(meta));
  CHECK_FALSE(world.run(posthog));

  REQUIRE(world.client.requests.size() == 2);
  CHECK(world.client.body(0)["data"][0]["event_id"] == uuid(event.id));
  CHECK(world.client.body(1)["batch"][0]["uuid"] == uuid(event.id));
  for (const char* name : {"meta", "posthog"}) {
    const auto row = world.row(event.id, name);
    CHECK(row.state == DeliveryState::delivered);
    CHECK(row.attempts == 1);
    CHECK(row.body.empty());
    CHECK_FALSE(row.ambiguous);
  }
}

TEST_CASE("deliveries leave in the order of their making", "[outbox]") {
  DeliveryWorld world;
  std::vector<std::string> told;
  for (int i = 0; i < 5; ++i) told.push_back(uuid(world.tell().id));
  auto lane = world.lane("meta");

  world.run(lane);

  std::vector<std::string> sent;
  const Json body = world.client.body(0);
  for (const auto& event : body["data"]) sent.push_back(event["event_id"]);
  CHECK(sent == told);
}

TEST_CASE("a batch with one bad event is halved until only it is left", "[outbox]") {
  DeliveryWorld world;
  std::vector<EventRow> events;
  for (int i = 0; i < 100; ++i) events.push_back(world.tell());
  const std::string bad = uuid(events[37].id);
  world.client.otherwise = [&](const OutgoingRequest& request) {
    return request.body.find(bad) == std::string::npos ? ScriptedClient::accept(request)
                                                       : graph_error(400, 100, 2804019);
  };
  auto lane = world.lane("meta");

  world.run(lane);

  CHECK(world.client.requests.size() <= 15);
  for (const auto& event : events) {
    const auto row = world.row(event.id, "meta");
    CHECK(row.state == (uuid(event.id) == bad ? DeliveryState::dead : DeliveryState::delivered));
    CHECK(row.attempts == 1);
  }
  const auto dead = world.row(events[37].id, "meta");
  CHECK(dead.last_error.find("100/2804019") != std::string::npos);
  CHECK(dead.body.empty());
  const auto attempts = world.store.get([&](Tables& t) { return t.outbox().attempts_of(dead.id); });
  REQUIRE_FALSE(attempts.empty());
  CHECK(attempts.back().outcome == "reject");
  CHECK(attempts.back().answer.find("what Meta says") != std::string::npos);
  CHECK(world.reports == std::vector<std::string>{"dead_letter"});
  // What Meta says may repeat whom it was told of.
  CHECK(world.report_details ==
        std::vector<std::string>{"delivery " + std::to_string(dead.id) + ", refused, answer 400"});
}

TEST_CASE("a repeat sends the same bytes with a growing pause", "[outbox]") {
  DeliveryWorld world;
  const auto event = world.tell();
  world.client.script = {not_connected(), answered(503, "busy"), graph_error(500, 2, 0, true)};
  auto lane = world.lane("meta");

  for (int attempt = 1; attempt <= 4; ++attempt) {
    CHECK(world.run(lane));
    CHECK(world.row(event.id, "meta").attempts == static_cast<std::uint32_t>(attempt));
    world.store.clock.advance(kHour + kMinute);
  }

  CHECK(world.row(event.id, "meta").state == DeliveryState::delivered);
  REQUIRE(world.client.requests.size() == 4);
  for (const auto& request : world.client.requests)
    CHECK(request.body == world.client.requests.front().body);
}

TEST_CASE("a repeat is the same although the session has gone on", "[outbox][consent]") {
  for (const Choice marketing : {Choice::granted, Choice::denied}) {
    DeliveryWorld world;
    world.consent(Choice::granted, marketing);
    world.tell();
    world.client.script = {no_answer()};
    auto lane = world.lane("posthog");
    world.run(lane);
    world.store.clock.advance(kHour + kMinute);
    world.store.put([&](Tables& t) -> Outcome<void> {
      TL_TRY(session, t.events().find_session("demo", world.session_id));
      session->last_touch.reset();
      return t.events().put_session(*session);
    });

    world.run(lane);

    REQUIRE(world.client.requests.size() == 2);
    CHECK(world.client.requests[0].body == world.client.requests[1].body);
  }
}

TEST_CASE("Retry-After holds the next attempt back", "[outbox]") {
  DeliveryWorld world;
  const auto event = world.tell();
  world.client.script = {answered(503, "", {{"retry-after", "7200"}})};
  auto lane = world.lane("posthog");

  world.run(lane);

  CHECK(world.row(event.id, "posthog").next_attempt_ms == kNow + 2 * kHour);
  world.store.clock.advance(2 * kHour - 1);
  CHECK_FALSE(world.run(lane));
  world.store.clock.advance(1);
  CHECK(world.run(lane));
}

TEST_CASE("an attempt without answer is repeated inside the vendor's window only", "[outbox]") {
  DeliveryWorld world;
  const auto event = world.tell();
  world.client.otherwise = [](const OutgoingRequest&) { return no_answer(); };
  auto lane = world.lane("meta");
  world.run(lane);
  CHECK(world.row(event.id, "meta").ambiguous);

  world.client.otherwise = [](const OutgoingRequest&) { return answered(503, "down"); };
  for (int i = 0; i < 60; ++i) {
    world.store.clock.advance(kHour);
    world.run(lane);
  }

  const auto row = world.row(event.id, "meta");
  CHECK(row.state == DeliveryState::dead);
  CHECK(row.last_error.starts_with("ambiguous"));
  CHECK(world.client.requests.size() > 10);
  const auto attempts = world.store.get([&](Tables& t) { return t.outbox().attempts_of(row.id); });
  CHECK(attempts.back().t_ms <= kNow + 47 * kHour);
}

TEST_CASE("a destination that is down keeps its events for more than three days", "[outbox]") {
  DeliveryWorld world;
  const auto event = world.tell();
  world.client.otherwise = [](const OutgoingRequest&) { return not_connected(); };
  auto lane = world.lane("posthog");
  for (int hour = 0; hour < 100; ++hour) {
    world.run(lane);
    world.store.clock.advance(kHour + kMinute);
  }
  CHECK(world.row(event.id, "posthog").state == DeliveryState::failed);

  world.client.otherwise = ScriptedClient::accept;
  world.store.clock.advance(kHour);
  world.run(lane);

  CHECK(world.row(event.id, "posthog").state == DeliveryState::delivered);
}

TEST_CASE("a withdrawal between storing and sending stops it", "[outbox][consent]") {
  DeliveryWorld world;
  const auto event = world.tell();
  world.store.clock.advance(1000);
  world.consent(Choice::granted, Choice::denied);
  auto meta = world.lane("meta");
  auto posthog = world.lane("posthog");

  world.run(meta);
  world.run(posthog);

  CHECK(world.row(event.id, "meta").state == DeliveryState::withheld);
  CHECK(world.row(event.id, "meta").last_error == "consent_denied");
  REQUIRE(world.client.requests.size() == 1);
  // PostHog needs storage only, but is told neither click id nor browser cookie.
  CHECK(world.row(event.id, "posthog").state == DeliveryState::delivered);
  CHECK(world.client.requests[0].body.find("IwAR_Xyz") == std::string::npos);
  CHECK(world.client.requests[0].body.find("utm_campaign") != std::string::npos);
}

TEST_CASE("a withdrawal between two attempts takes the built body with it", "[outbox][consent]") {
  DeliveryWorld world;
  const auto event = world.tell();
  world.client.script = {answered(503, ""), answered(503, "")};
  auto meta = world.lane("meta");
  auto posthog = world.lane("posthog");
  world.run(meta);
  world.run(posthog);
  world.store.clock.advance(2 * kHour);
  world.consent(Choice::granted, Choice::denied);

  world.run(meta);
  world.run(posthog);

  CHECK(world.row(event.id, "meta").state == DeliveryState::withheld);
  CHECK(world.row(event.id, "meta").body.empty());
  REQUIRE(world.client.requests.size() == 3);
  CHECK(world.client.requests[1].body.find("IwAR_Xyz") != std::string::npos);
  CHECK(world.client.requests[2].body.find("IwAR_Xyz") == std::string::npos);
}

TEST_CASE("what is withheld while a request is being built is not sent", "[outbox][consent]") {
  DeliveryWorld world;
  const auto first = world.tell();
  const auto second = world.tell();
  // The first request of a bisected batch is answered while the visitor withdraws.
  world.client.script = {graph_error(400, 100)};
  world.client.on_send = [&](const OutgoingRequest&) {
    if (world.client.requests.size() == 1)
      world.store.put([&](Tables& t) -> Outcome<void> {
        TL_CHECK(t.outbox().withhold_queued("demo", id(2001), "consent_withdrawn"));
        return {};
      });
  };
  auto lane = world.lane("meta");

  world.run(lane);

  CHECK(world.client.requests.size() == 1);
  CHECK(world.row(first.id, "meta").state == DeliveryState::withheld);
  CHECK(world.row(second.id, "meta").state == DeliveryState::withheld);
}

TEST_CASE("after a crash between sending and settling the same body goes out again", "[outbox]") {
  DeliveryWorld world;
  const auto event = world.tell();
  struct Crash {};
  world.client.on_send = [&](const OutgoingRequest&) {
    if (world.client.requests.size() == 1) throw Crash{};
  };
  {
    auto lane = world.lane("meta");
    CHECK_THROWS_AS(lane.run_once(), Crash);
  }
  world.store.reopen();
  OutboxParts parts{*world.store,
                    world.client,
                    world.store.clock,
                    world.store.entropy,
                    world.parts.find_site,
                    world.parts.find_destination,
                    {}};
  DeliveryLane after(parts, "demo", "meta");
  CHECK_FALSE(world.run(after));  // still leased
  CHECK(world.row(event.id, "meta").ambiguous);

  world.store.clock.advance(kMinute);
  CHECK(world.run(after));

  REQUIRE(world.client.requests.size() == 2);
  CHECK(world.client.requests[0].body == world.client.requests[1].body);
  CHECK(world.row(event.id, "meta").state == DeliveryState::delivered);
}

TEST_CASE("a refused key stops the lane, not the events", "[outbox]") {
  DeliveryWorld world;
  const auto first = world.tell();
  const auto second = world.tell();
  world.client.script = {graph_error(400, 190, 463), graph_error(400, 190, 463)};
  auto lane = world.lane("meta");

  CHECK(world.run(lane));
  CHECK(world.lane_state("meta").state == "auth_failed");
  CHECK_FALSE(world.run(lane));
  world.store.clock.advance(15 * kMinute);
  CHECK(world.run(lane));  // the probe, with one event
  CHECK(world.client.body(1)["data"].size() == 1);
  CHECK_FALSE(world.run(lane));
  world.store.clock.advance(15 * kMinute);
  CHECK(world.run(lane));
  CHECK(world.run(lane));

  CHECK(world.lane_state("meta").state == "ok");
  CHECK(world.row(first.id, "meta").state == DeliveryState::delivered);
  CHECK(world.row(second.id, "meta").state == DeliveryState::delivered);
  CHECK(world.row(first.id, "meta").attempts == 1);
}

TEST_CASE("the log says why a receiver closed, and repeats no token and nobody", "[outbox]") {
  DeliveryWorld world;
  world.tell();
  world.client.script = {answered(
      401,
      R"({"error":{"message":"Error validating EAABsbCS1iHgBAKZCZBZAx: session of jane@x.test )"
      R"(from 203.0.113.9, 198.51.100.7:443, +49 (151) 123 45 67, has expired","code":190}})")};
  auto lane = world.lane("meta");
  world.run(lane);
  REQUIRE(world.reports == std::vector<std::string>{"auth_failed"});
  const std::string& told = world.report_details.at(0);
  INFO(told);
  CHECK(told.starts_with("answer 401: "));
  CHECK(told.find("has expired") != std::string::npos);
  CHECK(told.find("190") != std::string::npos);
  for (const char* secret : {"EAAB", "jane", "203.0", "198.51", "151", "123 45"})
    CHECK(told.find(secret) == std::string::npos);
}

TEST_CASE("after a restart a refused key is tried at once", "[outbox]") {
  DeliveryWorld world;
  world.tell();
  world.client.script = {graph_error(400, 190)};
  auto lane = world.lane("meta");
  world.run(lane);

  auto restarted = world.lane("meta");

  CHECK(world.run(restarted));
  CHECK(world.lane_state("meta").state == "ok");
}

TEST_CASE("a rate limit pauses the lane for a minute at least", "[outbox]") {
  DeliveryWorld world;
  world.tell();
  world.client.script = {graph_error(400, 4, 1504022, true)};
  auto lane = world.lane("meta");
  world.run(lane);
  CHECK(world.lane_state("meta").state == "backing_off");

  world.tell();
  world.store.clock.advance(kMinute - 1);
  CHECK_FALSE(world.run(lane));
  world.store.clock.advance(1 + kHour);
  CHECK(world.run(lane));
}

TEST_CASE("an unexplained error is tried five times", "[outbox]") {
  DeliveryWorld world;
  const auto event = world.tell();
  world.client.otherwise = [](const OutgoingRequest&) { return graph_error(400, 1); };
  auto lane = world.lane("meta");
  for (int i = 0; i < 10; ++i) {
    world.run(lane);
    world.store.clock.advance(2 * kHour);
  }

  CHECK(world.client.requests.size() == 5);
  CHECK(world.row(event.id, "meta").state == DeliveryState::dead);
}

TEST_CASE("an event that is too old for Meta is not put into a batch", "[outbox]") {
  DeliveryWorld world;
  const auto old = world.tell("page_view", "", kNow - 6 * kDay - 21 * kHour);
  const auto fresh = world.tell();
  auto lane = world.lane("meta");

  world.run(lane);

  CHECK(world.row(old.id, "meta").state == DeliveryState::dead);
  CHECK(world.row(old.id, "meta").last_error.starts_with("too_old"));
  CHECK(world.row(fresh.id, "meta").state == DeliveryState::delivered);
  CHECK(world.client.body(0)["data"].size() == 1);
  CHECK(world.reports.empty());  // nobody can mend it
}

TEST_CASE("what grew too old while it waited is told with the reason", "[outbox]") {
  DeliveryWorld world;
  const auto event = world.tell();
  auto lane = world.lane("meta");
  world.store.clock.advance(7 * kDay);

  world.run(lane);

  const auto dead = world.row(event.id, "meta");
  CHECK(dead.state == DeliveryState::dead);
  CHECK(world.report_details ==
        std::vector<std::string>{"delivery " + std::to_string(dead.id) + ", too_old"});
}

TEST_CASE("what is too old for a destination when it comes is not queued for it", "[outbox]") {
  DeliveryWorld world;
  const EventLane meta{"meta", Purpose::marketing, {"*"}, false, kDay};
  const EventLane posthog{"posthog", Purpose::storage, {"*"}};
  EventRow event = given_event(1, "page_view", kNow - kDay);
  const auto queued = [&](std::int64_t now_ms) {
    event.id = id(static_cast<std::uint64_t>(now_ms));
    world.store.put([&](Tables& t) {
      return enqueue_event(t.outbox(), {meta, posthog}, event,
                           {Choice::granted, Choice::granted, Choice::unknown, false}, now_ms);
    });
    return world.store
        .get([&](Tables& t) { return t.outbox().deliveries_of_event("demo", event.id); })
        .size();
  };
  CHECK(queued(kNow) == 2);
  CHECK(queued(kNow + 1) == 1);
}

TEST_CASE("a page cannot make a purchase", "[outbox]") {
  DeliveryWorld world;
  const auto event = world.tell("purchase", R"({"value":1000,"currency":"EUR"})");
  CHECK(world.store.get([&](Tables& t) { return t.outbox().deliveries_of_event("demo", event.id); })
            .empty());

  // Even when somebody enqueued it.
  DeliveryRow row;
  row.site_id = "demo";
  row.destination = "meta";
  row.event_name = "purchase";
  row.event_id = event.id;
  row.session_id = event.session_id;
  row.anonymous_id = event.anonymous_id;
  row.occurred_ms = row.created_ms = row.next_attempt_ms = kNow;
  world.store.put([&](Tables& t) -> Outcome<void> {
    TL_CHECK(t.outbox().enqueue(row));
    return {};
  });
  auto lane = world.lane("meta");
  world.run(lane);

  CHECK(world.client.requests.empty());
  CHECK(world.row(event.id, "meta").last_error == "not_forwarded");
}

TEST_CASE("a quota warning is success that a person hears of", "[outbox]") {
  DeliveryWorld world;
  const auto event = world.tell();
  world.client.script = {answered(200, R"({"status":"Ok","quota_limited":["events"]})")};
  auto lane = world.lane("posthog");

  world.run(lane);

  CHECK(world.row(event.id, "posthog").state == DeliveryState::delivered);
  CHECK(world.lane_state("posthog").reason.find("billing limit") != std::string::npos);
  CHECK(world.reports == std::vector<std::string>{"warning"});
}
