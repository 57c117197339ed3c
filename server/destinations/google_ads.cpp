// SPDX-License-Identifier: Apache-2.0
// Google Ads through the Data Manager API: POST {base_url}/v1/events:ingest. Every event needs a
// conversion action of the account (`conversions`). 200 means well-formed, no more: what became of
// it is asked for (google_results.hpp); one bad record refuses its request and is named in
// fieldViolations. With restate_refunds a refund, its reversal, or another amount is the sale told
// again with what is left of its value, down to 0: that the same transactionId and conversion
// action restate it is unverified. Since 15 June 2026 the older UploadClickConversions takes no new
// senders. Source: npm
// @google-ads/datamanager 0.3.0 (ingestion_service, event, user_data, error protos); Google
// documentation "Data Manager API: Format user data, Understand API errors, Limits, Diagnostics,
// Adjust conversions"; 2026-11.
#include "server/core/durations.hpp"
#include "server/core/orders/order_refunds.hpp"
#include "server/core/outbox/conversion_outbox.hpp"
#include "server/core/text/ascii.hpp"
#include "server/core/text/foreign_json.hpp"
#include "server/core/text/percent_encoding.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/destinations/answer_json.hpp"
#include "server/destinations/customer.hpp"
#include "server/destinations/described.hpp"
#include "server/destinations/event_facts.hpp"
#include "server/destinations/google_results.hpp"
#include "server/destinations/google_token.hpp"
#include "server/destinations/http_verdict.hpp"
#include "server/destinations/json_object.hpp"
#include "server/destinations/settings.hpp"
#include "server/destinations/vendors.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tl::server::destinations {
namespace {

constexpr std::string_view kDataManagerScope = "https://www.googleapis.com/auth/datamanager";

class GoogleAds final : public DescribedDestination {
 public:
  GoogleAds()
      : DescribedDestination(
            {"google_ads",
             "Google Ads",
             "https://datamanager.googleapis.com",
             Purpose::marketing,
             // A repeat is recognised by transactionId, however late.
             {.max_batch = 100,
              .max_age_ms = 90 * kDayMs,
              .timeout_ms = 20'000,
              .first_attempt_margin_ms = kDayMs,
              .has_limited_use = false},
             {},
             {},
             {{"customer_id", "the Ads account that owns the conversion actions, digits only", "",
               Setting::Form::digits, true},
              {"login_customer_id", "manager account through which access is given", "",
               Setting::Form::digits},
              {"conversions", "id of the conversion action", "", Setting::Form::digits, true, false,
               true},
              {"client_id", "of the OAuth client", "", Setting::Form::visible},
              {"client_secret", "of the OAuth client", "", Setting::Form::visible, false, true},
              {"refresh_token", "of a user with access to the account", "", Setting::Form::visible,
               false, true},
              {"service_account_key",
               "the JSON key file of a service account with access, in place of the three above",
               "", Setting::Form::text, false, true},
              {"oauth_url", "where tokens are given", "https://oauth2.googleapis.com",
               Setting::Form::url},
              {"restate_refunds",
               "tell a refunded sale again with what is left of its value; whether Google then "
               "restates it is unverified",
               "false", Setting::Form::flag},
              {"result_after_s", "seconds until Google is first asked what became of what it took",
               "1800", Setting::Form::digits},
              kTagProvider},
             "conversions"}) {}

  [[nodiscard]] DestinationLimits limits(const DestinationConfig& config,
                                         std::string_view event_name) const override {
    DestinationLimits limits = DescribedDestination::limits(config, event_name);
    limits.restates = tells_refunds(config);
    std::int64_t seconds = 0;
    if (!parse_decimal(setting(config, "result_after_s", "1800"), seconds)) return limits;
    limits.result_after_ms = std::min(seconds, kDayMs / kSecondMs) * kSecondMs;
    return limits;
  }

  [[nodiscard]] OrderNumbers order_numbers(const DestinationConfig& config) const override {
    return {"google_ads " + setting(config, "customer_id") + " " +
                setting(config, "conversions.purchase"),
            setting(config, "tag_provider")};
  }

  // A refund goes where its purchase went.
  [[nodiscard]] std::vector<std::string> default_events(
      const DestinationConfig& config) const override {
    auto events = DescribedDestination::default_events(config);
    if (is_mapped(config, "purchase") && restates_refunds(config)) events.emplace_back("refund");
    return events;
  }

