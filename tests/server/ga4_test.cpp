// SPDX-License-Identifier: Apache-2.0
// Google Analytics: the request, and the validator that stands in for a server that never objects.
#include "server/destinations/ga4_rules.hpp"
#include "tests/server/destination_support.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

Dispatch given_measured_sale() {
  Dispatch dispatch = given_sale();
  SessionContext context;
  context.ga = "GA1.1.1234567890.1700000000";
  dispatch.context = context;
  dispatch.consent.ad_personalisation = Choice::denied;
  dispatch.session_id = id(9);
  SessionRow session;
  session.started_ms = 1767322000000;
  dispatch.session = session;
  return dispatch;
}

std::string ga4_problem(const Json& body) {
  const auto checked = destinations::check_ga4_body(body.dump());
  return checked.ok() ? "" : checked.error().detail;
}

}  // namespace

TEST_CASE("the session is gtag's own where its cookie was told, in either form", "[ga4]") {
  for (const auto& [cookie, session] : std::vector<std::pair<std::string, std::string>>{
           {"GS1.1.1746825440.14.0.1746825441.0.0.295082955", "1746825440"},
           {"GS2.1.s1747132561$o1$g0$t1747132655$j0$l0$h0", "1747132561"},
           {"GS2.1.o1$g0$s1747132561", "1747132561"},
           {"GS2.1.o1$g0", "1767322000"},
           {"GS1.1.", "1767322000"},
           {"GS2.1.s17x", "1767322000"},
           {"GS3.1.s1747132561", "1767322000"},
           {"", "1767322000"}}) {
    Dispatch dispatch = given_measured_sale();
    dispatch.context->ga_session = cookie;
    CHECK(built("ga4", dispatch)["events"][0]["params"]["session_id"] == session);
  }
}

TEST_CASE("a sale is the documented request, byte by byte", "[ga4]") {
  const auto request = request_for("ga4", given_measured_sale());
  CHECK(request.url ==
        "https://www.google-analytics.com/mp/collect?measurement_id=G-ABC123&api_secret=s3cret");
  CHECK(request.body ==
        R"({"client_id":"1234567890.1700000000","timestamp_micros":1767323045000000,)"
        R"("consent":{"ad_user_data":"GRANTED","ad_personalization":"DENIED"},)"
        R"("events":[{"name":"purchase","params":{"transaction_id":"o-1001","currency":"EUR",)"
        R"("value":49.9,"session_id":"1767322000","engagement_time_msec":1,)"
        R"("items":[{"item_id":"sku-1","quantity":1,"price":49.9}]}}]})");
}

TEST_CASE("contacts and click ids go with marketing consent alone", "[ga4][consent]") {
  Dispatch dispatch = given_measured_sale();
  add_contacts(dispatch);
  add_click(dispatch, "gclid", "Cj0abc");
  Json body = built("ga4", dispatch);
  CHECK(body["user_data"]["sha256_email_address"] == Json{kGmailEmail});
  CHECK(body["user_data"]["sha256_phone_number"] == Json{kE164Phone});
  CHECK(body["events"][0]["params"]["gclid"] == "Cj0abc");

  dispatch.consent.marketing = Choice::denied;
  body = built("ga4", dispatch);
  CHECK_FALSE(body.contains("user_data"));
  CHECK_FALSE(body["events"][0]["params"].contains("gclid"));
  CHECK(body["consent"]["ad_user_data"] == "DENIED");
}

TEST_CASE("a visitor without gtag's cookie keeps one client id", "[ga4]") {
  Dispatch dispatch = given_sale();
  dispatch.anonymous_id = id(2001);
  const auto first = built("ga4", dispatch)["client_id"].get<std::string>();
  dispatch.event_id = id(5);
  CHECK(built("ga4", dispatch)["client_id"] == first);
  dispatch.anonymous_id = id(2002);
  CHECK(built("ga4", dispatch)["client_id"] != first);
  CHECK(first.find_first_not_of("0123456789.") == std::string::npos);
}

