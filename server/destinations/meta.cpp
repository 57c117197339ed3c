// SPDX-License-Identifier: Apache-2.0
// One event is one object of `data`. It is checked here against what Meta refuses: one refused
// event refuses its whole request.
#include "server/destinations/meta.hpp"

#include "server/core/ascii.hpp"
#include "server/core/durations.hpp"
#include "server/core/meta_cleaning.hpp"
#include "server/core/secret_box.hpp"
#include "server/core/uuid_text.hpp"
#include "server/destinations/event_facts.hpp"
#include "server/destinations/json_object.hpp"
#include "server/destinations/meta_answer.hpp"
#include "server/destinations/meta_click.hpp"
#include "server/destinations/public_address.hpp"
#include "server/destinations/settings.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace tl::server::destinations {
namespace {

using Json = nlohmann::json;

struct NamePair {
  std::string_view ours, theirs;
};
constexpr std::array<NamePair, 9> kNames = {{{"page_view", "PageView"},
                                             {"content_view", "ViewContent"},
                                             {"add_to_cart", "AddToCart"},
                                             {"checkout_started", "InitiateCheckout"},
                                             {"lead", "Lead"},
                                             {"email_signup", "CompleteRegistration"},
                                             {"signup", "CompleteRegistration"},
                                             {"purchase", "Purchase"},
                                             {"refund", "Refund"}}};

std::string meta_name(const std::string& event_name) {
  for (const auto& pair : kNames)
    if (pair.ours == event_name) return std::string(pair.theirs);
  return event_name;
}

bool is_web_url(std::string_view url) {
  return url.starts_with("https://") || url.starts_with("http://");
}

std::string hash_of(std::string_view text) {
  const Digest digest = sha256(text);
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string variant(const std::string& variants, const char* name) {
  const Json json = Json::parse(variants, nullptr, false);
  if (!json.is_object()) return {};
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string list_of(const std::vector<std::string>& values) {
  std::string list = "[";
  for (const auto& value : values) list += (list.size() > 1 ? "," : "") + JsonObject::quoted(value);
  return list + "]";
}

void add_hash(JsonObject& data, std::string_view key, const std::string& hash) {
  if (!hash.empty()) data.raw(key, list_of({hash}));
}

// Country and name parts that came with the payment; the names are hashed already.
void add_customer(JsonObject& data, const OrderRow& order) {
  const Json customer = Json::parse(order.customer, nullptr, false);
  if (!customer.is_object()) return;
  for (const auto& [name, key] : {std::pair{"fn", MetaKey::fn}, std::pair{"ln", MetaKey::ln},
                                  std::pair{"country", MetaKey::country}}) {
    const auto found = customer.find(name);
    if (found == customer.end() || !found->is_string()) continue;
    if (const auto value = meta_cleaned(key, found->get<std::string>(), {}))
      add_hash(data, name, value->sent);
  }
}

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
  const std::string em = variant(dispatch.email_variants, "digits");
  const std::string ph = variant(dispatch.phone_variants, "digits");
  add_hash(data, "em", em);
  add_hash(data, "ph", ph);
  if (dispatch.order) add_customer(data, *dispatch.order);
  std::vector<std::string> external;
  if (dispatch.anonymous_id) external.push_back(hash_of(uuid_text(*dispatch.anonymous_id)));
  if (!dispatch.user_id.empty()) external.push_back(hash_of(dispatch.user_id));
  if (!external.empty()) data.raw("external_id", list_of(external));
  bool has_address = false;
  if (dispatch.context) {
    has_address = is_public_address(dispatch.context->ip);
    if (has_address) data.text("client_ip_address", dispatch.context->ip);
    data.text("client_user_agent", dispatch.context->user_agent);
    result.has_agent = !dispatch.context->user_agent.empty();
  }
  const std::string fbc = meta_fbc_of(dispatch);
  const std::string fbp = meta_fbp_of(dispatch);
  data.text("fbc", fbc).text("fbp", fbp);
  result.is_sufficient = !em.empty() || !ph.empty() || !external.empty() || !fbc.empty() ||
                         !fbp.empty() || (has_address && result.has_agent);
  result.json = data.finish();
  return result;
}

std::string contents_of(const std::vector<Item>& items, std::string_view currency) {
  std::string list = "[";
  for (const Item& item : items) {
    JsonObject entry;
    entry.text("id", item.id).number("quantity", item.quantity);
    if (item.price_minor && !currency.empty())
      entry.raw("item_price", major_units(*item.price_minor, currency));
    entry.text("title", item.name).text("category", item.category);
    list += (list.size() > 1 ? "," : "") + entry.finish();
  }
  return list + "]";
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
  if (!ids.empty()) data.raw("content_ids", list_of(ids)).text("content_type", "product");
  data.text("content_name", content.name.empty() && !items.empty() ? items[0].name : content.name);
  data.text("content_category",
            content.category.empty() && !items.empty() ? items[0].category : content.category);
  if (!items.empty()) data.raw("contents", contents_of(items, currency));
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

DestinationLimits Meta::limits() const {
  DestinationLimits limits;
  limits.max_batch = 100;                 // one bad event costs the request: small enough to bisect
  limits.max_age_ms = 7 * 24 * kHourMs;   // one older event refuses the request
  limits.dedup_window_ms = 47 * kHourMs;  // of 48: the repeat must arrive inside
  limits.timeout_ms = 5000;
  return limits;
}

Outcome<void> Meta::check(const DestinationConfig& config) const {
  TL_CHECK(check_pattern(config, "pixel_id", is_digit, 1, 32));
  TL_CHECK(check_pattern(config, "access_token", is_visible, 1, 1024));
  TL_CHECK(check_pattern(config, "test_event_code", is_word, 0, 64));
  TL_CHECK(check_pattern(config, "app_secret", is_visible, 0, 256));
  TL_CHECK(check_base_url(config));
  const std::string version = setting(config, "api_version", "v25.0");
  const auto dot = version.find('.');
  if (!version.starts_with('v') || dot == version.npos ||
      version.find_first_not_of("0123456789.", 1) != version.npos || dot + 1 == version.size())
    return bad_setting(config, "api_version", "must look like v25.0");
  for (const auto& name : config.events)
    if (name == "session_end" || name == "video_progress" || name == "*")
      return bad_setting(config, "events",
                         name + " is never sent to Meta; name the events to send");
  return {};
}

std::vector<std::string> Meta::default_events() const {
  return {"page_view", "content_view", "add_to_cart", "checkout_started",
          "lead",      "email_signup", "signup",      "purchase"};
}

Outcome<std::string> Meta::build(const Dispatch& dispatch, const DestinationConfig&,
                                 std::int64_t now_ms) const {
  const auto money = money_of(dispatch);
  if (dispatch.event_name == "purchase" && !money)
    return invalid("purchase_without_currency",
                   "Meta takes a Purchase only with value and currency");
  const UserData user = user_data(dispatch);
  if (!user.is_sufficient)
    return invalid("too_little_customer_information",
                   "nothing in this event leads Meta to a person or browser: no e-mail, phone, id, "
                   "click id or address with user agent");

  const bool is_renewal =
      dispatch.conversion && dispatch.conversion->subscription == SubscriptionRole::renewal;
  const bool is_web = is_web_url(dispatch.url) && user.has_agent;
  JsonObject event;
  event.text("event_name", meta_name(dispatch.event_name))
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
  std::string data = "[";
  for (const auto& body : bodies) data += (data.size() > 1 ? "," : "") + body;
  const std::string token = setting(config, "access_token");
  JsonObject request;
  request.raw("data", data + "]")
      .text("test_event_code", setting(config, "test_event_code"))
      .text("access_token", token);  // here and not in the URL, which proxies log
  if (const std::string secret = setting(config, "app_secret"); !secret.empty()) {
    const Digest proof = hmac_sha256(secret, token);
    request.text("appsecret_proof",
                 to_hex({reinterpret_cast<const char*>(proof.data()), proof.size()}));
  }
  OutgoingRequest outgoing;
  outgoing.url = base_url(config, "https://graph.facebook.com") + "/" +
                 setting(config, "api_version", "v25.0") + "/" + setting(config, "pixel_id") +
                 "/events";
  outgoing.headers = {{"Content-Type", "application/json"}};
  outgoing.body = request.finish();
  outgoing.timeout_ms = limits().timeout_ms;
  return outgoing;
}

DeliveryVerdict Meta::judge(const OutgoingAnswer& answer, std::size_t batch_size) const {
  return judge_meta(answer, batch_size);
}

}  // namespace tl::server::destinations
