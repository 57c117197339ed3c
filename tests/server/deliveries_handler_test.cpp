// SPDX-License-Identifier: Apache-2.0
#include "server/http/deliveries_handler.hpp"

#include "tests/server/delivery_support.hpp"
#include "tests/server/replies.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;
using tl::server::http::Reply;
using tl::server::http::Request;

namespace {

class Api {
 public:
  explicit Api(DeliveryWorld& world)
      : configured(world.site),
        routes_(http::deliveries_routes(
            {*world.store, world.store.clock,
             [this](std::string_view) { return std::make_shared<SiteConfig>(configured); },
             [this](const Request&, std::string_view scope) { return allow(scope); },
             [this] { ++wakes; }})) {}
  Reply list(std::vector<std::pair<std::string, std::string>> query = {}) {
    Request request;
    request.query = std::move(query);
    return routes_[0].handler(request);
  }
  Reply retry(const std::string& id, bool force = false) {
    Request request;
    request.params["id"] = id;
    if (force) request.query = {{"force", "1"}};
    return routes_[1].handler(request);
  }
  Reply retry_all(std::vector<std::pair<std::string, std::string>> query = {}) {
    Request request;
    request.query = std::move(query);
    return routes_[2].handler(request);
  }
  std::string site = "demo";
  SiteConfig configured;
  bool is_allowed = true;
  int wakes = 0;

 private:
  Outcome<std::string> allow(std::string_view scope) {
    if (!is_allowed) return fail(ErrorKind::forbidden, "missing_scope", std::string(scope));
    return site;
  }
  std::vector<http::Route> routes_;
};

}  // namespace

TEST_CASE("deliveries show their state, error and the vendor's answers", "[deliveries]") {
  DeliveryWorld world;
  const auto event = world.tell();
  world.client.script = {graph_error(400, 100, 2804050)};
  auto lane = world.lane("meta");
  world.run(lane);
  Api api(world);

  const auto reply = api.list({{"state", "dead"}, {"destination", "meta"}});

  REQUIRE(reply.status == 200);
  const Json item = Json::parse(reply.body)["items"][0];
  CHECK(item["destination"] == "meta");
  CHECK(item["event_id"] == uuid(event.id));
  CHECK(item["state"] == "dead");
  CHECK(item["attempts"] == 1);
  CHECK(item["last_status"] == 400);
  CHECK(item["next_attempt_at"].is_null());
  CHECK(item["history"][0]["answer"].get<std::string>().find("2804050") != std::string::npos);
  CHECK(Json::parse(api.list({{"state", "delivered"}}).body)["items"].empty());
}

TEST_CASE("what waits for a destination that was taken out says so, and goes when it is back",
          "[deliveries]") {
  DeliveryWorld world;
  const auto event = world.tell();
  const auto with_both = world.site.destinations;
  std::erase_if(world.site.destinations, [](const auto& config) { return config.name == "meta"; });
  const auto later = world.tell();
  auto lane = world.lane("meta");
  CHECK_FALSE(world.run(lane));
  Api api(world);
  api.configured = world.site;
  const auto held = [&](const char* destination) {
    return Json::parse(api.list({{"destination", destination}}).body)["items"];
  };
  REQUIRE(held("meta").size() == 1);  // nothing of what came later
  CHECK(held("meta")[0]["held"] == "not_configured");
  CHECK(held("meta")[0]["state"] == "queued");
  CHECK(held("posthog")[0]["held"].is_null());

  world.site.destinations = with_both;
  api.configured = world.site;
  CHECK(held("meta")[0]["held"].is_null());
  CHECK(world.run(lane));
  CHECK(world.row(event.id, "meta").state == DeliveryState::delivered);
  CHECK(held("meta")[0]["held"].is_null());
}

TEST_CASE("what was made for one account is not told to another under its name", "[deliveries]") {
  DeliveryWorld world;
  world.client.script = {answered(503, "busy")};
  auto lane = world.lane("meta");
  const auto tried = world.tell();
  CHECK(world.run(lane));
  const auto event = world.tell();
  auto& settings = world.site.destinations.at(0).settings;
  settings["access_token"] = "EAAother";
  settings["pixel_id"] = "777";
  world.store.clock.advance(kHour);
  CHECK(world.run(lane));
  CHECK(world.client.requests.size() == 1);
  for (const auto& id : {tried.id, event.id}) {
    CHECK(world.row(id, "meta").state == DeliveryState::failed);
    CHECK(world.row(id, "meta").body.empty());
  }
  Api api(world);
  api.configured = world.site;
  const Json held = Json::parse(api.list({{"destination", "meta"}}).body)["items"][0];
  CHECK(held["held"] == "not_configured");
  CHECK(held["held_reason"].get<std::string>().find("has another account now") !=
        std::string::npos);

  // What is made now goes to the new one, and what was, once its own is back.
  const auto later = world.tell();
  world.run(lane);
  CHECK(world.row(later.id, "meta").state == DeliveryState::delivered);
  CHECK(world.client.requests.back().url.find("/777/") != std::string::npos);
  settings["pixel_id"] = "1234567890";
  world.store.clock.advance(kHour);
  CHECK(world.run(lane));
  CHECK(world.row(event.id, "meta").state == DeliveryState::delivered);
  CHECK(world.client.requests.back().url.find("/1234567890/") != std::string::npos);
}

