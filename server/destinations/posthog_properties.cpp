// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/posthog_properties.hpp"

#include "server/core/access/public_address.hpp"
#include "server/core/durations.hpp"
#include "server/core/outbox/delivery_consent.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/destinations/customer.hpp"
#include "server/destinations/event_facts.hpp"
#include "server/destinations/json_object.hpp"
#include "throughline/channel.hpp"
#include "throughline/text.hpp"
#include "throughline/url.hpp"

#include <algorithm>
#include <array>

namespace tl::server::destinations {
namespace {

constexpr std::size_t kMostUrlBytes = 1000;  // as posthog-js cuts them for a person

// The tags that posthog-js reports; others it does not know.
constexpr std::array<std::string_view, 28> kTags = {"utm_source",
                                                    "utm_medium",
                                                    "utm_campaign",
                                                    "utm_content",
                                                    "utm_term",
                                                    "gad_source",
                                                    "mc_cid",
                                                    "gclid",
                                                    "gclsrc",
                                                    "dclid",
                                                    "gbraid",
                                                    "wbraid",
                                                    "fbclid",
                                                    "msclkid",
                                                    "twclid",
                                                    "li_fat_id",
                                                    "igshid",
                                                    "ttclid",
                                                    "rdt_cid",
                                                    "epik",
                                                    "qclid",
                                                    "sccid",
                                                    "irclid",
                                                    "_kx",
                                                    "utm_id",
                                                    "utm_source_platform",
                                                    "utm_creative_format",
                                                    "utm_marketing_tactic"};

std::string host_of(const UrlView& url) {
  std::string host(url.host);
  if (!url.port.empty()) host.append(":").append(url.port);
  return host;
}

// $current_url, $host, $pathname, with the prefix that $set_once wants.
void add_page(JsonObject& json, const std::string& prefix, const std::string& url) {
  const auto parsed = parse_url(url);
  if (!parsed.ok()) return;
  json.text("$" + prefix + "current_url", cut_utf8(url, kMostUrlBytes));
  json.text("$" + prefix + "host", host_of(parsed.value()));
  json.text("$" + prefix + "pathname", parsed.value().path.empty() ? "/" : parsed.value().path);
}

// "$direct" is PostHog's word for "came from nowhere".
void add_referrer(JsonObject& json, const std::string& prefix, const std::string& referrer) {
  const auto parsed = parse_url(referrer);
  const bool has_one = parsed.ok() && !parsed.value().host.empty();
  json.text("$" + prefix + "referrer", has_one ? cut_utf8(referrer, kMostUrlBytes) : "$direct");
  json.text("$" + prefix + "referring_domain", has_one ? host_of(parsed.value()) : "$direct");
}

void add_tags(JsonObject& json, const std::string& prefix, const Origin& origin) {
  for (const auto& [name, value] : origin.tags)
    if (std::find(kTags.begin(), kTags.end(), name) != kTags.end()) json.text(prefix + name, value);
}

void add_money(JsonObject& json, const Dispatch& dispatch) {
  const auto money = money_of(dispatch);
  if (!money) return;
  // PostHog's own default reads minor units; which of the two it takes is set there.
  json.raw("revenue", money->value).text("currency", money->currency);
  if (!dispatch.conversion) return;
  const bool is_refund = dispatch.event_name == "refund";
  json.number("revenue_minor",
              is_refund ? dispatch.refunded_minor : dispatch.conversion->amount_minor);
}

void add_conversion(JsonObject& json, const ConversionRow& conversion) {
  json.text("order_id", conversion.order_id).text("provider", conversion.provider);
  if (conversion.subscription == SubscriptionRole::first) json.text("subscription", "first");
  if (conversion.subscription == SubscriptionRole::renewal) json.text("subscription", "renewal");
  if (!conversion.first_touch) return;
  json.number("tl_touches", conversion.touches)
      .number("tl_days_to_convert", conversion.days_to_convert);
}

// What the page said itself. Names with $ belong to PostHog and could change persons.
void add_own_properties(JsonObject& json, const Dispatch& dispatch) {
  const auto props = nlohmann::ordered_json::parse(dispatch.props, nullptr, false);
  if (!props.is_object()) return;
  constexpr std::array<std::string_view, 4> kTaken = {"revenue", "revenue_minor", "title",
                                                      "distinct_id"};
  for (const auto& [name, value] : props.items()) {
    if (name.empty() || name.starts_with('$') || name.starts_with("tl_") || value.is_null() ||
        std::find(kTaken.begin(), kTaken.end(), name) != kTaken.end())
      continue;
    if (name == "currency" && money_of(dispatch)) continue;
    json.raw(name, value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
}

void add_session(JsonObject& json, const Dispatch& dispatch) {
  if (!dispatch.session_id) return;
  const bool fits = is_in_posthog_session(*dispatch.session_id, dispatch.occurred_ms);
  json.text(fits ? "$session_id" : "tl_session_id", uuid_text(*dispatch.session_id));
}

void add_address(JsonObject& json, const Dispatch& dispatch, bool sends_ip) {
  const bool may = sends_ip && dispatch.context && permits_marketing_data(dispatch.consent) &&
                   is_public_address(dispatch.context->ip);
  if (may)
    json.text("$ip", dispatch.context->ip);
  else
    json.flag("$geoip_disable", true);  // else PostHog would locate this server
}

std::string first_attribution(const TouchRow& first) {
  const Origin origin = origin_of(first);
  JsonObject once;
  add_tags(once, "$initial_", origin);
  add_referrer(once, "initial_", origin.referrer);
  add_page(once, "initial_", origin.url);
  once.text("tl_first_channel", channel_name(first.channel));
  return once.finish();
}

}  // namespace

bool is_in_posthog_session(const Id128& session_id, std::int64_t t_ms) {
  const bool is_v7 = (session_id.bytes[6] >> 4) == 7;
  const std::int64_t start_ms = session_id.time_ms();
  return is_v7 && start_ms <= t_ms && t_ms < start_ms + kDayMs;
}

std::string posthog_properties(const Dispatch& dispatch, bool sends_ip) {
  JsonObject json;
  json.text("$lib", "throughline").text("$lib_version", TL_VERSION);
  add_address(json, dispatch, sends_ip);
  const std::string user_id = plain_user_id(dispatch);
  if (!dispatch.anonymous_id && user_id.empty())
    json.flag("$process_person_profile", false);  // nobody to make a person of
  add_session(json, dispatch);

  add_page(json, "", dispatch.url);
  json.text("title", dispatch.title);
  if (dispatch.last_touch) {
    const Origin origin = origin_of(*dispatch.last_touch);
    add_referrer(json, "", origin.referrer);
    add_tags(json, "", origin);
    json.text("tl_channel", channel_name(dispatch.last_touch->channel));
  }
  add_money(json, dispatch);
  if (dispatch.conversion) {
    add_conversion(json, *dispatch.conversion);
    const Content content = content_of(dispatch);
    json.text("content_id", content.id)
        .text("content_name", content.name)
        .text("content_category", content.category);
  } else {
    add_own_properties(json, dispatch);
  }
  if (!user_id.empty()) json.raw("$set", JsonObject().text("user_id", user_id).finish());
  if (dispatch.first_touch) json.raw("$set_once", first_attribution(*dispatch.first_touch));
  return json.finish();
}

}  // namespace tl::server::destinations
