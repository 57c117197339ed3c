// SPDX-License-Identifier: Apache-2.0
// Meta's request and the meaning of its answers.
#include "server/destinations/meta.hpp"

#include "server/core/access/public_address.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/destinations/meta_click.hpp"
#include "tests/server/delivery_support.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;
using namespace tl::server::destinations;
using Kind = DeliveryVerdict::Kind;

namespace {

const Meta kMeta;

Dispatch given_purchase() {
  Dispatch dispatch;
  dispatch.event_name = "purchase";
  dispatch.event_id = id(77);
  dispatch.occurred_ms = kNow - kMinute + 999;
  dispatch.anonymous_id = id(2001);
  dispatch.session_id = session_at(kNow - kHour);
  dispatch.consent = {Choice::granted, Choice::granted, Choice::unknown, false};
  dispatch.url = "https://shop.example/film";
  SessionContext context;
  context.ip = "93.184.216.34";
  context.user_agent = "UA";
  context.fbclid = "IwAR_Xyz";
  context.fbclid_t_ms = kNow - kHour;
  context.fbp = "fb.1.1789999000000.1098115397";
  dispatch.context = context;
  ConversionRow conversion;
  conversion.id = id(77);
  conversion.kind = "purchase";
  conversion.order_id = "o-1001";
  conversion.amount_minor = 4990;
  conversion.currency = "EUR";
  conversion.occurred_ms = dispatch.occurred_ms;
  conversion.content = R"({"id":"film-1","name":"The Long Light","category":"film"})";
  dispatch.conversion = conversion;
  OrderRow order;
  order.items =
      R"([{"id":"sku-1","name":"Donation","category":"","quantity":2,"price_minor":2495}])";
  order.customer = R"({"country":"Czechia"})";
  dispatch.order = order;
  dispatch.email_variants = contact_variants(ContactKind::email, "jane.roe+news@gmail.com", "");
  dispatch.phone_variants = contact_variants(ContactKind::phone, "+351 912 345 678", "");
  return dispatch;
}

Json built(const Dispatch& dispatch) {
  const auto body = kMeta.build(dispatch, delivering_site().destinations[0], kNow);
  INFO((body.ok() ? "" : body.error().detail));
  REQUIRE(body.ok());
  return Json::parse(body.value());
}
std::string build_error(const Dispatch& dispatch) {
  const auto body = kMeta.build(dispatch, delivering_site().destinations[0], kNow);
  return body.ok() ? "none" : body.error().code;
}

}  // namespace

TEST_CASE("a purchase has every field that Meta asks of a website", "[meta]") {
  const Json event = built(given_purchase());

  CHECK(event["event_name"] == "Purchase");
  CHECK(event["event_time"] == (kNow - kMinute) / 1000);
  CHECK(event["event_id"] == uuid(id(77)));
  CHECK(event["action_source"] == "website");
  CHECK(event["event_source_url"] == "https://shop.example/film");
  const Json& user = event["user_data"];
  CHECK(user["em"] == Json{"ddfa25a87480d84d415fefb1e054d69ffc9550b70fb1cbff4afb279f3dbe1688"});
  CHECK(user["ph"] == Json{"1ac5bab26d9c9ea1c080654fae480f5fe4066ee9e5ac09622a3c28fb1a6b1b87"});
  CHECK(user["external_id"][0].get<std::string>().size() == 64);
  CHECK(user["country"][0].get<std::string>().size() == 64);
  CHECK(user["client_ip_address"] == "93.184.216.34");
  CHECK(user["client_user_agent"] == "UA");
  CHECK(user["fbc"] == "fb.1." + std::to_string(kNow - kHour) + ".IwAR_Xyz");
  CHECK(user["fbp"] == "fb.1.1789999000000.1098115397");
  const Json& custom = event["custom_data"];
  CHECK(custom["value"] == 49.9);
  CHECK(custom["currency"] == "EUR");
  CHECK(custom["order_id"] == "o-1001");
  CHECK(custom["content_ids"] == Json{"film-1"});
  CHECK(custom["content_name"] == "The Long Light");
  CHECK(custom["content_category"] == "film");
  CHECK(custom["content_type"] == "product");
  CHECK(custom["contents"][0]["id"] == "sku-1");
  CHECK(custom["contents"][0]["item_price"] == 24.95);
  CHECK_FALSE(event.contains("data_processing_options"));
}

