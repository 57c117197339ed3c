// SPDX-License-Identifier: Apache-2.0
// Snap Conversions API v3: POST {base_url}/v3/{pixel_id}/events?access_token=…, up to 2000 events.
// Source: Snap developer documentation "Conversions API: Using the API"; repository
// segmentio/action-destinations snap-conversions-api; 2026-11.
#include "server/core/durations.hpp"
#include "server/core/text/percent_encoding.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/destinations/customer.hpp"
#include "server/destinations/described.hpp"
#include "server/destinations/event_facts.hpp"
#include "server/destinations/json_object.hpp"
#include "server/destinations/settings.hpp"
#include "server/destinations/vendors.hpp"

#include <algorithm>

namespace tl::server::destinations {
namespace {

class Snap final : public DescribedDestination {
 public:
  Snap()
      : DescribedDestination(
            {"snap",
             "Snap",
             "https://tr.snapchat.com",
             Purpose::marketing,
             {.max_batch = 100,
              .max_age_ms = 37 * kDayMs,
              .dedup_window_ms = 47 * kHourMs,
              .timeout_ms = 10'000,
              .first_attempt_margin_ms = kDayMs},
             {{"page_view", "PAGE_VIEW"},
              {"content_view", "VIEW_CONTENT"},
              {"add_to_cart", "ADD_CART"},
              {"checkout_started", "START_CHECKOUT"},
              {"lead", "CUSTOM_EVENT_1"},
              {"email_signup", "SIGN_UP"},
              {"signup", "SIGN_UP"},
              {"purchase", "PURCHASE"},
              {"video_progress", "CUSTOM_EVENT_2", false}},
             "CUSTOM_EVENT_3",
             {{"pixel_id", "id of the pixel", "", Setting::Form::word, true},
              {"access_token", "Conversions API token", "", Setting::Form::visible, true, true}},
             {},
             /*uses_address=*/true}) {}

  Outcome<std::string> build(const Dispatch& dispatch, const DestinationConfig&,
                             std::int64_t now_ms) const override {
    const auto money = money_of(dispatch);
    if (dispatch.event_name == "purchase" && !money)
      return invalid("purchase_without_currency",
                     "Snap takes a PURCHASE only with value and currency");
    const Customer customer = customer_of(dispatch, "digits", "digits");
    if (customer.email.empty() && customer.phone.empty() && !customer.has_browser())
      return invalid(std::string(kTooLittleInformation),
                     "Snap needs an e-mail address, a phone number, or address and user agent");
    JsonObject event, user;
    add_hashed_user(user, customer);
    user.text("sc_click_id", click_id_of(dispatch, "sccid"));
    user.text("sc_cookie1", cookie_of(dispatch, &VendorCookies::scid));
    event.text("event_name", their_name(dispatch.event_name))
        .number("event_time", std::min(dispatch.occurred_ms, now_ms) / 1000)
        .text("event_id", uuid_text(dispatch.event_id))
        .text("action_source", "website");
    if (is_web_url(dispatch.url)) event.text("event_source_url", dispatch.url);
    event.raw("user_data", user.finish());
    JsonObject custom;
    if (money) custom.text("currency", money->currency).raw("value", money->value);
    if (dispatch.conversion) custom.text("order_id", dispatch.conversion->order_id);
    const auto goods = goods_of(dispatch);
    custom.texts("content_ids", ids_of(goods));
    const std::string contents =
        items_json(goods, money ? money->currency : "", {"id", "", "", "item_price", "quantity"});
    if (!contents.empty()) custom.raw("contents", contents).number("num_items", quantity_of(goods));
    if (!custom.is_empty()) event.raw("custom_data", custom.finish());
    if (dispatch.consent.opted_out_of_sale)
      event.raw("data_processing_options", R"(["LDU"])")
          .number("data_processing_options_country", 0)
          .number("data_processing_options_state", 0);
    return event.finish();
  }

  OutgoingRequest envelope(const std::vector<std::string>& bodies,
                           const DestinationConfig& config) const override {
    JsonObject body;
    body.raw("data", json_list(bodies));
    return post(config,
                "/v3/" + setting(config, "pixel_id") +
                    "/events?access_token=" + percent_encoded(setting(config, "access_token")),
                body.finish());
  }

  [[nodiscard]] std::optional<OutgoingRequest> as_test(OutgoingRequest request,
                                                       const DestinationConfig&) const override {
    request.url.insert(request.url.rfind('?'), "/validate");
    return request;
  }
};

}  // namespace

const Destination& snap() {
  static const Snap destination;
  return destination;
}

}  // namespace tl::server::destinations