TEST_CASE("what waits for another account goes to the new one when a person says so",
          "[deliveries]") {
  DeliveryWorld world;
  auto lane = world.lane("meta");
  const auto event = world.tell();
  world.site.destinations.at(0).settings["pixel_id"] = "777";
  CHECK(world.run(lane));
  Api api(world);
  api.configured = world.site;
  CHECK(api.retry(std::to_string(world.row(event.id, "meta").id)).status == 202);
  CHECK(Json::parse(api.list({{"destination", "meta"}}).body)["items"][0]["held"].is_null());
  CHECK(world.run(lane));
  CHECK(world.row(event.id, "meta").state == DeliveryState::delivered);
}

TEST_CASE("what waits for a wrong account keeps nothing from the right one", "[deliveries]") {
  DeliveryWorld world;
  world.client.script = {graph_error(400, 190, 463)};
  for (int i = 0; i < 4; ++i) world.tell();
  auto before = world.lane("meta");
  CHECK(world.run(before));
  CHECK(world.lane_state("meta").state == "auth_failed");

  world.site.destinations.at(0).settings["pixel_id"] = "777";
  const auto event = world.tell();
  auto lane = world.lane("meta");
  while (world.run(lane)) continue;
  CHECK(world.row(event.id, "meta").state == DeliveryState::delivered);
  CHECK(world.lane_state("meta").state == "ok");
}

TEST_CASE("what waits for a receiver that closed says what the receiver said", "[deliveries]") {
  DeliveryWorld world;
  world.client.script = {graph_error(400, 190, 463)};
  world.tell();
  auto lane = world.lane("meta");
  world.run(lane);
  const auto behind = world.tell();
  Api api(world);
  const auto waiting = Json::parse(api.list({{"state", "queued"}, {"destination", "meta"}}).body);
  REQUIRE(waiting["items"].size() == 1);
  const Json item = waiting["items"][0];
  CHECK(item["event_id"] == uuid(behind.id));
  CHECK(item["history"].empty());  // it was never tried
  CHECK(item["held"] == "auth_failed");
  CHECK(item["held_reason"].get<std::string>().find("what Meta says") != std::string::npos);
  CHECK(Json::parse(api.list({{"destination", "posthog"}}).body)["items"][0]["held_reason"]
            .is_null());
}

TEST_CASE("a dead delivery is queued again with its id and time", "[deliveries]") {
  DeliveryWorld world;
  const auto event = world.tell();
  world.client.script = {graph_error(400, 100, 2804050)};
  auto lane = world.lane("meta");
  world.run(lane);
  Api api(world);
  const auto id = std::to_string(world.row(event.id, "meta").id);

  const auto reply = api.retry(id);
  world.run(lane);

  CHECK(reply.status == 202);
  CHECK(Json::parse(reply.body)["state"] == "queued");
  CHECK(api.wakes == 1);
  CHECK(world.row(event.id, "meta").state == DeliveryState::delivered);
  CHECK(world.client.body(0)["data"] == world.client.body(1)["data"]);
  CHECK(code_of(api.retry(id)) == "already_delivered");
}

TEST_CASE("what may be counted twice is repeated on demand only", "[deliveries]") {
  DeliveryWorld world;
  const auto event = world.tell();
  auto row = world.row(event.id, "meta");
  row.state = DeliveryState::dead;
  row.ambiguous = true;
  row.first_sent_ms = kNow - 48 * kHour;
  world.store.put([&](Tables& t) { return t.outbox().put_delivery(row); });
  Api api(world);

  CHECK(code_of(api.retry(std::to_string(row.id))) == "may_count_twice");
  CHECK(api.retry(std::to_string(row.id), true).status == 202);
  auto lane = world.lane("meta");
  CHECK(world.run(lane));
  CHECK(world.row(event.id, "meta").state == DeliveryState::delivered);
}

