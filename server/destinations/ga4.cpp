// SPDX-License-Identifier: Apache-2.0
// Google Analytics 4, Measurement Protocol: POST {base_url}/mp/collect, one event a request,
// because a request speaks of one client. It answers 2xx whatever it gets, so every body passes our
// own validator (ga4_rules.hpp) first. Needs consent to storage; what marketing permits is told in
// `consent`, and contacts go only with it.
// Source: Google developer documentation "Measurement Protocol (GA4): Send events, Validate events,
// Reference, Send user-provided data, Use cases", 2026-11.
#include "server/core/access/secret_box.hpp"
#include "server/core/durations.hpp"
#include "server/core/outbox/delivery_consent.hpp"
#include "server/core/text/foreign_json.hpp"
#include "server/core/text/percent_encoding.hpp"
#include "server/destinations/customer.hpp"
#include "server/destinations/described.hpp"
#include "server/destinations/event_facts.hpp"
#include "server/destinations/ga4_rules.hpp"
#include "server/destinations/json_object.hpp"
#include "server/destinations/settings.hpp"
#include "server/destinations/vendors.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tl::server::destinations {
namespace {

class Ga4 final : public DescribedDestination {
 public:
  Ga4()
      : DescribedDestination(
            {"ga4",
             "Google Analytics",
             "https://www.google-analytics.com",
             Purpose::storage,
             {.max_age_ms = 72 * kHourMs, .timeout_ms = 10'000, .first_attempt_margin_ms = kHourMs},
             // gtag on the page tells the rest; told twice it would count twice.
             {{"page_view", "page_view", false},
              {"content_view", "view_item", false},
              {"add_to_cart", "add_to_cart", false},
              {"checkout_started", "begin_checkout", false},
              {"video_progress", "video_progress", false},
              {"lead", "generate_lead"},
              {"email_signup", "sign_up"},
              {"signup", "sign_up"},
              {"purchase", "purchase"},
              {"refund", "refund"}},
             {},
             {{"measurement_id", "G-… of the web data stream", "", Setting::Form::word, true},
              {"api_secret", "Measurement Protocol API secret of that stream", "",
               Setting::Form::visible, true, true},
              kTagProvider},
             {},
             /*uses_address=*/true}) {}

  [[nodiscard]] std::string_view title() const override { return "GA4"; }

  [[nodiscard]] OrderNumbers order_numbers(const DestinationConfig& config) const override {
    return {"ga4 " + setting(config, "measurement_id"), setting(config, "tag_provider"),
            kGa4ValueBytes};
  }

  // Only purchases are recognised when they come again, by transaction_id.
  [[nodiscard]] DestinationLimits limits(const DestinationConfig& config,
                                         std::string_view event_name) const override {
    DestinationLimits limits = DescribedDestination::limits(config, event_name);
    if (event_name != "purchase") limits.dedup_window_ms = kNeverRepeat;
    return limits;
  }

  Outcome<void> check(const DestinationConfig& config) const override {
    TL_CHECK(DescribedDestination::check(config));
    if (!setting(config, "measurement_id").starts_with("G-"))
      return bad_setting(config, "measurement_id", "must look like G-XXXXXXXXXX");
    for (const auto& name : config.events)
      if (name == "session_end" || name == "*")
        return bad_setting(config, "events",
                           "names " + name +
                               ", which is never sent to Google Analytics; name the events to "
                               "send");
    return {};
  }

  Outcome<std::string> build(const Dispatch& dispatch, const DestinationConfig&,
                             std::int64_t now_ms) const override {
    const bool is_sale = dispatch.event_name == "purchase" || dispatch.event_name == "refund";
    if (is_sale && !money_of(dispatch))
      return invalid("purchase_without_currency",
                     "Google Analytics takes a purchase or refund only with value and currency");
    const bool permits_ads =
        permits_marketing_data(dispatch.consent) && !dispatch.consent.opted_out_of_sale;
    JsonObject body;
    body.text("client_id", client_id(dispatch))
        .text("user_id", cut_utf8(plain_user_id(dispatch), 256))
        .number("timestamp_micros", std::min(dispatch.occurred_ms, now_ms) * 1000)
        .raw("consent", consent_of(dispatch.consent, permits_ads));
    if (permits_ads) add_user_data(body, dispatch);
    JsonObject event;
    event.text("name", ga4_event_name(their_name(dispatch.event_name)))
        .raw("params", params_of(dispatch, permits_ads));
    body.raw("events", "[" + event.finish() + "]");
    std::string text = body.finish();
    TL_CHECK(check_ga4_body(text));
    return text;
  }

  OutgoingRequest envelope(const std::vector<std::string>& bodies,
                           const DestinationConfig& config) const override {
    return post(config,
                "/mp/collect?measurement_id=" + setting(config, "measurement_id") +
                    "&api_secret=" + percent_encoded(setting(config, "api_secret")),
                bodies.front());
  }

  // The validation server checks everything but the secret, and stores nothing.
  [[nodiscard]] std::optional<OutgoingRequest> as_test(
      OutgoingRequest request, const DestinationConfig& config) const override {
    request.url.insert(base_url(config, described().host).size(), "/debug");
    request.body.insert(1, R"("validation_behavior":"ENFORCE_RECOMMENDATIONS",)");
    return request;
  }
  [[nodiscard]] DeliveryVerdict judge_test(const OutgoingAnswer& answer) const override {
    const auto body = parse_foreign_json(answer.body);
    if (answer.status != 200 || !body.is_object() || !body.contains("validationMessages"))
      return judge(answer, 1);
    const auto& messages = body["validationMessages"];
    if (messages.is_array() && messages.empty())
      return {DeliveryVerdict::Kind::delivered, 0, 0, "valid; the secret is not checked there"};
    return {DeliveryVerdict::Kind::reject, 0, 0, objections_text(messages)};
  }

 private:
  static std::string objections_text(const nlohmann::json& messages) {
    return "Google Analytics objects: " + messages.dump();
  }

  // gtag's own client id, the last two parts of _ga (GA1.1.<number>.<seconds>); else one of the
  // same shape, the same for a visitor every time.
  static std::string client_id(const Dispatch& dispatch) {
    if (dispatch.context) {
      const std::string_view cookie = dispatch.context->ga;
      const auto last = cookie.rfind('.');
      const auto before =
          last == 0 || last == cookie.npos ? cookie.npos : cookie.rfind('.', last - 1);
      if (before != cookie.npos && is_number_pair(cookie.substr(before + 1)))
        return std::string(cookie.substr(before + 1));
    }
    const Id128 id = dispatch.anonymous_id.value_or(dispatch.event_id);
    const Digest hash = sha256({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
    const std::uint32_t number = std::uint32_t{hash[0]} << 24 | std::uint32_t{hash[1]} << 16 |
                                 std::uint32_t{hash[2]} << 8 | hash[3];
    const std::uint32_t seconds =
        std::uint32_t{hash[4]} << 16 | std::uint32_t{hash[5]} << 8 | hash[6];
    constexpr std::uint32_t kFirstSecond = 1'700'000'000;
    return std::to_string(number) + "." + std::to_string(kFirstSecond + seconds);
  }
  static bool is_number_pair(std::string_view text) {
    const auto dot = text.find('.');
    return dot != 0 && dot + 1 < text.size() && text.size() <= 40 &&
           text.find_first_not_of("0123456789.") == text.npos;
  }

  static std::string consent_of(const Consent& consent, bool permits_ads) {
    const bool personal = permits_ads && consent.ad_personalisation != Choice::denied;
    JsonObject json;
    json.text("ad_user_data", permits_ads ? "GRANTED" : "DENIED")
        .text("ad_personalization", personal ? "GRANTED" : "DENIED");
    return json.finish();
  }

  static void add_user_data(JsonObject& body, const Dispatch& dispatch) {
    const Customer customer = customer_of(dispatch, "gmail", "e164");
    JsonObject data;
    data.texts("sha256_email_address", {customer.email})
        .texts("sha256_phone_number", {customer.phone});
    if (!data.is_empty()) body.raw("user_data", data.finish());
    if (!customer.ip.empty()) body.text("ip_override", customer.ip);
  }

  // Without session_id and engagement_time_msec an event shows in no session report. The time spent
  // was told by gtag already, so the least that counts is said here.
  std::string params_of(const Dispatch& dispatch, bool permits_ads) const {
    JsonObject params;
    const auto money = money_of(dispatch);
    if (dispatch.conversion)
      params.text("transaction_id", cut_utf8(transaction_id_of(dispatch), kGa4ValueBytes));
    if (money) params.text("currency", money->currency).raw("value", money->value);
    if (const std::string session = session_of(dispatch); !session.empty())
      params.text("session_id", session);
    params.number("engagement_time_msec", 1);
    const std::string items =
        items_json(goods_of(dispatch), money ? money->currency : "",
                   {"item_id", "item_name", "item_category", "price", "quantity"});
    if (!items.empty()) params.raw("items", items);
    // 100 characters hold no whole URL, and half of one names another page.
    if (dispatch.url.size() <= kGa4ValueBytes) params.text("page_location", dispatch.url);
    if (dispatch.referrer.size() <= kGa4ValueBytes) params.text("page_referrer", dispatch.referrer);
    params.text("page_title", cut_utf8(dispatch.title, kGa4ValueBytes));
    if (permits_ads) params.text("gclid", click_id_of(dispatch, "gclid").substr(0, kGa4ValueBytes));
    if (!dispatch.conversion) add_ga4_props(params, dispatch.props);
    return params.finish();
  }
  // gtag's own session (the second in which it began) while the cookie is told, else when ours
  // began.
  static std::string session_of(const Dispatch& dispatch) {
    if (dispatch.context)
      if (const auto own = ga4_session_of_cookie(dispatch.context->ga_session); !own.empty())
        return std::string(own);
    if (!dispatch.session_id) return {};
    const std::int64_t begun_ms =
        dispatch.session ? dispatch.session->started_ms : dispatch.session_id->time_ms();
    return std::to_string(begun_ms / kSecondMs);
  }
};

}  // namespace

const Destination& ga4() {
  static const Ga4 destination;
  return destination;
}

}  // namespace tl::server::destinations
