// SPDX-License-Identifier: Apache-2.0
// A webhook of the site's own, signed by the Standard Webhooks scheme: one event a request,
// {"type","timestamp","data"}. The id is the event's and stays; time and signature are the
// attempt's. May repeat: every [[site.destination.webhook]] is one endpoint.
// Source: standard-webhooks/standard-webhooks specification 1.0.0; npm standardwebhooks 1.1.1.
#include "server/core/access/secret_box.hpp"
#include "server/core/durations.hpp"
#include "server/core/ingest/replay.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/destinations/customer.hpp"
#include "server/destinations/described.hpp"
#include "server/destinations/event_facts.hpp"
#include "server/destinations/json_object.hpp"
#include "server/destinations/outgoing_event.hpp"
#include "server/destinations/settings.hpp"
#include "server/destinations/vendors.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tl::server::destinations {
namespace {

class Webhook final : public DescribedDestination {
 public:
  Webhook()
      : DescribedDestination(
            {"webhook",
             "the webhook",
             {},
             Purpose::storage,
             {.max_age_ms = 76 * kHourMs, .timeout_ms = 20'000},
             {{"purchase", "conversion.created"},
              {"lead", "conversion.created"},
              {"signup", "conversion.created"},
              {"refund", "conversion.refunded"},
              {"email_signup", "event.created"}},
             "event.created",
             {{"url", "where the events go; https", "", Setting::Form::visible, true},
              {"secret", "signing secret, whsec_ and base64 of 24 to 64 bytes", "",
               Setting::Form::visible, true, true},
              {"previous_secret", "signs as well, during a rotation", "", Setting::Form::visible,
               false, true},
              {"needs_marketing", "send only with marketing consent", "false", Setting::Form::flag},
              {"may_receive_contacts",
               "hashed contacts and click ids of visitors who granted marketing", "false",
               Setting::Form::flag},
              {"allow_http", "url may be http", "false", Setting::Form::flag},
              {"max_age_hours", "events older than this are not sent any more, up to 720", "76",
               Setting::Form::digits}},
             {}}) {}

  [[nodiscard]] std::string_view title() const override { return "Webhook"; }

  [[nodiscard]] Purpose purpose(const DestinationConfig& config) const override {
    return setting(config, "needs_marketing") == "true" ? Purpose::marketing : Purpose::storage;
  }

  [[nodiscard]] DestinationLimits limits(const DestinationConfig& config,
                                         std::string_view event_name) const override {
    DestinationLimits limits = DescribedDestination::limits(config, event_name);
    limits.max_age_ms = max_age_hours(config) * kHourMs;
    limits.first_attempt_margin_ms =
        std::min(limits.first_attempt_margin_ms, limits.max_age_ms / 2);
    return limits;
  }

  Outcome<void> check(const DestinationConfig& config) const override {
    TL_CHECK(DescribedDestination::check(config));
    if (const auto hours = max_age_hours(config); hours < 1 || hours > 720)
      return bad_setting(config, "max_age_hours", "must be from 1 to 720");
    TL_CHECK(check_endpoint(config, "url"));
    for (const char* name : {"secret", "previous_secret"}) {
      const std::string secret = setting(config, name);
      if (!secret.empty() && !key_of(secret))
        return bad_setting(config, name, "must be whsec_ and base64 of 24 to 64 bytes");
    }
    return {};
  }

  Outcome<std::string> build(const Dispatch& dispatch, const DestinationConfig& config,
                             std::int64_t) const override {
    JsonObject body;
    body.text("type", their_name(dispatch.event_name))
        .text("timestamp", write_rfc3339(dispatch.occurred_ms))
        .raw("data", data_of(dispatch, setting(config, "may_receive_contacts") == "true"));
    std::string text = body.finish();
    constexpr std::size_t kMostBytes = 20'000;
    if (text.size() > kMostBytes)
      return invalid("event_too_large", "a webhook carries up to 20,000 bytes");
    return text;
  }

  OutgoingRequest envelope(const std::vector<std::string>& bodies,
                           const DestinationConfig& config) const override {
    OutgoingRequest request;
    request.url = setting(config, "url");
    const auto body = nlohmann::json::parse(bodies.front());
    request.headers = {{"Content-Type", "application/json"},
                       {"webhook-id", body["data"].value("event_id", "")}};
    request.body = bodies.front();
    return request;
  }

  void sign(OutgoingRequest& request, const DestinationConfig& config,
            const SendMoment& moment) const override {
    const std::string seconds = std::to_string(moment.now_ms / 1000);
    const std::string content = request.headers["webhook-id"] + "." + seconds + "." + request.body;
    std::string signatures;
    for (const char* name : {"secret", "previous_secret"}) {
      const auto key = key_of(setting(config, name));
      if (!key) continue;
      const Digest mac = hmac_sha256(*key, content);
      signatures += (signatures.empty() ? "v1," : " v1,") +
                    to_base64({reinterpret_cast<const char*>(mac.data()), mac.size()});
    }
    request.headers["webhook-timestamp"] = seconds;
    request.headers["webhook-signature"] = signatures;
  }

  // Gateways of an endpoint that cannot keep up say so with 502 and 504; 410 asks for no more.
  [[nodiscard]] DeliveryVerdict judge(const OutgoingAnswer& answer,
                                      std::size_t batch_size) const override {
    DeliveryVerdict verdict = DescribedDestination::judge(answer, batch_size);
    if (answer.status == 502 || answer.status == 504) {
      verdict.kind = DeliveryVerdict::Kind::rate_limited;
      verdict.retry_after_ms = kMinuteMs;
    }
    if (answer.status == 410) verdict.kind = DeliveryVerdict::Kind::gone;
    return verdict;
  }

  [[nodiscard]] std::optional<OutgoingRequest> as_test(OutgoingRequest request,
                                                       const DestinationConfig&) const override {
    auto body = nlohmann::ordered_json::parse(request.body);
    body["type"] = "test";
    request.body = body.dump();
    return request;
  }

 private:
  static std::int64_t max_age_hours(const DestinationConfig& config) {
    std::int64_t hours = 0;
    return parse_decimal(setting(config, "max_age_hours", "76"), hours) ? hours : 0;
  }

  static std::optional<std::string> key_of(std::string_view secret) {
    constexpr std::string_view kPrefix = "whsec_";
    if (!secret.starts_with(kPrefix)) return {};
    auto key = from_base64(secret.substr(kPrefix.size()));
    if (!key || key->size() < 24 || key->size() > 64) return {};
    return key;
  }

  // What the site chose to keep of its own parameters stays.
  static std::string without_click_values(const std::string& url) {
    return reduced_again(url, /*keeps_query=*/true, /*permits_marketing=*/false);
  }

  static std::string data_of(const Dispatch& dispatch, bool may_hold_contacts) {
    JsonObject data;
    data.text("event_id", uuid_text(dispatch.event_id))
        .text("event", dispatch.event_name)
        .text("occurred_at", write_rfc3339(dispatch.occurred_ms));
    if (dispatch.conversion) {
      data.text("conversion_id", uuid_text(dispatch.conversion->id))
          .text("order_id", dispatch.conversion->order_id)
          .text("provider", dispatch.conversion->provider);
      if (dispatch.conversion->subscription == SubscriptionRole::renewal)
        data.text("subscription", "renewal");
    }
    if (const auto money = money_of(dispatch))
      data.raw("value", money->value).text("currency", money->currency);
    data.text("anonymous_id", anonymous_id_text(dispatch));
    if (dispatch.session_id) data.text("session_id", uuid_text(*dispatch.session_id));
    data.text("user_id", plain_user_id(dispatch))
        .text("url", may_hold_contacts ? dispatch.url : without_click_values(dispatch.url));
    const std::string items = items_json(
        items_of(dispatch), dispatch.conversion ? dispatch.conversion->currency : std::string(),
        {"id", "name", "category", "price", "quantity"});
    if (!items.empty()) data.raw("items", items);
    if (dispatch.first_touch) data.raw("first_touch", touch_json(*dispatch.first_touch));
    if (dispatch.last_touch) data.raw("last_touch", touch_json(*dispatch.last_touch));
    data.raw("consent", consent_json(dispatch.consent));
    if (may_hold_contacts) {
      if (const auto contact = contact_json(dispatch); !contact.empty())
        data.raw("contact", contact);
      if (const auto clicks = consented_click_ids(dispatch); !clicks.empty())
        data.raw("click_ids", clicks);
    }
    return data.finish();
  }
};

}  // namespace

const Destination& webhook() {
  static const Webhook destination;
  return destination;
}

}  // namespace tl::server::destinations