TEST_CASE("amounts are printed from minor units, digit for digit", "[meta]") {
  const std::tuple<std::int64_t, const char*, const char*> cases[] = {
      {4990, "EUR", "\"value\":49.9,"},
      {1200, "JPY", "\"value\":1200,"},
      {1, "EUR", "\"value\":0.01,"},
      {12345, "KWD", "\"value\":12.345,"},
      {0, "EUR", "\"value\":0,"},
      {100, "USD", "\"value\":1,"},
      {9007199254740993, "EUR", "\"value\":90071992547409.93,"},
  };
  for (const auto& [minor, currency, text] : cases) {
    auto dispatch = given_purchase();
    dispatch.conversion->amount_minor = minor;
    dispatch.conversion->currency = currency;
    const auto body = kMeta.build(dispatch, delivering_site().destinations[0], kNow);
    REQUIRE(body.ok());
    INFO(text);
    CHECK(body.value().find(text) != std::string::npos);
  }
}

TEST_CASE("what Meta would refuse is refused before it spoils a batch", "[meta]") {
  auto without_currency = given_purchase();
  without_currency.conversion->currency.clear();
  CHECK(build_error(without_currency) == "purchase_without_currency");

  auto nobody = given_purchase();
  nobody.anonymous_id.reset();
  nobody.context.reset();
  nobody.email_variants = nobody.phone_variants = "";
  CHECK(build_error(nobody) == "too_little_customer_information");
}

TEST_CASE("a time in the future is now, a renewal is nobody's click", "[meta]") {
  auto dispatch = given_purchase();
  dispatch.occurred_ms = kNow + kDay;
  dispatch.conversion->subscription = SubscriptionRole::renewal;
  const Json event = built(dispatch);

  CHECK(event["event_time"] == kNow / 1000);
  CHECK(event["action_source"] == "system_generated");
}

TEST_CASE("without a browser's context the event is not called a website's", "[meta]") {
  auto dispatch = given_purchase();
  dispatch.context.reset();
  const Json event = built(dispatch);

  CHECK(event["action_source"] == "other");
  CHECK_FALSE(event["user_data"].contains("fbp"));
}

TEST_CASE("an opt-out of sale goes along as limited data use", "[meta]") {
  auto dispatch = given_purchase();
  dispatch.consent.opted_out_of_sale = true;
  const Json event = built(dispatch);

  CHECK(event["data_processing_options"] == Json{"LDU"});
  CHECK(event["data_processing_options_country"] == 0);
  CHECK(event["data_processing_options_state"] == 0);
}

TEST_CASE("no null, no empty hash, no empty list ever leaves", "[meta]") {
  auto dispatch = given_purchase();
  dispatch.email_variants = R"({"gmail":"x"})";
  dispatch.phone_variants = "{}";
  dispatch.order->customer = R"({"country":"Nowhere","fn":""})";
  dispatch.order->items = "[]";
  dispatch.conversion->content.clear();
  const std::string text = built(dispatch).dump();

  CHECK(text.find("null") == std::string::npos);
  CHECK(text.find("[]") == std::string::npos);
  CHECK(text.find("e3b0c442") == std::string::npos);
  CHECK(text.find("\"em\"") == std::string::npos);
}

