// SPDX-License-Identifier: Apache-2.0
// Tokens between attempts, and batches whose bad events the vendor names, on a lane with a scripted
// Google.
#include "tests/server/google_world.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

TEST_CASE("a token is fetched once and used until it ends", "[outbox][token]") {
  GoogleWorld world;
  auto lane = world.lane("google_ads");
  for (int i = 0; i < 3; ++i) {
    world.tell();
    CHECK(world.run(lane));
  }
  CHECK(world.token_requests() == 1);
  CHECK(world.client.requests.size() == 4);
  world.store.clock.advance(kHour);
  world.tell();
  CHECK(world.run(lane));
  CHECK(world.token_requests() == 2);
}

TEST_CASE("a token that is no longer taken is fetched anew, once", "[outbox][token]") {
  GoogleWorld world;
  auto lane = world.lane("google_ads");
  world.tell();
  world.run(lane);
  const auto event = world.tell();
  world.client.script = {answered(401, "expired")};
  world.run(lane);
  CHECK(world.token_requests() == 2);
  CHECK(world.row(event.id, "google_ads").state == DeliveryState::accepted);

  const auto refused = world.tell();
  world.client.otherwise = [](const OutgoingRequest& request) {
    return asks_for_token(request) ? google_that_accepts(request) : answered(401, "no");
  };
  world.run(lane);
  CHECK(world.row(refused.id, "google_ads").state == DeliveryState::failed);
  CHECK(world.lane_state("google_ads").state == "auth_failed");
  CHECK(world.token_requests() == 3);
}

TEST_CASE("without a token nothing is sent and nothing is ambiguous", "[outbox][token]") {
  for (const bool is_refused : {true, false}) {
    GoogleWorld world;
    auto lane = world.lane("google_ads");
    const auto event = world.tell();
    world.client.otherwise = [&](const OutgoingRequest&) {
      return is_refused ? answered(400, R"({"error":"invalid_grant"})") : no_answer();
    };
    world.run(lane);
    CHECK(world.client.requests.size() == 1);
    const auto row = world.row(event.id, "google_ads");
    CHECK(row.state == DeliveryState::failed);
    CHECK_FALSE(row.ambiguous);
    CHECK(world.lane_state("google_ads").state == (is_refused ? "auth_failed" : "ok"));
  }
}

TEST_CASE("events that the vendor names are dead, the others go again at once", "[outbox]") {
  GoogleWorld world;
  std::vector<EventRow> events;
  for (int i = 0; i < 10; ++i) events.push_back(world.tell());
  const std::string bad = uuid(events[6].id);
  world.client.otherwise = [&](const OutgoingRequest& request) {
    if (asks_for_token(request)) return google_that_accepts(request);
    const Json sent = Json::parse(request.body)["events"];
    for (std::size_t i = 0; i < sent.size(); ++i)
      if (sent[i]["transactionId"] == bad) {
        const Json violation = {{"field", "events.events[" + std::to_string(i) + "].x"},
                                {"reason", "INVALID_FORMAT"}};
        const Json detail = {{"fieldViolations", Json::array({violation})}};
        return answered(400, Json{{"error", {{"details", Json::array({detail})}}}}.dump());
      }
    return answered(200, R"({"requestId":"r"})");
  };
  auto lane = world.lane("google_ads");

  world.run(lane);

  CHECK(world.client.requests.size() == 3);  // token, all, all but one
  for (const auto& event : events) {
    const auto row = world.row(event.id, "google_ads");
    CHECK(row.state == (uuid(event.id) == bad ? DeliveryState::dead : DeliveryState::accepted));
    CHECK(row.attempts == 1);
  }
}

TEST_CASE("a visitor opted out of sale is withheld from vendors that cannot limit its use",
          "[outbox][consent]") {
  GoogleWorld world;
  world.consent(Choice::granted, Choice::granted, true);
  const auto event = world.tell();
  auto lane = world.lane("google_ads");
  world.run(lane);
  const auto row = world.row(event.id, "google_ads");
  CHECK(row.state == DeliveryState::withheld);
  CHECK(row.last_error == "opted_out_of_sale");
  CHECK(world.client.requests.empty());
}
