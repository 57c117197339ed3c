// SPDX-License-Identifier: Apache-2.0
// TikTok, LinkedIn, Pinterest, Snap, Reddit, Microsoft and X: each one's request and what is its
// own in its answers.
#include "server/destinations/customer.hpp"
#include "tests/server/destination_support.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// Everything that the worked example knows, with a click of the vendor's.
Dispatch given_full_sale(const std::string& click_param) {
  Dispatch dispatch = given_sale();
  add_contacts(add_browser(dispatch));
  return add_click(dispatch, click_param, "Click.Id");
}

}  // namespace

TEST_CASE("TikTok's request", "[tiktok]") {
  Dispatch dispatch = given_full_sale("ttclid");
  dispatch.context->ttp = "ttp-cookie";
  const auto request = request_for("tiktok", dispatch);
  CHECK(request.url == "https://business-api.tiktok.com/open_api/v1.3/event/track/");
  CHECK(request.headers.at("Access-Token") == "token");
  CHECK(request.body ==
        std::string(
            R"({"event_source":"web","event_source_id":"C0DE","data":[{"event":"Purchase",)") +
            R"("event_time":1767323045,"event_id":")" + kSaleId + R"(","user":{"email":")" +
            kDigitsEmail + R"(","phone":")" + kE164Phone +
            R"(","ttclid":"Click.Id","ttp":"ttp-cookie","ip":"93.184.216.34","user_agent":"UA"},)"
            R"("properties":{"value":49.9,"currency":"EUR","order_id":"o-1001",)"
            R"("content_type":"product","contents":[{"content_id":"sku-1","quantity":1,)"
            R"("price":49.9}],"num_items":1},"page":{"url":"https://shop.example/thanks"}}]})");
}

TEST_CASE("TikTok's answer is its code, whatever the status says", "[tiktok]") {
  const std::tuple<int, std::size_t, VerdictKind> cases[] = {
      {0, 2, VerdictKind::delivered},       {20001, 2, VerdictKind::bisect},
      {20001, 1, VerdictKind::reject},      {40002, 2, VerdictKind::bisect},
      {40002, 1, VerdictKind::reject},      {40001, 1, VerdictKind::auth_failed},
      {40105, 1, VerdictKind::auth_failed}, {40100, 1, VerdictKind::rate_limited},
      {50000, 1, VerdictKind::retry}};
  for (const auto& [code, batch, kind] : cases) {
    INFO(code);
    const std::string body = Json{{"code", code}, {"message", "m"}}.dump();
    CHECK(judged("tiktok", 200, body, batch).kind == kind);
  }
  CHECK(judged("tiktok", 200, "<html>").kind == VerdictKind::retry);
}

TEST_CASE("LinkedIn's request", "[linkedin]") {
  const auto request = request_for("linkedin", given_full_sale("li_fat_id"));
  CHECK(request.url == "https://api.linkedin.com/rest/conversionEvents");
  CHECK(request.headers.at("LinkedIn-Version") == "202603");
  CHECK(request.headers.at("X-RestLi-Method") == "BATCH_CREATE");
  CHECK(request.body ==
        std::string(R"({"elements":[{"conversion":"urn:lla:llaPartnerConversion:104012",)") +
            R"("conversionHappenedAt":1767323045000,"eventId":")" + kSaleId +
            R"(","conversionValue":{"currencyCode":"EUR","amount":"49.9"},"user":{"userIds":[)"
            R"({"idType":"SHA256_EMAIL","idValue":")" +
            kDigitsEmail +
            R"("},{"idType":"LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID","idValue":"Click.Id"}]}}]})");
}

TEST_CASE("LinkedIn names the bad elements of a batch", "[linkedin]") {
  const auto verdict =
      judged("linkedin", 422, R"({"message":"ERROR :: /elements/1/user :: index: 2 bad"})", 4);
  CHECK(fates(verdict) == std::vector<std::string>{"again", "dead", "dead", "again"});
  CHECK(judged("linkedin", 422, R"({"message":"no"})", 4).kind == VerdictKind::bisect);
  CHECK(judged("linkedin", 422, R"({"message":"no"})").kind == VerdictKind::reject);
  CHECK(judged("linkedin", 426, "").kind == VerdictKind::auth_failed);
  CHECK(judged("linkedin", 201, "").kind == VerdictKind::delivered);
}