TEST_CASE("a state other than dead makes nothing safe to repeat", "[deliveries]") {
  DeliveryWorld world;
  Api api(world);
  for (const auto state : {DeliveryState::queued, DeliveryState::failed, DeliveryState::withheld}) {
    auto row = world.row(world.tell().id, "meta");
    row.state = state;
    row.ambiguous = true;
    row.first_sent_ms = kNow - kHour;
    world.store.put([&](Tables& t) { return t.outbox().put_delivery(row); });

    const auto reply = api.retry(std::to_string(row.id));
    CHECK(reply.status == 409);
    CHECK(code_of(reply) == "may_count_twice");
    CHECK(world.row(row.event_id, "meta").first_sent_ms == kNow - kHour);
    CHECK(world.row(row.event_id, "meta").ambiguous);
    CHECK(api.retry(std::to_string(row.id), true).status == 202);
    CHECK_FALSE(world.row(row.event_id, "meta").ambiguous);
  }
}

TEST_CASE("all dead deliveries of a destination are queued again at once", "[deliveries]") {
  DeliveryWorld world;
  constexpr int kDead = 401;  // more than a write takes
  std::vector<Id128> events;
  for (int i = 0; i < kDead + 3; ++i) events.push_back(world.tell().id);
  const auto set = [&](int number, const char* destination, DeliveryState state,
                       bool is_ambiguous = false) {
    auto row = world.row(events[static_cast<std::size_t>(number)], destination);
    row.state = state;
    row.attempts = 3;
    row.ambiguous = is_ambiguous;
    world.store.put([&](Tables& t) { return t.outbox().put_delivery(row); });
  };
  const auto state_of = [&](int number, const char* destination) {
    return world.row(events[static_cast<std::size_t>(number)], destination).state;
  };
  for (int i = 0; i < kDead; ++i) set(i, "meta", DeliveryState::dead, i == 0);
  set(0, "posthog", DeliveryState::dead);
  set(kDead, "meta", DeliveryState::delivered);
  set(kDead + 1, "meta", DeliveryState::withheld);
  Api api(world);

  const auto answered_with = [](const Reply& reply) {
    CHECK(reply.status == 202);
    return Json::parse(reply.body);
  };
  CHECK(answered_with(api.retry_all({{"destination", "meta"}})) ==
        Json{{"queued", kDead - 1}, {"may_count_twice", 1}});
  CHECK(api.wakes == 1);
  CHECK(state_of(1, "meta") == DeliveryState::queued);
  CHECK(world.row(events[1], "meta").attempts == 0);
  CHECK(state_of(0, "meta") == DeliveryState::dead);
  CHECK(state_of(0, "posthog") == DeliveryState::dead);
  CHECK(state_of(kDead, "meta") == DeliveryState::delivered);
  CHECK(state_of(kDead + 1, "meta") == DeliveryState::withheld);

  CHECK(answered_with(api.retry_all({{"force", "1"}}))["queued"] == 2);
  CHECK(answered_with(api.retry_all({{"state", "withheld"}, {"from", "2026-09-22"}}))["queued"] ==
        0);
  CHECK(answered_with(api.retry_all({{"state", "withheld"}}))["queued"] == 1);
  CHECK(code_of(api.retry_all({{"state", "delivered"}})) == "bad_state");
}

TEST_CASE("deliveries are for their own site and scope", "[deliveries]") {
  DeliveryWorld world;
  const auto id = std::to_string(world.row(world.tell().id, "meta").id);
  Api api(world);
  api.site = "other";
  CHECK(api.retry(id).status == 404);
  CHECK(Json::parse(api.list().body)["items"].empty());
  api.is_allowed = false;
  CHECK(api.list().status == 403);
  CHECK(api.retry(id).status == 403);
  CHECK(api.retry_all().status == 403);
}

TEST_CASE("odd questions about deliveries get a code", "[deliveries]") {
  DeliveryWorld world;
  Api api(world);
  CHECK(code_of(api.list({{"state", "lost"}})) == "bad_state");
  CHECK(code_of(api.list({{"limit", "0"}})) == "bad_limit");
  CHECK(code_of(api.list({{"limit", "1001"}})) == "bad_limit");
  CHECK(code_of(api.list({{"from", "yesterday"}})) == "bad_time");
  CHECK(code_of(api.list({{"cursor", "x"}})) == "bad_cursor");
  CHECK(code_of(api.retry("x")) == "bad_id");
  CHECK(api.retry("x").status == 400);
  CHECK(code_of(api.retry("999")) == "unknown_delivery");
}
