// SPDX-License-Identifier: Apache-2.0
// A CRM that takes batches at {base_url}/track/events: {"events":[{"eventName","timestamp",
// "properties","context"}]}, with a key and a funnel in headers whose names the CRM chooses. May
// repeat. Hashed contacts go only where may_receive_contacts is on and marketing is permitted.
#include "server/core/durations.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/destinations/customer.hpp"
#include "server/destinations/described.hpp"
#include "server/destinations/event_facts.hpp"
#include "server/destinations/http_verdict.hpp"
#include "server/destinations/json_object.hpp"
#include "server/destinations/outgoing_event.hpp"
#include "server/destinations/settings.hpp"
#include "server/destinations/vendors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tl::server::destinations {
namespace {

class Crm final : public DescribedDestination {
 public:
  Crm()
      : DescribedDestination(
            {"crm",
             "the CRM",
             {},
             Purpose::storage,
             {.max_batch = 50, .max_age_ms = 76 * kHourMs, .timeout_ms = 20'000},
             {{"page_view", "page_view", false},
              {"checkout_started", "checkout_started"},
              {"email_signup", "email_signup"},
              {"signup", "signup"},
              {"lead", "lead"},
              {"purchase", "purchase"},
              {"refund", "refund"}},
             {},
             {{"url", "the CRM's address; https", "", Setting::Form::visible, true},
              {"path", "where it takes events", "/track/events"},
              {"api_key_header", "name of the header with the key", "X-API-Key",
               Setting::Form::word},
              {"api_key", "the key", "", Setting::Form::visible, true, true},
              {"funnel_header", "name of the header with the funnel", "", Setting::Form::word},
              {"funnel", "the funnel", "", Setting::Form::visible},
              {"max_batch", "events a request, up to 1000", "50", Setting::Form::digits},
              {"names", "what the CRM calls the event", "", Setting::Form::text, false, false,
               true},
              {"properties", "own properties of an event that are passed on, with commas between",
               "", Setting::Form::text},
              {"needs_marketing", "send only with marketing consent", "false", Setting::Form::flag},
              {"may_receive_contacts", "hashed contacts of visitors who granted marketing", "false",
               Setting::Form::flag},
              {"allow_http", "url may be http", "false", Setting::Form::flag}},
             {}}) {}

  [[nodiscard]] std::string_view title() const override { return "CRM"; }

  [[nodiscard]] Purpose purpose(const DestinationConfig& config) const override {
    return setting(config, "needs_marketing") == "true" ? Purpose::marketing : Purpose::storage;
  }

  [[nodiscard]] DestinationLimits limits(const DestinationConfig& config,
                                         std::string_view event_name) const override {
    DestinationLimits limits = DescribedDestination::limits(config, event_name);
    const std::string most = setting(config, "max_batch");
    if (!most.empty() && most.size() <= 4)
      limits.max_batch = static_cast<std::uint32_t>(std::stoul(most));
    return limits;
  }

  Outcome<void> check(const DestinationConfig& config) const override {
    TL_CHECK(DescribedDestination::check(config));
    TL_CHECK(check_endpoint(config, "url"));
    if (!setting(config, "path", "/track/events").starts_with('/'))
      return bad_setting(config, "path", "must begin with /");
    const std::string most = setting(config, "max_batch", "50");
    if (most.size() > 4 || std::stoul(most) < 1 || std::stoul(most) > 1000)
      return bad_setting(config, "max_batch", "must be from 1 to 1000");
    if (setting(config, "funnel_header").empty() != setting(config, "funnel").empty())
      return bad_setting(config, "funnel_header", "and funnel belong together");
    return {};
  }

  Outcome<std::string> build(const Dispatch& dispatch, const DestinationConfig& config,
                             std::int64_t) const override {
    JsonObject event;
    event
        .text("eventName",
              setting(config, "names." + dispatch.event_name, their_name(dispatch.event_name)))
        .text("timestamp", write_rfc3339(dispatch.occurred_ms))
        .raw("properties", properties_of(dispatch, config))
        .raw("context", context_of(dispatch));
    return event.finish();
  }

  OutgoingRequest envelope(const std::vector<std::string>& bodies,
                           const DestinationConfig& config) const override {
    OutgoingRequest request;
    request.url = setting(config, "url");
    while (request.url.ends_with('/')) request.url.pop_back();
    request.url += setting(config, "path", "/track/events");
    request.headers = {
        {"Content-Type", "application/json"},
        {setting(config, "api_key_header", "X-API-Key"), setting(config, "api_key")}};
    if (const std::string header = setting(config, "funnel_header"); !header.empty())
      request.headers[header] = setting(config, "funnel");
    if (bodies.size() == 1)
      request.headers["Idempotency-Key"] =
          nlohmann::json::parse(bodies.front())["properties"].value("eventId", "");
    JsonObject body;
    body.raw("events", json_list(bodies));
    request.body = body.finish();
    return request;
  }

  // 409: it has them already.
  [[nodiscard]] DeliveryVerdict judge(const OutgoingAnswer& answer,
                                      std::size_t batch_size) const override {
    if (answer.status == 409)
      return {DeliveryVerdict::Kind::delivered, 0, 0, answer_sentence("the CRM", answer)};
    return DescribedDestination::judge(answer, batch_size);
  }

 private:
  static std::string properties_of(const Dispatch& dispatch, const DestinationConfig& config) {
    JsonObject json;
    json.text("eventId", uuid_text(dispatch.event_id));
    if (dispatch.conversion) json.text("orderId", dispatch.conversion->order_id);
    if (const auto money = money_of(dispatch))
      json.raw("value", money->value).text("currency", money->currency);
    if (dispatch.last_touch) {
      JsonObject attribution;
      attribution.text("model", "last_touch")
          .text("source", dispatch.last_touch->source)
          .text("medium", dispatch.last_touch->medium)
          .text("campaign", dispatch.last_touch->campaign);
      json.raw("attribution", attribution.finish());
    }
    add_allowed(json, dispatch.props, setting(config, "properties"));
    if (setting(config, "may_receive_contacts") == "true")
      if (const auto contact = contact_json(dispatch); !contact.empty())
        json.raw("contact", contact);
    return json.finish();
  }

  // Only what the site names: a page's properties may hold anything.
  static void add_allowed(JsonObject& json, const std::string& props, const std::string& allowed) {
    const auto own = nlohmann::ordered_json::parse(props, nullptr, false);
    if (!own.is_object() || allowed.empty()) return;
    for (const auto& [name, value] : own.items()) {
      if (("," + allowed + ",").find("," + name + ",") == std::string::npos ||
          value.is_structured())
        continue;
      json.raw(name, value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    }
  }

  static std::string context_of(const Dispatch& dispatch) {
    JsonObject user, context;
    user.text("anonymousId", anonymous_id_text(dispatch)).text("userId", plain_user_id(dispatch));
    context.raw("user", user.finish());
    if (dispatch.session_id) {
      JsonObject session;
      session.text("sessionId", uuid_text(*dispatch.session_id));
      context.raw("session", session.finish());
    }
    JsonObject consent;
    consent.text("marketing", choice_text(dispatch.consent.marketing))
        .text("analytics", choice_text(dispatch.consent.storage));
    context.raw("consent", consent.finish());
    return context.finish();
  }
};

}  // namespace

const Destination& crm() {
  static const Crm destination;
  return destination;
}

}  // namespace tl::server::destinations