TEST_CASE("Pinterest's request", "[pinterest]") {
  const auto request = request_for("pinterest", given_full_sale("epik"));
  CHECK(request.url == "https://api.pinterest.com/v5/ad_accounts/5490/events");
  CHECK(request.headers.at("Authorization") == "Bearer pina_token");
  CHECK(request.body ==
        std::string(R"({"data":[{"event_name":"checkout","action_source":"web",)") +
            R"("event_time":1767323045,"event_id":")" + kSaleId +
            R"(","event_source_url":"https://shop.example/thanks","opt_out":false,)"
            R"("partner_name":"ss-throughline","user_data":{"em":[")" +
            kDigitsEmail + R"("],"ph":[")" + kDigitsPhone +
            R"("],"client_ip_address":"93.184.216.34","client_user_agent":"UA",)"
            R"("click_id":"Click.Id"},"custom_data":{"currency":"EUR","value":"49.9",)"
            R"("order_id":"o-1001","content_ids":["sku-1"],"contents":[{"id":"sku-1","quantity":1,)"
            R"("item_price":"49.9"}],"num_items":1}}]})");
}

TEST_CASE("Pinterest judges event by event", "[pinterest]") {
  const std::string body =
      R"({"num_events_received":2,"num_events_processed":1,"events":[{"status":"processed"},)"
      R"({"status":"failed","error_message":"bad event_time"}]})";
  for (const int status : {200, 422}) {
    const auto verdict = judged("pinterest", status, body, 2);
    CHECK(verdict.kind == VerdictKind::delivered);
    CHECK(fates(verdict) == std::vector<std::string>{"ok", "dead"});
  }
  CHECK(judged("pinterest", 422, "{}", 2).kind == VerdictKind::bisect);
}

TEST_CASE("Snap's request", "[snap]") {
  Dispatch dispatch = given_full_sale("sccid");
  dispatch.context->scid = "cookie";
  const auto request = request_for("snap", dispatch);
  CHECK(request.url == "https://tr.snapchat.com/v3/pix-1/events?access_token=token");
  CHECK(
      request.body ==
      std::string(R"({"data":[{"event_name":"PURCHASE","event_time":1767323045,"event_id":")") +
          kSaleId +
          R"(","action_source":"website","event_source_url":"https://shop.example/thanks",)"
          R"("user_data":{"em":[")" +
          kDigitsEmail + R"("],"ph":[")" + kDigitsPhone +
          R"("],"client_ip_address":"93.184.216.34","client_user_agent":"UA",)"
          R"("sc_click_id":"Click.Id","sc_cookie1":"cookie"},"custom_data":{"currency":"EUR","value":49.9,)"
          R"("order_id":"o-1001","content_ids":["sku-1"],"contents":[{"id":"sku-1","quantity":1,)"
          R"("item_price":49.9}],"num_items":1}}]})");
  const auto test = destination_of("snap").as_test(request, sound_config("snap"));
  REQUIRE(test.has_value());
  CHECK(test->url == "https://tr.snapchat.com/v3/pix-1/events/validate?access_token=token");
}

TEST_CASE("Reddit's request", "[reddit]") {
  const auto request = request_for("reddit", given_full_sale("rdt_cid"));
  CHECK(request.url == "https://ads-api.reddit.com/api/v3/pixels/t2_pixel/conversion_events");
  // The e-mail without dots and tag, as Reddit hashes it at every domain.
  const std::string email = destinations::sha256_hex("janeroe@gmail.com");
  CHECK(request.body ==
        std::string(R"({"data":{"partner":"throughline","events":[{"event_at":1767323045000,)") +
            R"("action_source":"WEBSITE","event_source_url":"https://shop.example/thanks",)"
            R"("click_id":"Click.Id","type":{"tracking_type":"PURCHASE"},"metadata":{)"
            R"("conversion_id":")" +
            kSaleId +
            R"(","currency":"EUR","value":49.9,"item_count":1,"products":[{"id":"sku-1",)"
            R"("quantity":1,"item_price":49.9}]},"user":{"email":")" +
            email + R"(","phone_number":")" + kE164Phone + R"(","ip_address":")" +
            destinations::sha256_hex("93.184.216.34") + R"(","user_agent":"UA"}}]}})");
  Dispatch custom = given_full_sale("rdt_cid");
  custom.event_name = "checkout_started";
  CHECK(built("reddit", custom)["type"] ==
        Json{{"tracking_type", "CUSTOM"}, {"custom_event_name", "checkout_started"}});
}

TEST_CASE("Reddit lists what it did not take", "[reddit]") {
  const auto verdict = judged(
      "reddit", 200, R"({"data":{"message":"ok","invalid_events":[{"index":1,"error":"x"}]}})", 2);
  CHECK(fates(verdict) == std::vector<std::string>{"ok", "dead"});
  CHECK(judged("reddit", 200, R"({"data":{"invalid_events":[]}})", 2).each.empty());
}

