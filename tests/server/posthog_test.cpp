// SPDX-License-Identifier: Apache-2.0
// PostHog's request and the meaning of its answers. Its own client is the yardstick in
// tests/vendor.
#include "server/destinations/posthog.hpp"

#include "server/destinations/posthog_properties.hpp"
#include "tests/server/delivery_support.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;
using namespace tl::server::destinations;
using Kind = DeliveryVerdict::Kind;

namespace {

const Posthog kPosthog;

Dispatch given_page_view() {
  Dispatch dispatch;
  dispatch.event_name = "page_view";
  dispatch.event_id = id(77);
  dispatch.occurred_ms = kNow;
  dispatch.anonymous_id = id(2001);
  dispatch.session_id = session_at(kNow - kHour);
  dispatch.consent = {Choice::granted, Choice::granted, Choice::unknown, false};
  dispatch.url = "https://shop.example:8443/film?utm_source=facebook";
  dispatch.title = "Film";
  TouchRow touch = given_touch(1, Channel::paid_social);
  touch.evidence = Json{{"u", kLanding}, {"r", "https://l.facebook.com/x"}}.dump();
  dispatch.first_touch = dispatch.last_touch = touch;
  return dispatch;
}

Json posthog_item(const Dispatch& dispatch, bool sends_ip = false) {
  auto config = delivering_site().destinations[1];
  config.settings["send_ip"] = sends_ip ? "true" : "false";
  const auto body = kPosthog.build(dispatch, config, kNow);
  INFO((body.ok() ? "" : body.error().detail));
  REQUIRE(body.ok());
  return Json::parse(body.value());
}

}  // namespace

TEST_CASE("a page view is what PostHog's web analytics reads", "[posthog]") {
  const Json event = posthog_item(given_page_view());
  const Json& properties = event["properties"];

  CHECK(event["event"] == "$pageview");
  CHECK(event["distinct_id"] == uuid(id(2001)));
  CHECK(event["uuid"] == uuid(id(77)));
  CHECK(event["timestamp"] == "2026-09-21T14:13:20.000Z");
  CHECK(properties["$lib"] == "throughline");
  CHECK(properties["$session_id"] == uuid(session_at(kNow - kHour)));
  CHECK(properties["$current_url"] == "https://shop.example:8443/film?utm_source=facebook");
  CHECK(properties["$host"] == "shop.example:8443");
  CHECK(properties["$pathname"] == "/film");
  CHECK(properties["$referrer"] == "https://l.facebook.com/x");
  CHECK(properties["$referring_domain"] == "l.facebook.com");
  CHECK(properties["utm_source"] == "facebook");
  CHECK(properties["utm_campaign"] == "autumn");
  CHECK(properties["fbclid"] == "IwAR_Xyz");
  CHECK(properties["$geoip_disable"] == true);
  CHECK_FALSE(properties.contains("$ip"));
  const Json& once = properties["$set_once"];
  CHECK(once["$initial_utm_source"] == "facebook");
  CHECK(once["$initial_fbclid"] == "IwAR_Xyz");
  CHECK(once["$initial_referring_domain"] == "l.facebook.com");
  CHECK(once["$initial_pathname"] == "/film");
}

TEST_CASE("a visitor from nowhere is direct", "[posthog]") {
  auto dispatch = given_page_view();
  dispatch.last_touch->evidence = R"({"u":"https://shop.example/"})";
  const Json properties = posthog_item(dispatch)["properties"];
  CHECK(properties["$referrer"] == "$direct");
  CHECK(properties["$referring_domain"] == "$direct");
}

TEST_CASE("$session_id is given only while PostHog would take it", "[posthog]") {
  auto dispatch = given_page_view();
  dispatch.session_id = session_at(kNow - kDay);
  Json properties = posthog_item(dispatch)["properties"];
  CHECK_FALSE(properties.contains("$session_id"));
  CHECK(properties["tl_session_id"] == uuid(*dispatch.session_id));

  dispatch.session_id = session_at(kNow + 1);
  CHECK_FALSE(posthog_item(dispatch)["properties"].contains("$session_id"));
  dispatch.session_id = session_at(kNow - kDay + 1);
  CHECK(posthog_item(dispatch)["properties"].contains("$session_id"));
  dispatch.session_id = id(5);
  CHECK_FALSE(posthog_item(dispatch)["properties"].contains("$session_id"));
}

TEST_CASE("the address goes along only where site and visitor allow it", "[posthog][consent]") {
  auto dispatch = given_page_view();
  SessionContext context;
  context.ip = "93.184.216.34";
  dispatch.context = context;
  CHECK(posthog_item(dispatch, true)["properties"]["$ip"] == "93.184.216.34");
  CHECK_FALSE(posthog_item(dispatch, false)["properties"].contains("$ip"));
  dispatch.consent.marketing = Choice::denied;
  const Json properties = posthog_item(dispatch, true)["properties"];
  CHECK_FALSE(properties.contains("$ip"));
  CHECK(properties["$geoip_disable"] == true);
}

TEST_CASE("money is told in both units, refunds positively", "[posthog]") {
  auto dispatch = given_page_view();
  ConversionRow conversion;
  conversion.order_id = "o-1001";
  conversion.amount_minor = 4990;
  conversion.currency = "EUR";
  dispatch.conversion = conversion;
  dispatch.event_name = "purchase";
  Json properties = posthog_item(dispatch)["properties"];
  CHECK(properties["revenue"] == 49.9);
  CHECK(properties["revenue_minor"] == 4990);
  CHECK(properties["currency"] == "EUR");
  CHECK(properties["order_id"] == "o-1001");

  dispatch.event_name = "refund";
  dispatch.refunded_minor = 990;
  const Json refund = posthog_item(dispatch);
  CHECK(refund["event"] == "refund");
  CHECK(refund["properties"]["revenue"] == 9.9);
  CHECK(refund["properties"]["revenue_minor"] == 990);
}