  Outcome<void> check(const DestinationConfig& given) const override {
    DestinationConfig config = given;
    if (is_mapped(config, "refund"))
      return bad_setting(config, "conversions",
                         "has an id for refund: a refund restates the conversion of its purchase "
                         "and needs none of its own");
    if (names_refund(config) && !restates_refunds(config))
      return bad_setting(config, "events",
                         "names refund, which is told only with restate_refunds = true: whether "
                         "Google restates a sale is unverified");
    if (is_mapped(config, "purchase")) std::erase(config.events, "refund");
    TL_CHECK(DescribedDestination::check(config));
    constexpr std::size_t kMostDestinations = 10;
    if (mapped_events(config, "conversions").size() > kMostDestinations)
      return bad_setting(config, "conversions", "may name ten events at most");
    const bool has_user = !setting(config, "refresh_token").empty() &&
                          !setting(config, "client_id").empty() &&
                          !setting(config, "client_secret").empty();
    const std::string key = setting(config, "service_account_key");
    if (has_user != key.empty())
      return bad_setting(config, "service_account_key",
                         "or client_id, client_secret and refresh_token together are needed, and "
                         "not both");
    if (key.empty()) return {};
    const auto request = service_account_request("https://x.invalid", key, kDataManagerScope, 0);
    if (!request.ok()) return bad_setting(config, "service_account_key", request.error().detail);
    return {};
  }

  Outcome<std::string> build(const Dispatch& dispatch, const DestinationConfig& config,
                             std::int64_t now_ms) const override {
    const Customer customer = customer_of(dispatch, "gmail", "e164");
    JsonObject click;
    // One click id: more than one is refused.
    const KnownClick newest = click_of(dispatch, {"gclid", "gbraid", "wbraid"});
    if (!newest.value.empty()) click.text(newest.name, newest.value);
    std::vector<std::string> identifiers;
    for (const auto& [name, hash] :
         {std::pair{"emailAddress", customer.email}, std::pair{"phoneNumber", customer.phone}}) {
      JsonObject identifier;
      if (!hash.empty()) identifiers.push_back(identifier.text(name, hash).finish());
    }
    if (click.is_empty() && identifiers.empty()) return leads_to_nobody("Google Ads");
    const auto& conversion = dispatch.conversion;
    const bool has_order = conversion && conversion->kind == "purchase";
    JsonObject event;
    event
        .raw("destinationReferences",
             "[" + JsonObject::quoted(has_order ? conversion->kind : dispatch.event_name) + "]")
        .text("eventTimestamp",
              write_rfc3339(
                  std::min(has_order ? conversion->occurred_ms : dispatch.occurred_ms, now_ms)))
        .text("transactionId",
              has_order ? transaction_id_of(dispatch) : uuid_text(dispatch.event_id))
        .text("eventSource", "WEB");
    if (!click.is_empty()) event.raw("adIdentifiers", click.finish());
    if (!identifiers.empty()) {
      JsonObject user;
      user.raw("userIdentifiers", json_list(identifiers));
      event.raw("userData", user.finish());
    }
    if (const auto money = has_order ? worth_of(*conversion, config) : money_of(dispatch))
      event.text("currency", money->currency).raw("conversionValue", money->value);
    if (has_order && dispatch.event_name == "purchase") add_cart(event, dispatch);
    JsonObject consent;
    const bool personal = dispatch.consent.ad_personalisation != Choice::denied;
    consent.text("adUserData", "CONSENT_GRANTED")
        .text("adPersonalization", personal ? "CONSENT_GRANTED" : "CONSENT_DENIED");
    return event.raw("consent", consent.finish()).finish();
  }

  OutgoingRequest envelope(const std::vector<std::string>& bodies,
                           const DestinationConfig& config) const override {
    std::vector<std::string> destinations;
    for (const auto& event : mapped_events(config, "conversions")) {
      const std::string reference =
          R"("destinationReferences":[)" + JsonObject::quoted(event) + "]";
      const bool is_used = std::any_of(bodies.begin(), bodies.end(), [&](const auto& body) {
        return body.find(reference) != std::string::npos;
      });
      if (is_used) destinations.push_back(target_of(config, event));
    }
    JsonObject body;
    body.raw("destinations", json_list(destinations))
        .text("encoding", "HEX")
        .raw("events", json_list(bodies));
    return post(config, "/v1/events:ingest", body.finish());
  }

  [[nodiscard]] std::optional<OutgoingRequest> token_request(const DestinationConfig& config,
                                                             std::int64_t now_ms) const override {
    std::string url = setting(config, "oauth_url", "https://oauth2.googleapis.com");
    while (url.ends_with('/')) url.pop_back();
    url += "/token";
    const std::string key = setting(config, "service_account_key");
    if (key.empty())
      return refresh_token_request(url, setting(config, "client_id"),
                                   setting(config, "client_secret"),
                                   setting(config, "refresh_token"));
    auto request = service_account_request(url, key, kDataManagerScope, now_ms);
    if (!request.ok()) return {};  // check() has refused such a key
    return std::move(request.value());
  }
  [[nodiscard]] TokenAnswer read_token(const OutgoingAnswer& answer,
                                       std::int64_t now_ms) const override {
    return read_google_token(answer, now_ms);
  }
  void sign(OutgoingRequest& request, const DestinationConfig&,
            const SendMoment& moment) const override {
    request.headers["Authorization"] = "Bearer " + moment.token;
  }

