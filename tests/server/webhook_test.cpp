// SPDX-License-Identifier: Apache-2.0
// The signed webhook and the CRM shape.
#include "tests/server/destination_support.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

Dispatch given_buyer_from_the_news() {
  Dispatch dispatch = given_sale();
  dispatch.anonymous_id = id(2001);
  dispatch.session_id = id(9);
  TouchRow touch = given_touch(1, Channel::email);
  touch.source = "news";
  touch.medium = "email";
  touch.campaign = "spring";
  dispatch.first_touch = dispatch.last_touch = touch;
  return add_contacts(dispatch);
}

OutgoingRequest signed_request(const std::string& body, const DestinationConfig& config) {
  OutgoingRequest request;
  request.headers["webhook-id"] = "msg_01JTEST";
  request.body = body;
  destination_of("webhook").sign(request, config, {1767323045000, "", ""});
  return request;
}

}  // namespace

TEST_CASE("the signature is that of Standard Webhooks", "[webhook]") {
  const std::string body =
      R"({"type":"conversion.created","timestamp":"2026-01-02T03:04:05Z","data":{"orderId":"o-1001"}})";
  auto config = sound_config("webhook");
  auto request = signed_request(body, config);
  CHECK(request.headers["webhook-timestamp"] == "1767323045");
  CHECK(request.headers["webhook-signature"] == "v1,eTx9KQ3RH3qogZeoMUkqN8f/dCCcJBF5gXMv1seHNhc=");

  config.settings["previous_secret"] = "whsec_dGhyb3VnaGxpbmUtZXhhbXBsZS1zZWNyZXQta2V5LTAy";
  request = signed_request(body, config);
  CHECK(request.headers["webhook-signature"].starts_with(
      "v1,eTx9KQ3RH3qogZeoMUkqN8f/dCCcJBF5gXMv1seHNhc= v1,"));
}

TEST_CASE("a webhook tells the sale in our words and keeps its id", "[webhook]") {
  const auto request = request_for("webhook", given_buyer_from_the_news());
  CHECK(request.url == "https://hooks.shop.example/in");
  CHECK(request.headers.at("webhook-id") == kSaleId);
  const Json body = Json::parse(request.body);
  CHECK(body["type"] == "conversion.created");
  CHECK(body["timestamp"] == "2026-01-02T03:04:05.000Z");
  const Json& data = body["data"];
  CHECK(data["event"] == "purchase");
  CHECK(data["order_id"] == "o-1001");
  CHECK(data["value"] == 49.9);
  CHECK(data["last_touch"]["source"] == "news");
  CHECK(data["consent"] == Json{{"storage", "granted"}, {"marketing", "granted"}});
  CHECK_FALSE(data.contains("contact"));
}

TEST_CASE("an endpoint receives contacts only where the site says so", "[webhook][consent]") {
  auto config = sound_config("webhook");
  config.settings["may_receive_contacts"] = "true";
  Dispatch dispatch = given_buyer_from_the_news();
  add_click(dispatch, "gclid", "Cj0abc");
  const auto body = destination_of("webhook").build(dispatch, config, kSaleMs);
  REQUIRE(body.ok());
  const Json data = Json::parse(body.value())["data"];
  CHECK(data["contact"]["email_sha256"] == kDigitsEmail);
  CHECK(data["click_ids"]["gclid"] == "Cj0abc");
}

TEST_CASE("the page's address holds click ids only where they may be received",
          "[webhook][consent]") {
  Dispatch dispatch = given_buyer_from_the_news();
  dispatch.url = "https://shop.example/thanks?utm_source=news&plan=pro&gclid=Cj0abc&fbclid=IwAR1";
  const auto url_told = [&](const char* may_receive) {
    auto config = sound_config("webhook");
    config.settings["may_receive_contacts"] = may_receive;
    const auto body = destination_of("webhook").build(dispatch, config, kSaleMs);
    REQUIRE(body.ok());
    return Json::parse(body.value())["data"]["url"].get<std::string>();
  };
  CHECK(url_told("false") ==
        "https://shop.example/thanks?utm_source=news&plan=pro&gclid=*&fbclid=*");
  CHECK(url_told("true") == dispatch.url);
}

