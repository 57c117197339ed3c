// SPDX-License-Identifier: Apache-2.0
// Reddit Conversions API v3: POST {base_url}/api/v3/pixels/{pixel_id}/conversion_events, up to 1000
// events. Hashes e-mails in a way of its own: dots and +tag are gone at every domain.
// Source: repository rudderlabs/rudder-transformer cdk/v2/destinations/reddit; Reddit help "Event
// deduplication"; 2026-11.
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

class Reddit final : public DescribedDestination {
 public:
  Reddit()
      : DescribedDestination(
            {"reddit",
             "Reddit",
             "https://ads-api.reddit.com",
             Purpose::marketing,
             {.max_batch = 100,
              .max_age_ms = 7 * kDayMs,
              .dedup_window_ms = 47 * kHourMs,
              .timeout_ms = 10'000},
             {{"page_view", "PAGE_VISIT"},
              {"content_view", "VIEW_CONTENT"},
              {"add_to_cart", "ADD_TO_CART"},
              {"checkout_started", "CUSTOM"},
              {"lead", "LEAD"},
              {"email_signup", "SIGN_UP"},
              {"signup", "SIGN_UP"},
              {"purchase", "PURCHASE"}},
             "CUSTOM",
             {{"pixel_id", "id of the pixel", "", Setting::Form::word, true},
              {"access_token", "conversion access token", "", Setting::Form::visible, true, true},
              {"test_id", "shows events in the Events Manager's test view", "",
               Setting::Form::word}},
             {},
             /*uses_address=*/true}) {}

  Outcome<std::string> build(const Dispatch& dispatch, const DestinationConfig&,
                             std::int64_t now_ms) const override {
    const Customer customer = customer_of(dispatch, "reddit", "e164");
    const std::string click = click_id_of(dispatch, "rdt_cid");
    const std::string cookie = cookie_of(dispatch, &VendorCookies::rdt_uuid);
    if (!leads_somewhere(customer) && click.empty() && cookie.empty())
      return leads_to_nobody("Reddit");
    const std::string name = their_name(dispatch.event_name);
    JsonObject event, type;
    type.text("tracking_type", name);
    if (name == "CUSTOM") type.text("custom_event_name", dispatch.event_name);
    event.number("event_at", std::min(dispatch.occurred_ms, now_ms))
        .text("action_source", "WEBSITE");
    if (is_web_url(dispatch.url)) event.text("event_source_url", dispatch.url);
    event.text("click_id", click)
        .raw("type", type.finish())
        .raw("metadata", metadata_of(dispatch))
        .raw("user", user_of(dispatch, customer));
    return event.finish();
  }

  OutgoingRequest envelope(const std::vector<std::string>& bodies,
                           const DestinationConfig& config) const override {
    JsonObject data, body;
    data.text("partner", "throughline")
        .text("test_id", setting(config, "test_id"))
        .raw("events", json_list(bodies));
    body.raw("data", data.finish());
    OutgoingRequest request =
        post(config, "/api/v3/pixels/" + setting(config, "pixel_id") + "/conversion_events",
             body.finish());
    request.headers["Authorization"] = "Bearer " + setting(config, "access_token");
    return request;
  }

  // A batch that is partly bad is refused with 400, or taken with its bad ones listed.
  [[nodiscard]] DeliveryVerdict judge(const OutgoingAnswer& answer,
                                      std::size_t batch_size) const override {
    DeliveryVerdict verdict = DescribedDestination::judge(answer, batch_size);
    if (verdict.kind != DeliveryVerdict::Kind::delivered) return verdict;
    const auto body = parse_foreign_json(answer.body);
    const auto& data = answer_part(body, "data");
    EachVerdict each(batch_size, DeliveryVerdict::Kind::delivered, {});
    for (const auto& bad : answer_part(data.is_object() ? data : body, "invalid_events"))
      each.refuse(answer_index(bad, "index", batch_size),
                  "Reddit refused the event: " + bad.dump());
    return std::move(each).finish();
  }

  [[nodiscard]] std::optional<OutgoingRequest> as_test(
      OutgoingRequest request, const DestinationConfig& config) const override {
    if (setting(config, "test_id").empty()) return {};
    return request;
  }

 private:
  static std::string metadata_of(const Dispatch& dispatch) {
    JsonObject metadata;
    metadata.text("conversion_id", uuid_text(dispatch.event_id));
    const auto money = money_of(dispatch);
    if (money) metadata.text("currency", money->currency).raw("value", money->value);
    const auto goods = goods_of(dispatch);
    if (const std::int64_t count = quantity_of(goods); count > 0)
      metadata.number("item_count", count)
          .raw("products", items_json(goods, money ? money->currency : "",
                                      {"id", "name", "category", "item_price", "quantity"}));
    return metadata.finish();
  }

  static std::string user_of(const Dispatch& dispatch, const Customer& customer) {
    JsonObject user;
    user.text("email", customer.email)
        .text("phone_number", customer.phone)
        .text("external_id", customer.external_ids.empty() ? "" : customer.external_ids.front())
        .text("ip_address", customer.ip.empty() ? "" : sha256_hex(customer.ip))
        .text("user_agent", customer.user_agent)
        .text("uuid", cookie_of(dispatch, &VendorCookies::rdt_uuid));
    if (dispatch.consent.opted_out_of_sale)
      user.raw("data_processing_options", R"({"modes":["LDU"]})");
    return user.finish();
  }
};

}  // namespace

const Destination& reddit() {
  static const Reddit destination;
  return destination;
}

}  // namespace tl::server::destinations