  [[nodiscard]] DeliveryVerdict judge(const OutgoingAnswer& answer,
                                      std::size_t batch_size) const override {
    using Kind = DeliveryVerdict::Kind;
    DeliveryVerdict verdict = DescribedDestination::judge(answer, batch_size);
    const auto body = parse_foreign_json(answer.body);
    verdict.receipt = answer_text(body, "requestId");
    if (verdict.kind == Kind::delivered && !verdict.receipt.empty()) verdict.kind = Kind::accepted;
    if (answer.status != 400) return verdict;
    EachVerdict each(batch_size, Kind::bisect, verdict.reason);
    for (const auto& detail : answer_part(answer_part(body, "error"), "details")) {
      if (is_about_the_google_account(answer_text(detail, "reason")))
        return {Kind::auth_failed, 0, 0, verdict.reason};
      for (const auto& violation : answer_part(detail, "fieldViolations")) {
        std::string why = answer_text(violation, "reason");
        if (is_about_the_google_account(why)) return {Kind::auth_failed, 0, 0, verdict.reason};
        if (why.empty()) why = answer_text(violation, "description");
        each.refuse(index_in(answer_text(violation, "field"), batch_size),
                    "Google Ads refused the event: " + why);
      }
    }
    return std::move(each).finish();
  }

  [[nodiscard]] std::optional<OutgoingRequest> result_request(
      const std::string& receipt, const DestinationConfig& config) const override {
    OutgoingRequest request;
    request.method = "GET";
    request.url = base_url(config, described().host) +
                  "/v1/requestStatus:retrieve?requestId=" + percent_encoded(receipt);
    return request;
  }
  [[nodiscard]] DeliveryVerdict judge_result(const OutgoingAnswer& answer,
                                             const std::vector<std::string>& event_names,
                                             const DestinationConfig& config) const override {
    std::vector<GoogleTarget> targets;
    for (const auto& name : event_names) {
      const bool is_restated = follows_sale(name);
      const std::string event = is_restated ? "purchase" : name;
      targets.push_back({event, setting(config, "conversions." + event), is_restated});
    }
    return judge_google_result(answer, targets);
  }

  [[nodiscard]] std::optional<OutgoingRequest> as_test(OutgoingRequest request,
                                                       const DestinationConfig&) const override {
    request.body.insert(1, R"("validateOnly":true,)");
    return request;
  }
  // What was only checked has no result to wait for.
  [[nodiscard]] DeliveryVerdict judge_test(const OutgoingAnswer& answer) const override {
    DeliveryVerdict verdict = judge(answer, 1);
    if (verdict.kind == DeliveryVerdict::Kind::accepted)
      verdict.kind = DeliveryVerdict::Kind::delivered;
    return verdict;
  }

 private:
  static std::string account(const std::string& id) {
    JsonObject json;
    return json.text("accountType", "GOOGLE_ADS").text("accountId", id).finish();
  }
  static std::string target_of(const DestinationConfig& config, const std::string& event) {
    JsonObject target;
    target.text("reference", event);
    if (const std::string login = setting(config, "login_customer_id"); !login.empty())
      target.raw("loginAccount", account(login));
    target.raw("operatingAccount", account(setting(config, "customer_id")))
        .text("productDestinationId", setting(config, "conversions." + event));
    return target.finish();
  }

  static void add_cart(JsonObject& event, const Dispatch& dispatch) {
    JsonObject cart;
    const std::string items = items_json(items_of(dispatch), dispatch.conversion->currency,
                                         {"itemId", "", "", "unitPrice", "quantity"});
    if (!items.empty()) event.raw("cartData", cart.raw("items", items).finish());
  }

  static bool is_mapped(const DestinationConfig& config, const std::string& event) {
    return !setting(config, "conversions." + event).empty();
  }
  static bool restates_refunds(const DestinationConfig& config) {
    return setting(config, "restate_refunds") == "true";
  }
  static bool names_refund(const DestinationConfig& config) {
    return std::find(config.events.begin(), config.events.end(), "refund") != config.events.end();
  }
  static bool tells_refunds(const DestinationConfig& config) {
    return restates_refunds(config) && (config.events.empty() || names_refund(config));
  }
  // What is left of a sale. Where refunds are not told, the sale keeps its first value.
  static std::optional<Money> worth_of(const ConversionRow& sale, const DestinationConfig& config) {
    if (sale.currency.empty()) return {};
    const std::int64_t refunded =
        tells_refunds(config) ? sum_of(read_refund_steps(sale.refunds)) : 0;
    return Money{
        major_units(std::max<std::int64_t>(sale.amount_minor - refunded, 0), sale.currency),
        sale.currency};
  }

  // "events.events[3].user_data" is about the fourth; `none` when it names no event.
  static std::size_t index_in(std::string_view field, std::size_t none) {
    constexpr std::string_view kMark = "events[";
    auto at = field.find(kMark);
    if (at == field.npos) return none;
    std::size_t index = 0, digits = 0;
    for (at += kMark.size(); at < field.size() && is_digit(field[at]) && digits < 5; ++at, ++digits)
      index = index * 10 + static_cast<std::size_t>(field[at] - '0');
    return digits > 0 ? index : none;
  }
};

}  // namespace

const Destination& google_ads() {
  static const GoogleAds destination;
  return destination;
}

}  // namespace tl::server::destinations