TEST_CASE("a page's properties cannot speak for PostHog", "[posthog]") {
  auto dispatch = given_page_view();
  dispatch.event_name = "click";
  dispatch.props =
      R"({"button":"donate","$set":{"admin":true},"$session_id":"x","tl_x":1,"n":null})";
  const Json properties = posthog_item(dispatch)["properties"];
  CHECK(properties["button"] == "donate");
  CHECK_FALSE(properties.contains("$set"));
  CHECK_FALSE(properties.contains("tl_x"));
  CHECK_FALSE(properties.contains("n"));
  CHECK(properties["$session_id"] == uuid(*dispatch.session_id));
}

TEST_CASE("a buyer with a user id stays the person of the pages before", "[posthog]") {
  auto dispatch = given_page_view();
  dispatch.user_id = "user-7";
  CHECK(posthog_item(dispatch)["distinct_id"] == uuid(id(2001)));
  CHECK(posthog_item(dispatch)["properties"]["$set"]["user_id"] == "user-7");
  dispatch.anonymous_id.reset();
  CHECK(posthog_item(dispatch)["distinct_id"] == "user-7");
}

TEST_CASE("a buyer's browser and user id are made one person, the same way every time",
          "[posthog]") {
  const auto config = delivering_site().destinations[1];
  const auto batch_of = [&](const Dispatch& dispatch) {
    const auto body = kPosthog.build(dispatch, config, kNow);
    REQUIRE(body.ok());
    const auto request = kPosthog.envelope({body.value()}, config);
    CHECK(request.body == kPosthog.envelope({body.value()}, config).body);
    return Json::parse(request.body)["batch"];
  };
  auto dispatch = given_page_view();
  dispatch.event_name = "purchase";
  CHECK(batch_of(dispatch).size() == 1);

  dispatch.user_id = "user-7";
  const Json batch = batch_of(dispatch);
  REQUIRE(batch.size() == 2);
  CHECK(batch[0]["event"] == "$identify");
  CHECK(batch[0]["distinct_id"] == "user-7");
  CHECK(batch[0]["properties"]["$anon_distinct_id"] == uuid(id(2001)));
  CHECK(batch[0]["timestamp"] == batch[1]["timestamp"]);
  CHECK(batch[0]["uuid"] != batch[1]["uuid"]);
  CHECK(parse_uuid(batch[0]["uuid"].get<std::string>()).ok());
  CHECK(batch[1]["distinct_id"] == uuid(id(2001)));

  dispatch.user_id = "guest";  // would join all guests
  CHECK(batch_of(dispatch).size() == 1);
  dispatch.user_id = "user-7";
  dispatch.anonymous_id.reset();  // told by user id alone: the same person by its own name
  CHECK(batch_of(dispatch).size() == 1);
}

TEST_CASE("ids that stand for nobody are not used", "[posthog]") {
  auto dispatch = given_page_view();
  dispatch.anonymous_id.reset();
  for (const char* nobody : {"null", "Anonymous", "guest", "undefined", "0"}) {
    dispatch.user_id = nobody;
    CHECK(posthog_item(dispatch)["distinct_id"] == uuid(dispatch.event_id));
  }
  dispatch.user_id.clear();
  CHECK(posthog_item(dispatch)["properties"]["$process_person_profile"] == false);
}

TEST_CASE("an event too large for PostHog never joins a batch", "[posthog]") {
  auto dispatch = given_page_view();
  dispatch.event_name = "custom";
  dispatch.props = Json{{"x", std::string(900'000, 'a')}}.dump();
  CHECK(kPosthog.build(dispatch, {}, kNow).error().code == "event_too_large");
}

TEST_CASE("the batch has a key and no sent_at", "[posthog]") {
  const auto request = kPosthog.envelope({"{}", "{}"}, delivering_site().destinations[1]);
  CHECK(request.url == "http://127.0.0.1:18401/batch/");
  const Json body = Json::parse(request.body);
  CHECK(body["api_key"] == "phc_key");
  CHECK(body["batch"].size() == 2);
  CHECK_FALSE(body.contains("sent_at"));
}

TEST_CASE("PostHog's answers", "[posthog]") {
  const std::tuple<OutgoingAnswer, std::size_t, Kind> cases[] = {
      {answered(200, R"({"status":"Ok"})"), 2, Kind::delivered},
      {answered(200, R"({"status":1})"), 2, Kind::delivered},
      {answered(200, "<html>"), 1, Kind::retry},
      {answered(400, "missing distinct_id"), 2, Kind::bisect},
      {answered(400, "missing distinct_id"), 1, Kind::reject},
      {answered(413, ""), 2, Kind::bisect},
      {answered(401, ""), 1, Kind::auth_failed},
      {answered(404, ""), 1, Kind::auth_failed},
      {answered(302, ""), 1, Kind::auth_failed},
      {answered(429, ""), 1, Kind::rate_limited},
      {answered(408, ""), 1, Kind::retry},
      {answered(503, ""), 1, Kind::retry},
      {no_answer(), 1, Kind::retry},
  };
  for (const auto& [answer, batch, kind] : cases) {
    INFO(answer.status << " " << answer.body);
    CHECK(kPosthog.judge(answer, batch).kind == kind);
  }
}

TEST_CASE("a personal key is refused at start", "[posthog]") {
  auto config = delivering_site().destinations[1];
  config.settings["api_key"] = "phx_secret";
  CHECK_FALSE(check_destination(config).ok());
  config.settings["api_key"] = "phc_key";
  config.settings["send_ip"] = "yes";
  CHECK_FALSE(check_destination(config).ok());
}