TEST_CASE("Microsoft's request", "[microsoft]") {
  const auto request = request_for("microsoft", given_full_sale("msclkid"));
  CHECK(request.url == "https://capi.uet.microsoft.com/v1/97/events");
  CHECK(request.body ==
        std::string(R"({"data":[{"eventType":"custom","eventId":")") + kSaleId +
            R"(","eventName":"purchase","eventTime":1767323045,)"
            R"("eventSourceUrl":"https://shop.example/thanks","adStorageConsent":"G",)"
            R"("userData":{"clientUserAgent":"UA","clientIpAddress":"93.184.216.34","em":")" +
            kDigitsEmail + R"(","ph":")" + kDigitsPhone +
            R"(","msclkid":"Click.Id"},"customData":{"eventValue":49.9,"transactionId":"o-1001",)"
            R"("currency":"EUR","itemIds":["sku-1"],"pageType":"purchase","ecommTotalValue":49.9,)"
            R"("items":[{"id":"sku-1","quantity":1,)"
            R"("price":49.9}]},"continueOnValidationError":true}]})");
}

TEST_CASE("Microsoft names the bad events by index", "[microsoft]") {
  const std::string body =
      R"({"eventsReceived":1,"error":{"code":"x","details":[{"index":0,"propertyName":"ph"}]}})";
  CHECK(fates(judged("microsoft", 200, body, 2)) == std::vector<std::string>{"dead", "ok"});
  CHECK(fates(judged("microsoft", 400, body, 2)) == std::vector<std::string>{"dead", "again"});
  CHECK(judged("microsoft", 200, R"({"eventsReceived":2})", 2).each.empty());
}

TEST_CASE("X's request and its signature", "[x]") {
  auto request = request_for("x", given_full_sale("twclid"));
  CHECK(request.url == "https://ads-api.x.com/12/measurement/conversions/o8z");
  CHECK(request.body ==
        std::string(R"({"conversions":[{"conversion_time":"2026-01-02T03:04:05.000Z",)") +
            R"("event_id":"tw-o8z-p1","identifiers":[{"hashed_email":")" + kDigitsEmail +
            R"("},{"hashed_phone_number":")" + kE164Phone +
            R"("},{"twclid":"Click.Id"},{"ip_address":"93.184.216.34","user_agent":"UA"}],)"
            R"("conversion_id":")" +
            kSaleId +
            R"(","value":49.9,"price_currency":"EUR","number_items":1,"contents":[)"
            R"({"content_id":"sku-1","num_items":1,"content_price":"49.9"}]}]})");
  destination_of("x").sign(request, sound_config("x"),
                           {kSaleMs, "00112233445566778899aabbccddeeff", ""});
  CHECK(
      request.headers["Authorization"] ==
      R"(OAuth oauth_consumer_key="ck", oauth_nonce="00112233445566778899aabbccddeeff", )"
      R"(oauth_signature="5NHoYQZaSblj3xbil8rU9%2BqqdsQ%3D", oauth_signature_method="HMAC-SHA1", oauth_timestamp="1767323045", oauth_token="at", oauth_version="1.0")");
}

TEST_CASE("a vendor's own cookie stands in for its click", "[destinations]") {
  Dispatch dispatch = given_sale();
  add_browser(dispatch);
  dispatch.context->epik = "dj0y";
  dispatch.context->li_fat_id = "8f2a";
  dispatch.context->rdt_uuid = "1790.2b6f";
  CHECK(built("pinterest", dispatch)["user_data"]["click_id"] == "dj0y");
  CHECK(built("linkedin", dispatch)["user"]["userIds"][0]["idValue"] == "8f2a");
  CHECK(built("reddit", dispatch)["user"]["uuid"] == "1790.2b6f");
  add_click(add_click(dispatch, "epik", "link"), "li_fat_id", "link");
  CHECK(built("pinterest", dispatch)["user_data"]["click_id"] == "link");
  CHECK(built("linkedin", dispatch)["user"]["userIds"][0]["idValue"] == "link");
}

TEST_CASE("TikTok hears of the buyer's country in plain", "[tiktok]") {
  Dispatch dispatch = given_sale();
  add_contacts(dispatch);
  dispatch.order->customer = R"({"country":"CZ"})";
  CHECK(built("tiktok", dispatch)["user"]["country"] == "cz");
}

TEST_CASE("a click is the newest of its vendor's names, as long as the vendor looks back",
          "[destinations]") {
  using destinations::click_id_of;
  Dispatch dispatch = given_sale();
  dispatch.clicks = {
      {"gclid", "new", kSaleMs - kDay},         {"wbraid", "newer", kSaleMs - kHour},
      {"gclid", "old", kSaleMs - 2 * kDay},     {"epik", "only", kSaleMs - 60 * kDay},
      {"ttclid", "ended", kSaleMs - 31 * kDay}, {"rdt_cid", "x", kSaleMs - 91 * kDay}};
  CHECK(click_id_of(dispatch, "gclid") == "new");
  CHECK(destinations::click_of(dispatch, {"gclid", "wbraid"}).value == "newer");
  CHECK(click_id_of(dispatch, "epik") == "only");
  CHECK(click_id_of(dispatch, "ttclid").empty());
  CHECK(click_id_of(dispatch, "rdt_cid").empty());
  CHECK(click_id_of(dispatch, "fbclid").empty());
}
