// SPDX-License-Identifier: Apache-2.0
// TikTok Events API 2.0: POST {base_url}/open_api/v1.3/event/track/ with up to 1000 events; the
// answer is HTTP 200 whatever happened, its `code` tells.
// Source: TikTok business documentation "Events API 2.0", help "Event deduplication"; repository
// rudderlabs/rudder-transformer v0/destinations/tiktok_ads; 2026-11.
#include "server/core/durations.hpp"
#include "server/core/text/foreign_json.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/destinations/answer_json.hpp"
#include "server/destinations/customer.hpp"
#include "server/destinations/described.hpp"
#include "server/destinations/event_facts.hpp"
#include "server/destinations/http_verdict.hpp"
#include "server/destinations/json_object.hpp"
#include "server/destinations/settings.hpp"
#include "server/destinations/vendors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tl::server::destinations {
namespace {

class Tiktok final : public DescribedDestination {
 public:
  Tiktok()
      : DescribedDestination(
            {"tiktok",
             "TikTok",
             "https://business-api.tiktok.com",
             Purpose::marketing,
             {.max_batch = 100,
              .max_age_ms = 7 * kDayMs,
              .dedup_window_ms = 47 * kHourMs,
              .timeout_ms = 10'000},
             {{"page_view", "Pageview"},
              {"content_view", "ViewContent"},
              {"add_to_cart", "AddToCart"},
              {"checkout_started", "InitiateCheckout"},
              {"lead", "Lead"},
              {"email_signup", "CompleteRegistration"},
              {"signup", "CompleteRegistration"},
              {"purchase", "Purchase"}},
             {},
             {{"pixel_code", "code of the pixel", "", Setting::Form::word, true},
              {"access_token", "Events API token", "", Setting::Form::visible, true, true},
              {"test_event_code", "shows events under Test events", "", Setting::Form::word}},
             {},
             /*uses_address=*/true}) {}

  Outcome<std::string> build(const Dispatch& dispatch, const DestinationConfig&,
                             std::int64_t now_ms) const override {
    const auto money = money_of(dispatch);
    if (dispatch.event_name == "purchase" && !money)
      return invalid("purchase_without_currency",
                     "TikTok takes a Purchase only with value and currency");
    const Customer customer = customer_of(dispatch, "digits", "e164");
    const std::string click = click_id_of(dispatch, "ttclid");
    const std::string cookie = cookie_of(dispatch, &VendorCookies::ttp);
    if (!leads_somewhere(customer) && click.empty() && cookie.empty())
      return leads_to_nobody("TikTok");
    JsonObject user, event;
    user.text("email", customer.email)
        .text("phone", customer.phone)
        .text("first_name", customer.first_name)
        .text("last_name", customer.last_name)
        .text("country", customer.country_code)
        .text("external_id", customer.external_ids.empty() ? "" : customer.external_ids.front())
        .text("ttclid", click)
        .text("ttp", cookie)
        .text("ip", customer.ip)
        .text("user_agent", customer.user_agent);
    event.text("event", their_name(dispatch.event_name))
        .number("event_time", std::min(dispatch.occurred_ms, now_ms) / 1000)
        .text("event_id", uuid_text(dispatch.event_id))
        .raw("user", user.finish());
    if (const auto properties = properties_of(dispatch, money); !properties.empty())
      event.raw("properties", properties);
    if (is_web_url(dispatch.url)) {
      JsonObject page;
      page.text("url", dispatch.url).text("referrer", dispatch.referrer);
      event.raw("page", page.finish());
    }
    if (dispatch.consent.opted_out_of_sale) event.flag("limited_data_use", true);
    return event.finish();
  }

  OutgoingRequest envelope(const std::vector<std::string>& bodies,
                           const DestinationConfig& config) const override {
    JsonObject body;
    body.text("event_source", "web")
        .text("event_source_id", setting(config, "pixel_code"))
        .text("test_event_code", setting(config, "test_event_code"))
        .raw("data", json_list(bodies));
    OutgoingRequest request = post(config, "/open_api/v1.3/event/track/", body.finish());
    request.headers["Access-Token"] = setting(config, "access_token");
    return request;
  }

  // 20001 is "partly": the good ones are recognised when they come again, so halving finds the bad.
  [[nodiscard]] DeliveryVerdict judge(const OutgoingAnswer& answer,
                                      std::size_t batch_size) const override {
    using Kind = DeliveryVerdict::Kind;
    const auto body = parse_foreign_json(answer.body);
    const std::int64_t code = answer_integer(body, "code", -1);
    if (answer.status != 200) return DescribedDestination::judge(answer, batch_size);
    if (code < 0) return {Kind::retry, 0, 0, "TikTok answered 200 without a code"};
    const std::string reason =
        "TikTok answered code " + std::to_string(code) + ": " + answer_text(body, "message");
    if (code == 0) return {Kind::delivered, 0, 0, {}};
    if (code == 40100) return {Kind::rate_limited, kMinuteMs, 0, reason};
    if (code == 40001 || (code >= 40101 && code < 40200)) return {Kind::auth_failed, 0, 0, reason};
    if (code >= 50000) return {Kind::retry, 0, 0, reason};
    return refused_events(reason, batch_size);  // 20001, 40002 …
  }

  [[nodiscard]] std::optional<OutgoingRequest> as_test(
      OutgoingRequest request, const DestinationConfig& config) const override {
    if (setting(config, "test_event_code").empty()) return {};
    return request;
  }

 private:
  static std::string properties_of(const Dispatch& dispatch, const std::optional<Money>& money) {
    JsonObject properties;
    if (money) properties.raw("value", money->value).text("currency", money->currency);
    if (dispatch.conversion) properties.text("order_id", dispatch.conversion->order_id);
    const auto goods = goods_of(dispatch);
    const std::string contents =
        items_json(goods, money ? money->currency : "",
                   {"content_id", "content_name", "content_category", "price", "quantity"});
    if (!contents.empty())
      properties.text("content_type", "product")
          .raw("contents", contents)
          .number("num_items", quantity_of(goods));
    return properties.is_empty() ? std::string() : properties.finish();
  }
};

}  // namespace

const Destination& tiktok() {
  static const Tiktok destination;
  return destination;
}

}  // namespace tl::server::destinations
