// SPDX-License-Identifier: Apache-2.0
// One event is one object of `data`. It is checked here against what Meta refuses: one refused
// event refuses its whole request.
#include "server/destinations/meta.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/durations.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/destinations/customer.hpp"
#include "server/destinations/event_facts.hpp"
#include "server/destinations/json_object.hpp"
#include "server/destinations/meta_answer.hpp"
#include "server/destinations/meta_click.hpp"
#include "server/destinations/settings.hpp"

#include <algorithm>

namespace tl::server::destinations {
namespace {

struct UserData {
  std::string json;
  bool has_agent = false;
  bool is_sufficient = false;
};

// Sufficient: at least one key that leads to a person or browser (facts: too little customer
// information, subcode 2804050).
UserData user_data(const Dispatch& dispatch) {
  JsonObject data;
  UserData result;
  const Customer customer = customer_of(dispatch, "digits", "digits");
  add_hashed_user(data, customer);
  result.has_agent = !customer.user_agent.empty();
  const std::string fbc = meta_fbc_of(dispatch);
  const std::string fbp = meta_fbp_of(dispatch);
  data.text("fbc", fbc).text("fbp", fbp);
  result.is_sufficient = leads_somewhere(customer) || !fbc.empty() || !fbp.empty();
  result.json = data.finish();
  return result;
}

std::string custom_data(const Dispatch& dispatch) {
  JsonObject data;
  std::string currency;
  if (const auto money = money_of(dispatch)) {
    const bool is_worth_saying = dispatch.event_name == "purchase" || money->value != "0";
    currency = money->currency;
    if (is_worth_saying) data.raw("value", money->value).text("currency", currency);
  }
  if (dispatch.conversion && (dispatch.event_name == "purchase" || dispatch.event_name == "refund"))
    data.text("order_id", dispatch.conversion->order_id);

  // The content last viewed says what was wanted; the items say what was paid.
  const Content content = content_of(dispatch);
  const std::vector<Item> items = items_of(dispatch);
  std::vector<std::string> ids;
  if (!content.id.empty()) {
    ids.push_back(content.id);
  } else {
    for (const Item& item : items) ids.push_back(item.id);
  }
  if (!ids.empty()) data.texts("content_ids", ids).text("content_type", "product");
  data.text("content_name", content.name.empty() && !items.empty() ? items[0].name : content.name);
  data.text("content_category",
            content.category.empty() && !items.empty() ? items[0].category : content.category);
  if (!items.empty())
    data.raw("contents",
             items_json(items, currency, {"id", "title", "category", "item_price", "quantity"}));
  return data.is_empty() ? std::string() : data.finish();
}

// A refund is no event that Meta documents: a name of our own, kept out of optimisation and tied to
// the purchase. Sent only where the site lists it.
void add_refund(JsonObject& event, const ConversionRow& purchase) {
  event.flag("opt_out", true);
  JsonObject original;
  original.text("event_name", "Purchase")
      .number("event_time", purchase.occurred_ms / 1000)
      .text("order_id", purchase.order_id)
      .text("event_id", uuid_text(purchase.id));
  event.raw("original_event_data", original.finish());
}

}  // namespace

Meta::Meta()
    : DescribedDestination(
          {"meta",
           "Meta",
           "https://graph.facebook.com",
           Purpose::marketing,
           {.max_batch = 100,                 // one bad event costs the request: small, to bisect
            .max_age_ms = 7 * kDayMs,         // one older event refuses the request
            .dedup_window_ms = 47 * kHourMs,  // of 48: the repeat must arrive inside
            .timeout_ms = 5000},
           {{"page_view", "PageView"},
            {"content_view", "ViewContent"},
            {"add_to_cart", "AddToCart"},
            {"checkout_started", "InitiateCheckout"},
            {"lead", "Lead"},
            {"email_signup", "CompleteRegistration"},
            {"signup", "CompleteRegistration"},
            {"purchase", "Purchase"},
            {"refund", "Refund", false}},
           {},
           {{"pixel_id", "id of the pixel or dataset", "", Setting::Form::digits, true},
            {"access_token", "Conversions API token", "", Setting::Form::visible, true, true},
            {"api_version", "Graph API version", "v25.0"},
            {"test_event_code", "shows events under Test events; they still count", "",
             Setting::Form::word},
            {"app_secret", "signs requests (appsecret_proof) where the app demands it", "",
             Setting::Form::visible, false, true}},
           {},
           /*uses_address=*/true}) {}

Outcome<void> Meta::check(const DestinationConfig& config) const {
  TL_CHECK(DescribedDestination::check(config));
  const std::string version = setting(config, "api_version", "v25.0");
  const auto dot = version.find('.');
  if (!version.starts_with('v') || dot == version.npos ||
      version.find_first_not_of("0123456789.", 1) != version.npos || dot + 1 == version.size())
    return bad_setting(config, "api_version", "must look like v25.0");
  for (const auto& name : config.events)
    if (name == "video_progress")
      return bad_setting(config, "events", "names video_progress, which is never sent to Meta");
  return {};
}

std::string Meta::doubt(const DestinationConfig& config) const {
  if (setting(config, "test_event_code").empty()) return {};
  return "test_event_code is set: every event of this site goes to Meta as a test and still counts "
         "for ads; leave it out once you have seen them arrive.";
}

Outcome<std::string> Meta::build(const Dispatch& dispatch, const DestinationConfig&,
                                 std::int64_t now_ms) const {
  const auto money = money_of(dispatch);
  if (dispatch.event_name == "purchase" && !money)
    return invalid("purchase_without_currency",
                   "Meta takes a Purchase only with value and currency");
  const UserData user = user_data(dispatch);
  if (!user.is_sufficient) return leads_to_nobody("Meta");

  const bool is_renewal =
      dispatch.conversion && dispatch.conversion->subscription == SubscriptionRole::renewal;
  const bool is_web = is_web_url(dispatch.url) && user.has_agent;
  JsonObject event;
  event.text("event_name", their_name(dispatch.event_name))
      .number("event_time", std::min(dispatch.occurred_ms, now_ms) / 1000)
      .text("event_id", uuid_text(dispatch.event_id))
      .text("action_source", is_renewal ? "system_generated"
                             : is_web   ? "website"
                                        : "other");
  if (is_web_url(dispatch.url)) event.text("event_source_url", dispatch.url);
  if (is_web_url(dispatch.referrer)) event.text("referrer_url", dispatch.referrer);
  event.raw("user_data", user.json);
  if (const std::string custom = custom_data(dispatch); !custom.empty())
    event.raw("custom_data", custom);
  if (dispatch.event_name == "refund" && dispatch.conversion)
    add_refund(event, *dispatch.conversion);
  if (dispatch.consent.opted_out_of_sale)
    event.raw("data_processing_options", R"(["LDU"])")
        .number("data_processing_options_country", 0)
        .number("data_processing_options_state", 0);
  return event.finish();
}

OutgoingRequest Meta::envelope(const std::vector<std::string>& bodies,
                               const DestinationConfig& config) const {
  const std::string token = setting(config, "access_token");
  JsonObject request;
  request.raw("data", json_list(bodies))
      .text("test_event_code", setting(config, "test_event_code"))
      .text("access_token", token);  // here and not in the URL, which proxies log
  if (const std::string secret = setting(config, "app_secret"); !secret.empty()) {
    const Digest proof = hmac_sha256(secret, token);
    request.text("appsecret_proof", to_hex(proof));
  }
  return post(
      config,
      "/" + setting(config, "api_version", "v25.0") + "/" + setting(config, "pixel_id") + "/events",
      request.finish());
}

std::optional<OutgoingRequest> Meta::as_test(OutgoingRequest request,
                                             const DestinationConfig& config) const {
  if (setting(config, "test_event_code").empty()) return {};
  return request;
}

DeliveryVerdict Meta::judge(const OutgoingAnswer& answer, std::size_t batch_size) const {
  return judge_meta(answer, batch_size);
}

}  // namespace tl::server::destinations