TEST_CASE("names are brought into the form that Analytics keeps", "[ga4]") {
  using destinations::ga4_event_name;
  CHECK(ga4_event_name("purchase") == "purchase");
  CHECK(ga4_event_name("film watched: twice") == "film_watched__twice");
  CHECK(ga4_event_name("1st") == "e_1st");
  CHECK(ga4_event_name("error") == "e_error");
  CHECK(ga4_event_name("ga_x") == "e_ga_x");
  CHECK(ga4_event_name(std::string(60, 'a')).size() == 40);
}

TEST_CASE("what Analytics would drop without a word is refused", "[ga4]") {
  const Json good = Json::parse(built_text("ga4", given_measured_sale()));
  CHECK(ga4_problem(good).empty());
  Json bad = good;
  bad["events"][0]["params"]["note"] = std::string(101, 'x');
  CHECK(ga4_problem(bad).find("100 characters") != std::string::npos);
  bad = good;
  bad["events"][0]["params"]["list"] = Json::array({1});
  CHECK(ga4_problem(bad).find("list") != std::string::npos);
  bad = good;
  bad["events"][0]["params"].erase("currency");
  CHECK(ga4_problem(bad).find("without currency") != std::string::npos);
  bad = good;
  for (int i = 0; i < 25; ++i) bad["events"][0]["params"]["p" + std::to_string(i)] = 1;
  CHECK(ga4_problem(bad).find("25 parameters") != std::string::npos);
  bad = good;
  bad["events"][0]["name"] = "session_start";
  CHECK(ga4_problem(bad).find("session_start") != std::string::npos);
  bad = good;
  bad["events"][0]["params"]["items"][0].erase("item_id");
  CHECK(ga4_problem(bad).find("item_id") != std::string::npos);
  bad = good;
  bad["client_id"] = "";
  CHECK(ga4_problem(bad).find("client_id") != std::string::npos);
}

TEST_CASE("a page's properties become parameters where they can", "[ga4]") {
  Dispatch dispatch = given_measured_sale();
  dispatch.conversion.reset();
  dispatch.order.reset();
  dispatch.event_name = "film_watched";
  dispatch.props = Json{
      {"film", std::string(150, 'x')},
      {"minutes", 12},
      {"ga_own", "x"},
      {"list", {1, 2}},
      {"session_id",
       "evil"}}.dump();
  const Json params = built("ga4", dispatch)["events"][0]["params"];
  CHECK(params["film"].get<std::string>().size() == 100);
  CHECK(params["minutes"] == 12);
  CHECK(params["session_id"] == "1767322000");
  CHECK_FALSE(params.contains("ga_own"));
  CHECK_FALSE(params.contains("list"));
}

TEST_CASE("only purchases are repeated when nobody knows whether they arrived", "[ga4]") {
  const auto& ga4 = destination_of("ga4");
  CHECK(ga4.limits(sound_config("ga4"), "purchase").dedup_window_ms == 0);
  CHECK(ga4.limits(sound_config("ga4"), "lead").dedup_window_ms == kNeverRepeat);
  CHECK(ga4.limits(sound_config("ga4"), "lead").max_age_ms == 72 * kHour);
}

TEST_CASE("the live check asks the validation server", "[ga4]") {
  const auto& ga4 = destination_of("ga4");
  const auto test = ga4.as_test(request_for("ga4", given_measured_sale()), sound_config("ga4"));
  REQUIRE(test.has_value());
  CHECK(test->url.starts_with("https://www.google-analytics.com/debug/mp/collect?"));
  CHECK(Json::parse(test->body)["validation_behavior"] == "ENFORCE_RECOMMENDATIONS");
  CHECK(ga4.judge_test(answered(200, R"({"validationMessages":[]})")).kind ==
        VerdictKind::delivered);
  CHECK(ga4.judge_test(answered(200, R"({"validationMessages":[{"description":"no"}]})")).kind ==
        VerdictKind::reject);
}

TEST_CASE("a stream's id must look like one", "[ga4]") {
  auto config = sound_config("ga4");
  config.settings["measurement_id"] = "UA-1";
  CHECK_FALSE(destinations::check_destination(config).ok());
}
