// SPDX-License-Identifier: Apache-2.0
// Microsoft Advertising, UET Conversions API: POST {base_url}/v1/{tag_id}/events, up to 1000
// events, errors by index. Access is granted by Microsoft on request. Source: Microsoft
// documentation "UET Conversions API guide"; repository segmentio/action-destinations ms-bing-capi;
// 2026-11.
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

class Microsoft final : public DescribedDestination {
 public:
  Microsoft()
      : DescribedDestination(
            {"microsoft",
             "Microsoft",
             "https://capi.uet.microsoft.com",
             Purpose::marketing,
             {.max_batch = 100,
              .max_age_ms = 7 * kDayMs,
              .dedup_window_ms = 47 * kHourMs,
              .timeout_ms = 10'000,
              .has_limited_use = false},
             {{"page_view", "pageLoad"},
              {"checkout_started", "checkout_started"},
              {"lead", "lead"},
              {"email_signup", "email_signup"},
              {"signup", "signup"},
              {"purchase", "purchase"}},
             {},
             {{"tag_id", "id of the UET tag", "", Setting::Form::digits, true},
              {"access_token", "Conversions API token", "", Setting::Form::visible, true, true}},
             {},
             /*uses_address=*/true}) {}

  Outcome<std::string> build(const Dispatch& dispatch, const DestinationConfig&,
                             std::int64_t now_ms) const override {
    const Customer customer = customer_of(dispatch, "digits", "digits");
    const std::string click = click_id_of(dispatch, "msclkid");
    if (!leads_somewhere(customer) && click.empty()) return leads_to_nobody("Microsoft");
    const bool is_page = dispatch.event_name == "page_view";
    JsonObject event, user;
    event.text("eventType", is_page ? "pageLoad" : "custom")
        .text("eventId", uuid_text(dispatch.event_id))
        .text("eventName", is_page ? "" : their_name(dispatch.event_name))
        .number("eventTime", std::min(dispatch.occurred_ms, now_ms) / 1000);
    if (is_web_url(dispatch.url)) event.text("eventSourceUrl", dispatch.url);
    if (is_web_url(dispatch.referrer)) event.text("referrerUrl", dispatch.referrer);
    event.text("pageTitle", dispatch.title).text("adStorageConsent", "G");
    user.text("clientUserAgent", customer.user_agent)
        .text("clientIpAddress", customer.ip)
        .text("anonymousId", anonymous_id_text(dispatch))
        .text("externalId", dispatch.user_id.empty() ? "" : sha256_hex(dispatch.user_id))
        .text("em", customer.email)
        .text("ph", customer.phone)
        .text("msclkid", click);
    event.raw("userData", user.finish());
    if (const auto custom = custom_data(dispatch); !custom.empty()) event.raw("customData", custom);
    // Else one bad field refuses the event's whole request.
    event.flag("continueOnValidationError", true);
    return event.finish();
  }

  OutgoingRequest envelope(const std::vector<std::string>& bodies,
                           const DestinationConfig& config) const override {
    JsonObject body;
    body.raw("data", json_list(bodies));
    OutgoingRequest request =
        post(config, "/v1/" + setting(config, "tag_id") + "/events", body.finish());
    request.headers["Authorization"] = "Bearer " + setting(config, "access_token");
    return request;
  }

  // With `error.details` only those are bad: a 2xx took the others, a 400 took none.
  [[nodiscard]] DeliveryVerdict judge(const OutgoingAnswer& answer,
                                      std::size_t batch_size) const override {
    DeliveryVerdict verdict = DescribedDestination::judge(answer, batch_size);
    using Kind = DeliveryVerdict::Kind;
    if (verdict.kind != Kind::delivered && answer.status != 400) return verdict;
    const auto body = parse_foreign_json(answer.body);
    const auto& details = answer_part(answer_part(body, "error"), "details");
    EachVerdict each(batch_size, answer.status == 400 ? Kind::bisect : Kind::delivered,
                     verdict.reason);
    for (const auto& detail : details)
      each.refuse(answer_index(detail, "index", batch_size),
                  "Microsoft refused the event: " + detail.dump());
    return std::move(each).finish();
  }

 private:
  static std::string custom_data(const Dispatch& dispatch) {
    JsonObject data;
    const auto money = money_of(dispatch);
    if (money) data.raw("eventValue", money->value);
    if (dispatch.conversion) data.text("transactionId", dispatch.conversion->order_id);
    if (money) data.text("currency", money->currency);
    const auto goods = goods_of(dispatch);
    data.texts("itemIds", ids_of(goods));
    if (money && dispatch.event_name == "purchase")
      data.text("pageType", "purchase").raw("ecommTotalValue", money->value);
    const std::string items =
        items_json(goods, money ? money->currency : "", {"id", "name", "", "price", "quantity"});
    if (!items.empty()) data.raw("items", items);
    return data.is_empty() ? std::string() : data.finish();
  }
};

}  // namespace

const Destination& microsoft() {
  static const Microsoft destination;
  return destination;
}

}  // namespace tl::server::destinations