TEST_CASE("events have Meta's names", "[meta]") {
  for (const auto& [ours, theirs] :
       {std::pair{"page_view", "PageView"}, std::pair{"content_view", "ViewContent"},
        std::pair{"add_to_cart", "AddToCart"}, std::pair{"checkout_started", "InitiateCheckout"},
        std::pair{"lead", "Lead"}, std::pair{"email_signup", "CompleteRegistration"},
        std::pair{"book_a_call", "book_a_call"}}) {
    Dispatch dispatch = given_purchase();
    dispatch.conversion.reset();
    dispatch.order.reset();
    dispatch.event_name = ours;
    CHECK(built(dispatch)["event_name"] == theirs);
  }
}

TEST_CASE("a page's price goes along as it was written", "[meta]") {
  Dispatch dispatch = given_purchase();
  dispatch.conversion.reset();
  dispatch.order.reset();
  dispatch.event_name = "checkout_started";
  dispatch.props = R"({"productId":"p1","productName":"Ticket","price":"12.50","currency":"eur"})";
  const Json custom = built(dispatch)["custom_data"];
  CHECK(custom["value"] == 12.5);
  CHECK(custom["currency"] == "EUR");
  CHECK(custom["content_ids"] == Json{"p1"});

  dispatch.props = R"({"price":"1e9","currency":"EUR"})";
  CHECK_FALSE(built(dispatch)["custom_data"].contains("value"));
}

TEST_CASE("fbc is the cookie's or the click's, never a mix", "[meta]") {
  CHECK(meta_fbc("", "IwAR_Xyz", 1000) == "fb.1.1000.IwAR_Xyz");
  CHECK(meta_fbc("fb.2.999.IwAR_Xyz", "IwAR_Xyz", 1000) == "fb.2.999.IwAR_Xyz");
  CHECK(meta_fbc("fb.2.999.IwAR_Xyz.AQYBAgIB", "IwAR_Xyz", 1000) == "fb.2.999.IwAR_Xyz.AQYBAgIB");
  CHECK(meta_fbc("fb.2.999.Old", "IwAR_Xyz", 1000) == "fb.1.1000.IwAR_Xyz");
  CHECK(meta_fbc("fb.2.999.iwar_xyz", "IwAR_Xyz", 1000) == "fb.1.1000.IwAR_Xyz");
  CHECK(meta_fbc("fb.2.999.Old", "", 0) == "fb.2.999.Old");
  CHECK(meta_fbc("", "*", 1000).empty());
  CHECK(meta_fbc("garbage", "", 0).empty());
  for (const char* bad : {"", "fb.1.2", "fb.1.2.", "fb.x.2.y", "gb.1.2.y", "fb.1..y", "fb.1.2.a b"})
    CHECK_FALSE(is_meta_cookie(bad));
}

TEST_CASE("only public addresses are worth telling", "[meta]") {
  for (const char* good : {"93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"})
    CHECK(is_public_address(good));
  for (const char* bad : {"", "10.1.2.3", "127.0.0.1", "192.168.1.1", "100.64.0.1", "::1",
                          "fe80::1", "fd00::1", "2001:db8::1", "93.184.216.0/24", "256.1.1.1"}) {
    INFO(bad);
    CHECK_FALSE(is_public_address(bad));
  }
}

TEST_CASE("the token travels in the body and the URL names the version", "[meta]") {
  auto config = delivering_site().destinations[0];
  config.settings["app_secret"] = "app-secret";
  config.settings["test_event_code"] = "TEST123";
  const auto request = kMeta.envelope({R"({"a":1})", R"({"b":2})"}, config);
  CHECK(request.url == "http://127.0.0.1:18400/v25.0/1234567890/events");
  const Json body = Json::parse(request.body);
  CHECK(body["data"].size() == 2);
  CHECK(body["access_token"] == "EAAtoken");
  CHECK(body["test_event_code"] == "TEST123");
  // openssl dgst -sha256 -hmac app-secret over "EAAtoken"
  CHECK(body["appsecret_proof"].get<std::string>().size() == 64);
}

