// SPDX-License-Identifier: Apache-2.0
// The batch is validated by PostHog as a unit, so each event is checked here first. sent_at is left
// out: with it PostHog would shift every event by our clock's error, and a repeat hours later onto
// another day, where it is no longer recognised as a repeat.
#include "server/destinations/posthog.hpp"

#include "server/core/durations.hpp"
#include "server/core/text/foreign_json.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/destinations/customer.hpp"
#include "server/destinations/event_facts.hpp"
#include "server/destinations/json_object.hpp"
#include "server/destinations/posthog_properties.hpp"
#include "server/destinations/settings.hpp"
#include "throughline/hash.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace tl::server::destinations {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostEventBytes = 900'000;  // below 1 MB after PostHog's own additions
constexpr std::size_t kMostIdBytes = 200;

// PostHog never makes a person of these.
bool stands_for_nobody(std::string_view id) {
  constexpr std::array<std::string_view, 13> kNobody = {
      "anonymous", "guest",     "distinctid",      "distinct_id", "id",   "not_authenticated",
      "email",     "undefined", "[object object]", "null",        "none", "true",
      "false"};
  std::string lowered(trim(id));
  for (char& c : lowered) c = ascii_lower(c);
  return lowered.size() < 2 || std::find(kNobody.begin(), kNobody.end(), lowered) != kNobody.end();
}

// The browser's id first, for pages know no other: envelope() says that it is the user's.
std::string distinct_id(const Dispatch& dispatch) {
  if (dispatch.anonymous_id) return uuid_text(*dispatch.anonymous_id);
  if (const auto user_id = plain_user_id(dispatch); !user_id.empty() && !stands_for_nobody(user_id))
    return std::string(cut_utf8(user_id, kMostIdBytes));
  return uuid_text(dispatch.event_id);  // told by a server about nobody we know
}

// The id of an identification is that of its sale, so that repeats merge.
std::string identify_uuid(const std::string& event_uuid) {
  const Digest digest = FieldHash("tl-posthog-identify").add(event_uuid).finish();
  Id128 made;
  std::copy_n(digest.begin(), made.bytes.size(), made.bytes.begin());
  made.bytes[6] = static_cast<std::uint8_t>((made.bytes[6] & 0x0F) | 0x80);  // version 8
  made.bytes[8] = static_cast<std::uint8_t>((made.bytes[8] & 0x3F) | 0x80);
  return uuid_text(made);
}

// PostHog takes two ids for one person only where an $identify names both. Without it a sale told
// by user id alone, or of another browser, would be another person's. "" where there is one id.
std::string identify_before(const std::string& body) {
  const Json event = Json::parse(body, nullptr, false);
  if (!event.is_object()) return {};
  const std::string browser = event.value("distinct_id", "");
  const Json properties = event.value("properties", Json::object());
  const std::string user_id = properties.value(Json::json_pointer("/$set/user_id"), "");
  const std::string person(cut_utf8(user_id, kMostIdBytes));
  if (person.empty() || person == browser || stands_for_nobody(user_id)) return {};
  return JsonObject()
      .text("event", "$identify")
      .text("distinct_id", person)
      .text("uuid", identify_uuid(event.value("uuid", "")))
      .text("timestamp", event.value("timestamp", ""))
      .raw("properties", JsonObject()
                             .text("$anon_distinct_id", browser)
                             .text("$lib", "throughline")
                             .text("$lib_version", TL_VERSION)
                             .flag("$geoip_disable", true)
                             .finish())
      .finish();
}

DeliveryVerdict judge_success(const Json& body) {
  using Kind = DeliveryVerdict::Kind;
  const auto status = body.find("status");
  const bool is_ok =
      status != body.end() &&
      ((status->is_number() && *status == 1) ||
       (status->is_string() && equals_ignoring_case(status->get<std::string>(), "ok")));
  if (!is_ok) return {Kind::retry, 0, 0, "PostHog answered 200 without status Ok"};
  const auto limited = body.find("quota_limited");
  if (limited != body.end() && limited->is_array() && !limited->empty())
    return {
        Kind::delivered, 0, 0,
        "PostHog took the request but drops " + limited->dump() + ": the billing limit is reached"};
  return {Kind::delivered, 0, 0, {}};
}

}  // namespace

Posthog::Posthog()
    : DescribedDestination(
          {"posthog",
           "PostHog",
           "https://eu.i.posthog.com",
           Purpose::storage,
           // Recognised by uuid, name, distinct_id and calendar day: repeats keep them all.
           {.max_batch = 100, .timeout_ms = 10'000},
           {{"page_view", "$pageview"},
            {"content_view", "content_view"},
            {"video_progress", "video_progress"},
            {"scroll_depth", "scroll_depth"},
            {"click", "click"},
            {"form_submit", "form_submit"},
            {"add_to_cart", "add_to_cart"},
            {"checkout_started", "checkout_started"},
            {"email_signup", "email_signup"},
            {"signup", "signup"},
            {"lead", "lead"},
            {"purchase", "purchase"},
            {"refund", "refund"},
            {"custom", "custom"},
            {"*", "*"}},
           {},
           {{"api_key", "project API key (phc_…)", "", Setting::Form::word, true, true},
            {"send_ip", "pass on the address of visitors who granted marketing, for geography",
             "false", Setting::Form::flag}},
           {}}) {}

bool Posthog::uses_address(const DestinationConfig& config) const {
  return setting(config, "send_ip") == "true";
}

Outcome<void> Posthog::check(const DestinationConfig& config) const {
  TL_CHECK(DescribedDestination::check(config));
  if (setting(config, "api_key").starts_with("phx_"))
    return bad_setting(
        config, "api_key",
        "is a personal key (phx_…); PostHog takes events with the project's (phc_…)");
  return {};
}

Outcome<std::string> Posthog::build(const Dispatch& dispatch, const DestinationConfig& config,
                                    std::int64_t) const {
  if (dispatch.event_name.empty()) return invalid("missing_event_name", "the event has no name");
  JsonObject event;
  event.text("event", their_name(dispatch.event_name))
      .text("distinct_id", distinct_id(dispatch))
      .text("uuid", uuid_text(dispatch.event_id))
      // Text: a number would silently become the time of arrival.
      .text("timestamp", write_rfc3339(dispatch.occurred_ms))
      .raw("properties", posthog_properties(dispatch, uses_address(config)));
  std::string body = event.finish();
  if (body.size() > kMostEventBytes)
    return invalid("event_too_large", "PostHog takes events of up to 900,000 bytes");
  return body;
}

OutgoingRequest Posthog::envelope(const std::vector<std::string>& bodies,
                                  const DestinationConfig& config) const {
  std::vector<std::string> events;
  for (const auto& body : bodies) {
    if (auto identify = identify_before(body); !identify.empty())
      events.push_back(std::move(identify));
    events.push_back(body);
  }
  JsonObject request;
  request.text("api_key", setting(config, "api_key")).raw("batch", json_list(events));
  return post(config, "/batch/", request.finish());
}

DeliveryVerdict Posthog::judge(const OutgoingAnswer& answer, std::size_t batch_size) const {
  if (answer.reached != OutgoingAnswer::Reached::answered || answer.status != 200)
    return DescribedDestination::judge(answer, batch_size);
  const Json body = parse_foreign_json(answer.body);
  if (body.is_object()) return judge_success(body);
  return {DeliveryVerdict::Kind::retry, 0, 0, "PostHog answered 200 with something else than JSON"};
}

}  // namespace tl::server::destinations