TEST_CASE("a webhook's settings are checked at start", "[webhook]") {
  const auto code = [](const std::string& name, const std::string& value) {
    auto config = sound_config("webhook");
    config.settings[name] = value;
    const auto checked = destinations::check_destination(config);
    return checked.ok() ? "ok" : checked.error().code;
  };
  CHECK(code("secret", "whsec_c2hvcnQ=") == "bad_setting");
  CHECK(code("secret", "not-a-secret-at-all") == "bad_setting");
  CHECK(code("url", "http://hooks.shop.example/in") == "bad_setting");
  CHECK(code("url", "https://user:pw@hooks.shop.example/in") == "bad_setting");
  CHECK(code("url", "ftp://hooks.shop.example/in") == "bad_setting");
  auto config = sound_config("webhook");
  config.settings["url"] = "http://crm:8080/in";
  config.settings["allow_http"] = "true";
  CHECK(destinations::check_destination(config).ok());
}

TEST_CASE("an endpoint that cannot keep up is given time", "[webhook]") {
  CHECK(judged("webhook", 204, "").kind == VerdictKind::delivered);
  CHECK(judged("webhook", 502, "").kind == VerdictKind::rate_limited);
  CHECK(judged("webhook", 504, "").kind == VerdictKind::rate_limited);
  CHECK(judged("webhook", 500, "").kind == VerdictKind::retry);
}

TEST_CASE("an endpoint that is gone is told nothing until the server starts anew", "[webhook]") {
  DeliveryWorld world;
  world.site.destinations = {sound_config("webhook")};
  world.site.destinations[0].events = {"page_view"};
  const auto first = world.tell();
  const auto second = world.tell();
  world.client.script = {answered(410, "")};
  auto lane = world.lane("webhook");
  CHECK(world.run(lane));
  CHECK(world.lane_state("webhook").state == "disabled");
  CHECK(world.reports == std::vector<std::string>{"disabled"});
  world.store.clock.advance(2 * kDay);
  CHECK_FALSE(world.run(lane));
  CHECK(world.client.requests.size() == 1);
  const auto third = world.tell();  // waits like the others
  CHECK_FALSE(world.run(lane));

  world.client.otherwise = [](const OutgoingRequest&) { return answered(204, ""); };
  auto restarted = world.lane("webhook");
  while (world.run(restarted)) continue;
  CHECK(world.lane_state("webhook").state == "ok");
  for (const auto& event : {first, second, third})
    CHECK(world.row(event.id, "webhook").state == DeliveryState::delivered);
}

TEST_CASE("an endpoint that is gone gets what comes after a start although nothing waits",
          "[webhook]") {
  DeliveryWorld world;
  world.site.destinations = {sound_config("webhook")};
  world.site.destinations[0].events = {"page_view"};
  world.store.put([](Tables& t) {
    return t.outbox().set_lane("demo", "webhook", {"disabled", kNow + 100 * kDay, "410"});
  });
  world.client.otherwise = [](const OutgoingRequest&) { return answered(204, ""); };
  auto restarted = world.lane("webhook");
  CHECK_FALSE(world.run(restarted));
  CHECK(world.lane_state("webhook").state == "ok");
  const auto event = world.tell();
  CHECK(world.run(restarted));
  CHECK(world.row(event.id, "webhook").state == DeliveryState::delivered);
}