namespace {

struct AnswerCase {
  const char* name;
  OutgoingAnswer answer;
  std::size_t batch;
  Kind kind;
  std::uint32_t max_attempts;
};

}  // namespace

TEST_CASE("Meta's answers are told apart by code, not by text", "[meta]") {
  const AnswerCase cases[] = {
      {"all received", answered(200, R"({"events_received":2,"messages":[],"fbtrace_id":"A"})"), 2,
       Kind::delivered, 0},
      {"HTML with 200", answered(200, "<html>"), 1, Kind::retry, 0},
      {"no answer", no_answer(), 1, Kind::retry, 0},
      {"not sent", not_connected(), 1, Kind::retry, 0},
      {"gateway", answered(502, "<html>bad gateway"), 1, Kind::retry, 0},
      {"transient", graph_error(400, 100, 2804019, true), 1, Kind::retry, 0},
      {"unknown error", graph_error(400, 1), 1, Kind::retry, 5},
      {"service", graph_error(400, 2), 1, Kind::retry, 5},
      {"service down", graph_error(503, 2), 1, Kind::retry, 0},
      {"never heard of", graph_error(400, 987654), 1, Kind::retry, 5},
      {"app limit", graph_error(400, 4, 1504022, true), 1, Kind::rate_limited, 0},
      {"account limit", graph_error(400, 17, 2446079), 1, Kind::rate_limited, 0},
      {"custom limit", graph_error(403, 80004), 1, Kind::rate_limited, 0},
      {"blocked", graph_error(400, 368), 1, Kind::rate_limited, 0},
      {"429 without JSON", answered(429, ""), 1, Kind::rate_limited, 0},
      {"expired token", graph_error(401, 190, 463), 1, Kind::auth_failed, 0},
      {"session", graph_error(401, 102), 1, Kind::auth_failed, 0},
      {"signature", graph_error(400, 104), 1, Kind::auth_failed, 0},
      {"permission", graph_error(403, 10), 1, Kind::auth_failed, 0},
      {"permission 200", graph_error(403, 200), 1, Kind::auth_failed, 0},
      {"hidden object", graph_error(400, 100, 33), 1, Kind::auth_failed, 0},
      {"too old", graph_error(400, 100, 2804003), 1, Kind::reject, 0},
      {"too old in a batch", graph_error(400, 100, 2804003), 2, Kind::bisect, 0},
      {"method", graph_error(400, 3), 1, Kind::reject, 0},
  };
  for (const auto& each : cases) {
    INFO(each.name);
    const auto verdict = kMeta.judge(each.answer, each.batch);
    CHECK(verdict.kind == each.kind);
    CHECK(verdict.max_attempts == each.max_attempts);
    if (each.kind != Kind::delivered) CHECK_FALSE(verdict.reason.empty());
  }
}

TEST_CASE("a wrong setting is refused by name", "[meta]") {
  const std::pair<const char*, const char*> wrong[] = {
      {"pixel_id", "12a"},        {"pixel_id", ""},      {"access_token", "with blank"},
      {"access_token", ""},       {"api_version", "25"}, {"base_url", "ftp://x"},
      {"test_event_code", "a b"}, {"pixelid", "1"}};
  for (const auto& [name, value] : wrong) {
    auto config = delivering_site().destinations[0];
    config.settings[name] = value;
    const auto checked = check_destination(config);
    INFO(name << " = " << value);
    REQUIRE_FALSE(checked.ok());
    CHECK(checked.error().detail.find(name) != std::string::npos);
  }
  CHECK(check_destination(delivering_site().destinations[0]).ok());
  auto config = delivering_site().destinations[0];
  config.events = {"page_view", "video_progress"};
  CHECK_FALSE(check_destination(config).ok());
  config.kind = "mate";
  CHECK(check_destination(config).error().code == "unknown_destination");
}
