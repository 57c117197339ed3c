// SPDX-License-Identifier: Apache-2.0
// LinkedIn Conversions API: POST {base_url}/rest/conversionEvents, a batch of elements. Every event
// needs a conversion rule of the ad account (`conversions`); a bad element refuses the whole batch
// with 422 and is named by its index.
// Source: LinkedIn documentation "Conversions API, Deduplication"; repositories
// segmentio/action-destinations linkedin-conversions, rudderlabs/rudder-transformer
// v1/destinations/linkedin_ads; 2026-11.
#include "server/core/durations.hpp"
#include "server/core/text/ascii.hpp"
#include "server/core/text/uuid_text.hpp"
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

class Linkedin final : public DescribedDestination {
 public:
  Linkedin()
      : DescribedDestination(
            {"linkedin",
             "LinkedIn",
             "https://api.linkedin.com",
             Purpose::marketing,
             {.max_batch = 100,
              .max_age_ms = 90 * kDayMs,
              .dedup_window_ms = 47 * kHourMs,
              .timeout_ms = 10'000,
              .first_attempt_margin_ms = kDayMs,
              .has_limited_use = false},
             {},
             {},
             {{"access_token", "token with rw_conversions", "", Setting::Form::visible, true, true},
              {"api_version", "LinkedIn-Version header, YYYYMM; each lives about a year", "202603",
               Setting::Form::digits},
              {"conversions", "id of the conversion rule", "", Setting::Form::digits, true, false,
               true}},
             "conversions"}) {}

  Outcome<void> check(const DestinationConfig& config) const override {
    TL_CHECK(DescribedDestination::check(config));
    if (setting(config, "api_version", "202603").size() != 6)
      return bad_setting(config, "api_version", "must look like 202603");
    return {};
  }

  Outcome<std::string> build(const Dispatch& dispatch, const DestinationConfig& config,
                             std::int64_t now_ms) const override {
    const Customer customer = customer_of(dispatch, "digits", "e164");
    const std::string click = click_or_cookie(dispatch, "li_fat_id", &VendorCookies::li_fat_id);
    std::vector<std::string> ids;
    for (const auto& [type, value] : {std::pair{"SHA256_EMAIL", customer.email},
                                      std::pair{"LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID", click}}) {
      if (value.empty()) continue;
      JsonObject id;
      ids.push_back(id.text("idType", type).text("idValue", value).finish());
    }
    if (ids.empty()) return leads_to_nobody("LinkedIn");
    JsonObject element, user;
    element
        .text("conversion", "urn:lla:llaPartnerConversion:" +
                                setting(config, "conversions." + dispatch.event_name))
        .number("conversionHappenedAt", std::min(dispatch.occurred_ms, now_ms))
        .text("eventId", uuid_text(dispatch.event_id));
    if (const auto money = money_of(dispatch)) {
      JsonObject value;
      value.text("currencyCode", money->currency).text("amount", money->value);
      element.raw("conversionValue", value.finish());
    }
    user.raw("userIds", json_list(ids));
    if (!customer.external_ids.empty()) user.texts("externalIds", {customer.external_ids.front()});
    element.raw("user", user.finish());
    return element.finish();
  }

  OutgoingRequest envelope(const std::vector<std::string>& bodies,
                           const DestinationConfig& config) const override {
    JsonObject body;
    body.raw("elements", json_list(bodies));
    OutgoingRequest request = post(config, "/rest/conversionEvents", body.finish());
    request.headers["Authorization"] = "Bearer " + setting(config, "access_token");
    request.headers["LinkedIn-Version"] = setting(config, "api_version", "202603");
    request.headers["X-Restli-Protocol-Version"] = "2.0.0";
    request.headers["X-RestLi-Method"] = "BATCH_CREATE";
    return request;
  }

  // 426: the version has ended. 422: the indexes in the message are the bad ones.
  [[nodiscard]] DeliveryVerdict judge(const OutgoingAnswer& answer,
                                      std::size_t batch_size) const override {
    using Kind = DeliveryVerdict::Kind;
    if (answer.status == 426)
      return {Kind::auth_failed, 0, 0,
              "api_version has ended: " + answer_sentence("LinkedIn", answer)};
    DeliveryVerdict verdict = DescribedDestination::judge(answer, batch_size);
    if (answer.status != 422) return verdict;
    EachVerdict each(batch_size, Kind::bisect, verdict.reason);
    for (const std::size_t index : indexes_in(answer.body)) each.refuse(index, verdict.reason);
    return std::move(each).finish();
  }

 private:
  // "… index: 3 …", "elements/3/user", "elements[3]": numbers after those words.
  static std::vector<std::size_t> indexes_in(std::string_view text) {
    std::vector<std::size_t> found;
    for (const std::string_view mark : {"index", "elements"})
      for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + 1)) {
        auto i = at + mark.size();
        while (i < text.size() &&
               std::string_view(" :=[(/#").find(text[i]) != std::string_view::npos)
          ++i;
        if (i == at + mark.size()) continue;
        std::size_t number = 0, digits = 0;
        for (; i < text.size() && is_digit(text[i]) && digits < 5; ++i, ++digits)
          number = number * 10 + static_cast<std::size_t>(text[i] - '0');
        if (digits > 0) found.push_back(number);
      }
    return found;
  }
};

}  // namespace

const Destination& linkedin() {
  static const Linkedin destination;
  return destination;
}

}  // namespace tl::server::destinations