TEST_CASE("a start opens an endpoint that was gone whatever comes of the first event",
          "[webhook]") {
  DeliveryWorld world;
  world.site.destinations = {sound_config("webhook")};
  world.site.destinations[0].events = {"page_view"};
  const auto waiting = world.tell();
  world.client.script = {answered(410, "")};
  auto lane = world.lane("webhook");
  CHECK(world.run(lane));
  REQUIRE(world.lane_state("webhook").state == "disabled");
  auto restarted = world.lane("webhook");
  SECTION("it is too old by then") {
    world.store.clock.advance(4 * kDay);
    CHECK(world.run(restarted));
    CHECK(world.row(waiting.id, "webhook").state == DeliveryState::dead);
  }
  SECTION("the receiver fails") {
    world.client.script = {answered(500, "")};
    CHECK(world.run(restarted));
    CHECK(world.row(waiting.id, "webhook").state == DeliveryState::failed);
    world.store.clock.advance(kHour);
  }
  CHECK(world.lane_state("webhook").state == "ok");
  world.client.otherwise = [](const OutgoingRequest&) { return answered(204, ""); };
  const auto event = world.tell();
  while (world.run(restarted)) continue;
  CHECK(world.row(event.id, "webhook").state == DeliveryState::delivered);
}

TEST_CASE("how long a webhook is tried is the site's choice", "[webhook]") {
  auto config = sound_config("webhook");
  const auto limits = [&] { return destination_of("webhook").limits(config, "purchase"); };
  CHECK(limits().max_age_ms == 76 * kHour);
  config.settings["max_age_hours"] = "2";
  CHECK(limits().max_age_ms == 2 * kHour);
  CHECK(limits().first_attempt_margin_ms == kHour);
  for (const char* wrong : {"0", "721", "99999999999999999999"}) {
    config.settings["max_age_hours"] = wrong;
    CHECK(destinations::check_destination(config).error().code == "bad_setting");
  }
}

TEST_CASE("the CRM gets its batch, byte by byte", "[crm]") {
  Dispatch dispatch = given_buyer_from_the_news();
  dispatch.user_id = "u-1";
  dispatch.occurred_ms = kSaleMs + 678;
  const auto request = request_for("crm", dispatch);
  CHECK(request.url == "https://crm.example/track/events");
  CHECK(request.headers == std::map<std::string, std::string>{{"Content-Type", "application/json"},
                                                              {"X-Acme-API-Key", "key"},
                                                              {"X-Acme-Funnel-ID", "f1"},
                                                              {"Idempotency-Key", kSaleId}});
  CHECK(request.body ==
        R"({"events":[{"eventName":"purchase","timestamp":"2026-01-02T03:04:05.678Z",)"
        R"("properties":{"eventId":"019b7c1e-5f00-7abc-8def-0123456789ab","orderId":"o-1001",)"
        R"("value":49.9,"currency":"EUR","attribution":{"model":"last_touch","source":"news",)"
        R"("medium":"email","campaign":"spring"}},"context":{"user":{"anonymousId":")" +
            uuid(id(2001)) + R"(","userId":"u-1"},"session":{"sessionId":")" + uuid(id(9)) +
            R"("},"consent":{"marketing":"granted","analytics":"granted"}}}]})");
}

TEST_CASE("the CRM's own names, properties and batch size are the site's choice", "[crm]") {
  auto config = sound_config("crm");
  config.settings["names.purchase"] = "order_paid";
  config.settings["properties"] = "plan,seats";
  config.settings["max_batch"] = "7";
  REQUIRE(destinations::check_destination(config).ok());
  CHECK(destination_of("crm").limits(config, "").max_batch == 7);
  Dispatch dispatch = given_buyer_from_the_news();
  dispatch.props = R"({"plan":"pro","seats":3,"phone":"+351912345678","seat":1})";
  const auto body = destination_of("crm").build(dispatch, config, kSaleMs);
  REQUIRE(body.ok());
  const Json event = Json::parse(body.value());
  CHECK(event["eventName"] == "order_paid");
  CHECK(event["properties"]["plan"] == "pro");
  CHECK(event["properties"]["seats"] == 3);
  CHECK_FALSE(event["properties"].contains("phone"));
  CHECK_FALSE(event["properties"].contains("seat"));
  config.settings["max_batch"] = "0";
  CHECK_FALSE(destinations::check_destination(config).ok());
}

TEST_CASE("what the CRM has already is delivered", "[crm]") {
  CHECK(judged("crm", 409, "duplicate").kind == VerdictKind::delivered);
  CHECK(judged("crm", 413, "", 8).kind == VerdictKind::bisect);
}
