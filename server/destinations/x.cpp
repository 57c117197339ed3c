// SPDX-License-Identifier: Apache-2.0
// X web conversions: POST {base_url}/12/measurement/conversions/{pixel_id}, up to 500 events,
// signed with OAuth 1.0a. Every event needs an event id of the pixel, tw-<pixel>-<event>
// (`event_ids`). Source: X developer documentation "Web conversions"; repository
// rudderlabs/rudder-transformer twitter_ads; 2026-11.
#include "server/core/durations.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/destinations/customer.hpp"
#include "server/destinations/described.hpp"
#include "server/destinations/event_facts.hpp"
#include "server/destinations/json_object.hpp"
#include "server/destinations/oauth1.hpp"
#include "server/destinations/settings.hpp"
#include "server/destinations/vendors.hpp"

#include <algorithm>

namespace tl::server::destinations {
namespace {

class X final : public DescribedDestination {
 public:
  X()
      : DescribedDestination(
            {"x",
             "X",
             "https://ads-api.x.com",
             Purpose::marketing,
             {.max_batch = 100,
              .max_age_ms = 7 * kDayMs,
              .dedup_window_ms = 47 * kHourMs,
              .timeout_ms = 10'000,
              .has_limited_use = false},
             {},
             {},
             {{"pixel_id", "id of the pixel", "", Setting::Form::word, true},
              {"consumer_key", "API key of the app", "", Setting::Form::visible, true, true},
              {"consumer_secret", "its secret", "", Setting::Form::visible, true, true},
              {"access_token", "of a user with access to the ad account", "",
               Setting::Form::visible, true, true},
              {"access_token_secret", "its secret", "", Setting::Form::visible, true, true},
              {"event_ids", "tw-… id of the pixel's event", "", Setting::Form::word, true, false,
               true}},
             "event_ids",
             /*uses_address=*/true}) {}

  Outcome<std::string> build(const Dispatch& dispatch, const DestinationConfig& config,
                             std::int64_t now_ms) const override {
    const Customer customer = customer_of(dispatch, "digits", "e164");
    std::vector<std::string> identifiers;
    for (const auto& [name, value] : {std::pair{"hashed_email", customer.email},
                                      std::pair{"hashed_phone_number", customer.phone},
                                      std::pair{"twclid", click_id_of(dispatch, "twclid")}}) {
      JsonObject identifier;
      if (!value.empty()) identifiers.push_back(identifier.text(name, value).finish());
    }
    if (customer.has_browser()) {  // counts as a pair only
      JsonObject browser;
      identifiers.push_back(
          browser.text("ip_address", customer.ip).text("user_agent", customer.user_agent).finish());
    }
    if (identifiers.empty()) return leads_to_nobody("X");
    JsonObject event;
    event.text("conversion_time", write_rfc3339(std::min(dispatch.occurred_ms, now_ms)))
        .text("event_id", setting(config, "event_ids." + dispatch.event_name))
        .raw("identifiers", json_list(identifiers))
        .text("conversion_id", uuid_text(dispatch.event_id));
    const auto money = money_of(dispatch);
    if (money) event.raw("value", money->value).text("price_currency", money->currency);
    const auto goods = goods_of(dispatch);
    if (const std::int64_t count = quantity_of(goods); count > 0)
      event.number("number_items", count)
          .raw("contents",
               items_json(goods, money ? money->currency : "",
                          {"content_id", "content_name", "", "content_price", "num_items", true}));
    return event.finish();
  }

  OutgoingRequest envelope(const std::vector<std::string>& bodies,
                           const DestinationConfig& config) const override {
    JsonObject body;
    body.raw("conversions", json_list(bodies));
    return post(config, "/12/measurement/conversions/" + setting(config, "pixel_id"),
                body.finish());
  }

  void sign(OutgoingRequest& request, const DestinationConfig& config,
            const SendMoment& moment) const override {
    request.headers["Authorization"] =
        oauth1_header(request.method, request.url,
                      {setting(config, "consumer_key"), setting(config, "consumer_secret"),
                       setting(config, "access_token"), setting(config, "access_token_secret")},
                      moment.now_ms, moment.nonce);
  }
};

}  // namespace

const Destination& x() {
  static const X destination;
  return destination;
}

}  // namespace tl::server::destinations
