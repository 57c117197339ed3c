// SPDX-License-Identifier: Apache-2.0
// Pinterest Conversions API: POST {base_url}/v5/ad_accounts/{ad_account_id}/events, up to 1000
// events, judged event by event. A field that Pinterest does not know refuses its event.
// Source: repository pinterest/api-description v5/openapi.yaml; Pinterest documentation
// "Conversions"; 2026-11.
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

class Pinterest final : public DescribedDestination {
 public:
  Pinterest()
      : DescribedDestination(
            {"pinterest",
             "Pinterest",
             "https://api.pinterest.com",
             Purpose::marketing,
             {.max_batch = 100,
              .max_age_ms = 7 * kDayMs,
              .dedup_window_ms = 47 * kHourMs,
              .timeout_ms = 10'000},
             {{"page_view", "page_visit"},
              {"content_view", "view_content"},
              {"add_to_cart", "add_to_cart"},
              {"checkout_started", "initiate_checkout"},
              {"lead", "lead"},
              {"email_signup", "signup"},
              {"signup", "signup"},
              {"purchase", "checkout"},
              {"video_progress", "watch_video", false}},
             "custom",
             {{"ad_account_id", "id of the ad account", "", Setting::Form::digits, true},
              {"access_token", "conversion token", "", Setting::Form::visible, true, true}},
             {},
             /*uses_address=*/true}) {}

  Outcome<std::string> build(const Dispatch& dispatch, const DestinationConfig&,
                             std::int64_t now_ms) const override {
    const Customer customer = customer_of(dispatch, "digits", "digits");
    if (customer.email.empty() && !customer.has_browser())
      return invalid(std::string(kTooLittleInformation),
                     "Pinterest needs an e-mail address, or address and user agent");
    JsonObject event, user;
    add_hashed_user(user, customer);
    user.text("click_id", click_or_cookie(dispatch, "epik", &VendorCookies::epik));
    event.text("event_name", their_name(dispatch.event_name))
        .text("action_source", "web")
        .number("event_time", std::min(dispatch.occurred_ms, now_ms) / 1000)
        .text("event_id", uuid_text(dispatch.event_id));
    if (is_web_url(dispatch.url)) event.text("event_source_url", dispatch.url);
    event.flag("opt_out", dispatch.consent.opted_out_of_sale);
    if (dispatch.consent.opted_out_of_sale) event.text("opt_out_type", "LDP");
    event.text("partner_name", "ss-throughline").raw("user_data", user.finish());
    if (const auto custom = custom_data(dispatch); !custom.empty())
      event.raw("custom_data", custom);
    return event.finish();
  }

  OutgoingRequest envelope(const std::vector<std::string>& bodies,
                           const DestinationConfig& config) const override {
    JsonObject body;
    body.raw("data", json_list(bodies));
    OutgoingRequest request = post(
        config, "/v5/ad_accounts/" + setting(config, "ad_account_id") + "/events", body.finish());
    request.headers["Authorization"] = "Bearer " + setting(config, "access_token");
    return request;
  }

  [[nodiscard]] DeliveryVerdict judge(const OutgoingAnswer& answer,
                                      std::size_t batch_size) const override {
    const auto body = parse_foreign_json(answer.body);
    const auto& events = answer_part(body, "events");
    const bool has_events = events.is_array() && events.size() == batch_size;
    if ((answer.status != 200 && answer.status != 422) || !has_events)
      return DescribedDestination::judge(answer, batch_size);
    EachVerdict each(batch_size, DeliveryVerdict::Kind::delivered, {});
    for (std::size_t i = 0; i < batch_size; ++i)
      if (answer_text(events[i], "status") == "failed")
        each.refuse(i, "Pinterest refused the event: " + answer_text(events[i], "error_message"));
    return std::move(each).finish();
  }

  [[nodiscard]] std::optional<OutgoingRequest> as_test(OutgoingRequest request,
                                                       const DestinationConfig&) const override {
    request.url += "?test=true";
    return request;
  }

 private:
  // Amounts are texts here.
  static std::string custom_data(const Dispatch& dispatch) {
    JsonObject data;
    const auto money = money_of(dispatch);
    if (money) data.text("currency", money->currency).text("value", money->value);
    if (dispatch.conversion) data.text("order_id", dispatch.conversion->order_id);
    const auto goods = goods_of(dispatch);
    data.texts("content_ids", ids_of(goods));
    const std::string contents =
        items_json(goods, money ? money->currency : "",
                   {"id", "item_name", "item_category", "item_price", "quantity", true});
    if (!contents.empty()) data.raw("contents", contents).number("num_items", quantity_of(goods));
    return data.is_empty() ? std::string() : data.finish();
  }
};

}  // namespace

const Destination& pinterest() {
  static const Pinterest destination;
  return destination;
}

}  // namespace tl::server::destinations
