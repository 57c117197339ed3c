// SPDX-License-Identifier: Apache-2.0
// The vocabulary of the destination tests: one sale (the worked example of docs/destinations.md), a
// sound configuration of every kind, and a request built from them.
#pragma once

#include "server/core/people/contact_variants.hpp"
#include "tests/server/delivery_support.hpp"

namespace tl::server::test {

using VerdictKind = DeliveryVerdict::Kind;

inline constexpr std::int64_t kSaleMs = 1767323045000;  // 2026-01-02T03:04:05Z
inline constexpr const char* kSaleId = "019b7c1e-5f00-7abc-8def-0123456789ab";
inline constexpr const char* kDigitsEmail =
    "ddfa25a87480d84d415fefb1e054d69ffc9550b70fb1cbff4afb279f3dbe1688";
inline constexpr const char* kGmailEmail =
    "c6eb6efe9f7a4be511f1871d1712a1b684157f2c6eaafada128b7c9d7fa754eb";
inline constexpr const char* kDigitsPhone =
    "1ac5bab26d9c9ea1c080654fae480f5fe4066ee9e5ac09622a3c28fb1a6b1b87";
inline constexpr const char* kE164Phone =
    "00839c79aea2116c94def9e14c0493fa0801add3ffb50434478082030ab88e11";

// An order of 49.90 EUR by nobody known.
inline Dispatch given_sale() {
  Dispatch dispatch;
  dispatch.event_name = "purchase";
  dispatch.event_id = parse_uuid(kSaleId).value();
  dispatch.occurred_ms = kSaleMs;
  dispatch.consent = {Choice::granted, Choice::granted, Choice::unknown, false};
  ConversionRow conversion;
  conversion.id = dispatch.event_id;
  conversion.kind = "purchase";
  conversion.order_id = "o-1001";
  conversion.amount_minor = 4990;
  conversion.currency = "EUR";
  conversion.occurred_ms = kSaleMs;
  dispatch.conversion = conversion;
  OrderRow order;
  order.items = R"([{"id":"sku-1","quantity":1,"price_minor":4990}])";
  dispatch.order = order;
  return dispatch;
}
inline Dispatch& add_contacts(Dispatch& dispatch) {
  dispatch.email_variants = contact_variants(ContactKind::email, "jane.roe+news@gmail.com", "");
  dispatch.phone_variants = contact_variants(ContactKind::phone, "+351 912 345 678", "");
  return dispatch;
}
inline Dispatch& add_browser(Dispatch& dispatch) {
  dispatch.url = "https://shop.example/thanks";
  SessionContext context;
  context.ip = "93.184.216.34";
  context.user_agent = "UA";
  dispatch.context = context;
  return dispatch;
}
inline Dispatch& add_click(Dispatch& dispatch, const std::string& name, const std::string& value) {
  dispatch.clicks.push_back({name, value, kSaleMs - kHour});
  return dispatch;
}

inline DestinationConfig sound_config(const std::string& kind) {
  static const std::map<std::string, std::map<std::string, std::string>> kSettings = {
      {"meta", {{"pixel_id", "123"}, {"access_token", "token"}}},
      {"posthog", {{"api_key", "phc_key"}}},
      {"ga4", {{"measurement_id", "G-ABC123"}, {"api_secret", "s3cret"}}},
      {"google_ads",
       {{"customer_id", "1234567890"},
        {"conversions.purchase", "987654321"},
        {"conversions.lead", "987654322"},
        {"client_id", "client"},
        {"client_secret", "hush"},
        {"refresh_token", "1//refresh"}}},
      {"tiktok", {{"pixel_code", "C0DE"}, {"access_token", "token"}}},
      {"linkedin", {{"access_token", "token"}, {"conversions.purchase", "104012"}}},
      {"pinterest", {{"ad_account_id", "5490"}, {"access_token", "pina_token"}}},
      {"snap", {{"pixel_id", "pix-1"}, {"access_token", "token"}}},
      {"reddit", {{"pixel_id", "t2_pixel"}, {"access_token", "token"}}},
      {"microsoft", {{"tag_id", "97"}, {"access_token", "token"}}},
      {"x",
       {{"pixel_id", "o8z"},
        {"consumer_key", "ck"},
        {"consumer_secret", "cs"},
        {"access_token", "at"},
        {"access_token_secret", "ats"},
        {"event_ids.purchase", "tw-o8z-p1"}}},
      {"webhook",
       {{"url", "https://hooks.shop.example/in"},
        {"secret", "whsec_dGhyb3VnaGxpbmUtZXhhbXBsZS1zZWNyZXQta2V5LTAx"}}},
      {"crm",
       {{"url", "https://crm.example"},
        {"api_key_header", "X-Acme-API-Key"},
        {"api_key", "key"},
        {"funnel_header", "X-Acme-Funnel-ID"},
        {"funnel", "f1"}}}};
  DestinationConfig config;
  config.kind = config.name = kind;
  config.settings = kSettings.at(kind);
  return config;
}

inline const Destination& destination_of(const std::string& kind) {
  const Destination* destination = destinations::find_destination(kind);
  REQUIRE(destination != nullptr);
  return *destination;
}

inline std::string built_text(const std::string& kind, const Dispatch& dispatch,
                              std::int64_t now_ms = kSaleMs + kMinute) {
  const auto body = destination_of(kind).build(dispatch, sound_config(kind), now_ms);
  INFO(kind << ": " << (body.ok() ? "" : body.error().detail));
  REQUIRE(body.ok());
  return body.value();
}
inline Json built(const std::string& kind, const Dispatch& dispatch) {
  return Json::parse(built_text(kind, dispatch));
}
inline std::string build_error(const std::string& kind, const Dispatch& dispatch) {
  const auto body = destination_of(kind).build(dispatch, sound_config(kind), kSaleMs + kMinute);
  return body.ok() ? "none" : body.error().code;
}
inline OutgoingRequest request_for(const std::string& kind, const Dispatch& dispatch) {
  return destination_of(kind).envelope({built_text(kind, dispatch)}, sound_config(kind));
}
inline DeliveryVerdict judged(const std::string& kind, int status, const std::string& body,
                              std::size_t batch = 1) {
  return destination_of(kind).judge(answered(status, body), batch);
}
// "dead", "again" or "ok" for each event of a batch.
inline std::vector<std::string> fates(const DeliveryVerdict& verdict) {
  std::vector<std::string> list;
  for (const auto& each : verdict.each)
    list.emplace_back(each.kind == VerdictKind::reject   ? "dead"
                      : each.kind == VerdictKind::bisect ? "again"
                                                         : "ok");
  return list;
}

}  // namespace tl::server::test
