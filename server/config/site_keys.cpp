// SPDX-License-Identifier: Apache-2.0
// [[site]] and its sub-tables: cookie_names, attribution, payment_keys, payment.NAME, checkout,
// destination.KIND.

#include "models/model.hpp"
#include "server/config/keys.hpp"
#include "server/core/country_codes.hpp"
#include "server/core/currency.hpp"
#include "server/core/durations.hpp"
#include "throughline/params.hpp"

#include <algorithm>
#include <numeric>

namespace tl::server {
namespace {

Key<SiteConfig> in_table(std::string table, Key<SiteConfig> key) {
  key.table = std::move(table);
  return key;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

std::string name_complaint(const Value& value) {
  return is_name(std::get<std::string>(value)) ? "" : "must be 1 to 64 of A-Z a-z 0-9 _ -";
}

std::string currency_complaint(const Value& value) {
  const auto& text = std::get<std::string>(value);
  const auto code = parse_currency(text);
  return code.ok() && code.value() == text ? "" : "must be an upper-case ISO 4217 code like EUR";
}

std::string country_complaint(const Value& value) {
  const auto& text = std::get<std::string>(value);
  return text.empty() || is_country_code(text) ? "" : "must be an upper-case ISO 3166 code like CZ";
}

std::string countries_complaint(const Value& value) {
  for (const auto& country : std::get<std::vector<std::string>>(value)) {
    const auto wrong = country.empty() ? "must not be empty" : country_complaint(Value(country));
    if (!wrong.empty()) return "entry \"" + country + "\" " + wrong;
  }
  return "";
}

std::string origins_complaint(const Value& value) {
  const auto& origins = std::get<std::vector<std::string>>(value);
  if (origins.empty()) return "must name at least one origin, like https://shop.example";
  for (const auto& origin : origins)
    if (const auto wrong = origin_complaint(origin); !wrong.empty())
      return "entry \"" + origin + "\" " + wrong;
  return "";
}

std::string domains_complaint(const Value& value) {
  for (const auto& domain : std::get<std::vector<std::string>>(value)) {
    const bool is_host = std::all_of(domain.begin(), domain.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
    if (!is_host || domain.empty() || domain.front() == '.')
      return "entry \"" + domain + "\" must be a host name in lower case, like pay.example";
  }
  return "";
}

std::string parameters_complaint(const Value& value) {
  for (const auto& name : std::get<std::vector<std::string>>(value)) {
    if (!is_name(name)) return "entry \"" + name + "\" must be a parameter's name, like via";
    if (param_of(name) != Param::none)
      return "entry \"" + name + "\" is known already (docs/classification.md)";
  }
  return "";
}

// Reports show models whose credits sum to the orders.
std::string model_complaint(const Value& value) {
  const auto& name = std::get<std::string>(value);
  const auto config = models::parse_model(name);
  const bool has_parameters = name.find(':') != std::string::npos;
  if (config.ok() && !has_parameters && models::model_info(config.value().model).is_additive)
    return "";
  std::string names;
  for (const auto& info : models::all_models())
    if (info.is_additive) names += (names.empty() ? "" : ", ") + std::string(info.name);
  return "must be a model: " + names + "; its parameters are keys of [site.attribution]";
}

std::string event_names_complaint(const Value& value) {
  for (const auto& name : std::get<std::vector<std::string>>(value)) {
    const bool is_event =
        !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view("_ .:-").find(c) != std::string_view::npos;
        });
    if (!is_event) return "entry \"" + name + "\" must be 1 to 64 of A-Z a-z 0-9 _ . : - and blank";
  }
  return "";
}

Key<SiteConfig> consent_default_key() {
  return Key<SiteConfig>{
      "",
      "consent_default",
      "what unknown consent means: denied (opt-in) or granted (opt-out)",
      [](const SiteConfig& site) {
        return Value(std::string(site.consent_default == Choice::granted ? "granted" : "denied"));
      },
      [](SiteConfig& site, const Value& value) {
        site.consent_default =
            std::get<std::string>(value) == "granted" ? Choice::granted : Choice::denied;
      },
      one_of({"denied", "granted"})};
}

// The session rules are a struct of their own inside the site.
Key<SiteConfig> minutes_key(std::string name, std::int64_t SessionRules::*member,
                            std::string help) {
  return Key<SiteConfig>{
      "",
      std::move(name),
      std::move(help),
      [member](const SiteConfig& site) { return Value(site.session.*member / kMinuteMs); },
      [member](SiteConfig& site, const Value& value) {
        site.session.*member = std::get<std::int64_t>(value) * kMinuteMs;
      },
      between(1, 1439)};
}

Key<SiteConfig> retention_key(std::string name, std::int64_t RetentionRules::*member,
                              std::string help) {
  return Key<SiteConfig>{"retention",
                         std::move(name),
                         std::move(help),
                         [member](const SiteConfig& site) { return Value(site.retention.*member); },
                         [member](SiteConfig& site, const Value& value) {
                           site.retention.*member = std::get<std::int64_t>(value);
                         },
                         between(0, 36'500)};
}

Key<SiteConfig> rotate_key() {
  return Key<SiteConfig>{
      "", "rotate_on_campaign", "a newly tagged campaign starts a new session",
      [](const SiteConfig& site) { return Value(site.session.rotate_on_campaign); },
      [](SiteConfig& site, const Value& value) {
        site.session.rotate_on_campaign = std::get<bool>(value);
      }};
}

Key<SiteConfig> lookback_mode_key() {
  return Key<SiteConfig>{
      "",
      "lookback_mode",
      "fixed: days back from the conversion; rolling: as long as gaps stay within the days",
      [](const SiteConfig& site) {
        return Value(std::string(site.lookback_rolling ? "rolling" : "fixed"));
      },
      [](SiteConfig& site, const Value& value) {
        site.lookback_rolling = std::get<std::string>(value) == "rolling";
      },
      one_of({"fixed", "rolling"})};
}

Key<SiteConfig> position_key() {
  return Key<SiteConfig>{
      "attribution",
      "position",
      "shares of the first, the middle and the last touch in the model position",
      [](const SiteConfig& site) {
        return Value(std::vector<std::int64_t>(site.position.begin(), site.position.end()));
      },
      [](SiteConfig& site, const Value& value) {
        const auto& shares = std::get<std::vector<std::int64_t>>(value);
        site.position.assign(shares.begin(), shares.end());
      },
      [](const Value& value) -> std::string {
        const auto& shares = std::get<std::vector<std::int64_t>>(value);
        const bool is_sound =
            shares.size() == 3 &&
            std::accumulate(shares.begin(), shares.end(), std::int64_t{0}) == 100 &&
            std::all_of(shares.begin(), shares.end(), [](auto share) { return share >= 0; });
        return is_sound ? "" : "must be three shares that add up to 100, like [40, 20, 40]";
      }};
}

// A rule of the path by the names of its values, the default first.
template <class Rule>
Key<SiteConfig> rule_key(std::string name, Rule SiteConfig::*member,
                         std::vector<std::pair<std::string, Rule>> values, std::string help) {
  std::vector<std::string> names;
  for (const auto& [text, rule] : values) names.push_back(text);
  return Key<SiteConfig>{"attribution",
                         std::move(name),
                         std::move(help),
                         [=](const SiteConfig& site) {
                           for (const auto& [text, rule] : values)
                             if (site.*member == rule) return Value(text);
                           return Value(values.front().first);
                         },
                         [=](SiteConfig& site, const Value& value) {
                           for (const auto& [text, rule] : values)
                             if (std::get<std::string>(value) == text) site.*member = rule;
                         },
                         one_of(names)};
}

Key<SiteConfig> alias_key(const std::string& name) {
  return Key<SiteConfig>{
      "payment_keys", name, "further metadata names that carry " + name,
      [name](const SiteConfig& site) {
        const auto found = site.payment_keys.find(name);
        return Value(found == site.payment_keys.end() ? std::vector<std::string>{} : found->second);
      },
      [name](SiteConfig& site, const Value& value) {
        site.payment_keys[name] = std::get<std::vector<std::string>>(value);
      }};
}

}  // namespace

const std::vector<Key<SiteConfig>>& site_keys() {
  static const std::vector<Key<SiteConfig>> keys = {
      key("id", &SiteConfig::id, "short name of the site, part of every id; never change it")
          .check(name_complaint),
      key("name", &SiteConfig::name, "what people call the site"),
      key("write_key", &SiteConfig::write_key, "public key of the page; it only adds events")
          .check(name_complaint),
      key("origins", &SiteConfig::origins,
          "exact origins allowed to send; \"*\" allows all, for tests only")
          .check(origins_complaint),
      key("own_domains", &SiteConfig::own_domains,
          "further domains of the site, sub-domains included: who comes back from one of them, for "
          "example from a hosted checkout, starts no touch; the page's own and those of origins "
          "need not be named")
          .check(domains_complaint),
      key("affiliate_params", &SiteConfig::affiliate_params,
          "parameters of partners' links (for example via or ref) whose value is the partner: an "
          "arrival with one is counted as affiliate, from that source; the page keeps them by "
          "data-keep-query")
          .check(parameters_complaint),
      key("timezone", &SiteConfig::timezone, "days of reports are days of this time zone")
          .check([](const Value& v) { return time_zone_complaint(std::get<std::string>(v)); }),
      key("currency", &SiteConfig::currency, "of amounts that name none").check(currency_complaint),
      key("default_country", &SiteConfig::default_country,
          "for phone numbers without a country code")
          .check(country_complaint),
      consent_default_key(),
      key("opt_out_countries", &SiteConfig::opt_out_countries,
          "countries (two capital letters) where pages with data-consent-default=\"region\" take "
          "an "
          "unknown choice for granted; everywhere else, and where the country is not known, denied")
          .check(countries_complaint),
      key("respect_gpc", &SiteConfig::respect_gpc,
          "the browser's Global Privacy Control (Sec-GPC) opts out of sale and sharing on every "
          "route, whatever the page says"),
      key("anonymous_pings", &SiteConfig::anonymous_pings,
          "coarse counts without ids: off, on_denial (one ping when refused), always (also at page "
          "hide while unknown)")
          .check(one_of({"off", "on_denial", "always"})),
      key("coarse_handover", &SiteConfig::coarse_handover,
          "without consent, hand channel, source and campaign to the checkout (no ids)"),
      key("coarse_campaigns", &SiteConfig::coarse_campaigns,
          "campaigns that many share and that the coarse hand-over may name"),
      in_table("cookie_names", key("anonymous_id", &SiteConfig::cookie_anonymous_id,
                                   "HttpOnly cookie with the anonymous id")
                                   .check(name_complaint)),
      in_table("cookie_names",
               key("token", &SiteConfig::cookie_token, "HttpOnly cookie with the session token")
                   .check(name_complaint)),
      in_table("cookie_names", key("visible", &SiteConfig::cookie_visible,
                                   "cookie that the script reads: ids and session times")
                                   .check(name_complaint)),
      key("conversion_events", &SiteConfig::conversion_events,
          "own events that count as conversions beside orders and leads")
          .check(event_names_complaint),
      minutes_key("session_timeout_minutes", &SessionRules::timeout_ms,
                  "a session ends after so much idle time"),
      minutes_key("session_max_minutes", &SessionRules::max_ms,
                  "and at the latest after so much time"),
      rotate_key(),
      scaled_key("lookback_days", &SiteConfig::lookback_ms, kDayMs,
                 "how far back from a conversion touches count")
          .check(between(1, 730)),
      lookback_mode_key(),
      key("contact_storage", &SiteConfig::contact_storage,
          "hash: only the hashes destinations need; encrypted: the plain value too, encrypted")
          .check(one_of({"hash", "encrypted"})),
      key("model", &SiteConfig::model, "the model that reports show first").check(model_complaint),
      key("seal_after_days", &SiteConfig::seal_after_days,
          "after so many whole days a day of the reports is published: later changes of it are "
          "kept "
          "as revisions")
          .check(between(0, 365)),
      key("identity_secret", &SiteConfig::identity_secret,
          "HMAC key with which the site's server signs identify calls; empty = off")
          .secret(),
      in_table("attribution",
               scaled_key("view_lookback_days", &SiteConfig::view_lookback_ms, kDayMs,
                          "how far back a mere ad view counts; no route takes views yet, "
                          "so only the name of a configuration shows it")
                   .check(between(0, 90))),
      rule_key<models::DirectRule>(
          "direct_rule", &SiteConfig::direct_rule,
          {{"drop_if_any_other", models::DirectRule::drop_if_any_other},
           {"keep", models::DirectRule::keep}},
          "drop_if_any_other: direct touches count only when there is nothing else; keep: always"),
      rule_key<models::RepeatRule>(
          "repeat_rule", &SiteConfig::repeat_rule,
          {{"every", models::RepeatRule::every},
           {"since_previous", models::RepeatRule::since_previous},
           {"first_only", models::RepeatRule::first_only}},
          "every: each conversion of a person sees all touches in its own window; since_previous: "
          "those after the one before of the same kind; first_only: later ones get no credit"),
      rule_key<models::CollapseRule>(
          "collapse_rule", &SiteConfig::collapse_rule,
          {{"none", models::CollapseRule::none},
           {"consecutive", models::CollapseRule::consecutive},
           {"unique_first", models::CollapseRule::unique_first}},
          "none: repeated touches of one channel stay; consecutive: runs become one; unique_first: "
          "each channel once"),
      in_table("attribution", key("training_days", &SiteConfig::training_days,
                                  "Markov models learn from the paths of so many days, every night")
                                  .check(between(7, 730))),
      in_table("attribution", scaled_key("tau_hours", &SiteConfig::tau_ms, kHourMs,
                                         "time constant of the model time_decay, half_life_hours "
                                         "/ ln 2: 24 is a half-life of 16.6 hours")
                                  .check(between(1, 8760))),
      in_table("attribution", scaled_key("half_life_hours", &SiteConfig::half_life_ms, kHourMs,
                                         "half-life of the model time_decay, in place of "
                                         "tau_hours: 168 is a week (tau 242.4 hours); 0 = "
                                         "tau_hours decides")
                                  .check(between(0, 8760))),
      position_key(),
      retention_key("event_days", &RetentionRules::event_days,
                    "then pages, titles, properties, click ids, search terms, device and place of "
                    "a visit go; 0 = never"),
      retention_key("click_id_days", &RetentionRules::click_id_days,
                    "then the values of click ids go, not that there was one; 0 = never"),
      retention_key("contact_days", &RetentionRules::contact_days,
                    "then contacts that nobody has said since go, with the claims of visitors on "
                    "which no conversion rests; 0 = never"),
      retention_key("consent_days", &RetentionRules::consent_days,
                    "then the newest choice of a visitor who has not come since goes; 0 = never"),
      retention_key("reference_days", &RetentionRules::reference_days,
                    "then further references of an order go (checkout, charge, invoice): what a "
                    "provider tells under them alone is another order then; 0 = never"),
      retention_key("webhook_days", &RetentionRules::webhook_days,
                    "then the bodies of webhooks go, not what they said of an order; 0 = never"),
      retention_key("delivery_days", &RetentionRules::delivery_days,
                    "then what destinations answered goes, not that they did; 0 = never"),
      retention_key("coarse_days", &RetentionRules::coarse_days,
                    "then counts of visitors without consent go; 0 = never"),
      retention_key("receipt_days", &RetentionRules::receipt_days,
                    "then receipts of consent go; 0 = never"),
      retention_key("audit_log_days", &RetentionRules::audit_log_days,
                    "then entries of the audit log go; 0 = never"),
      alias_key("anonymous_id"),
      alias_key("session_id"),
      alias_key("checkout_started_at"),
  };
  return keys;
}

const std::vector<Key<PaymentConfig>>& payment_keys() {
  static const std::vector<Key<PaymentConfig>> keys = {
      key("webhook_secrets", &PaymentConfig::webhook_secrets,
          "signing secrets; several during a rotation")
          .secret(),
      key("api_key", &PaymentConfig::api_key,
          "the provider's API key, for importing orders (woocommerce: key:secret), creating "
          "checkouts, and what webhooks only name (mollie, gocardless)")
          .secret(),
      key("account_id", &PaymentConfig::account_id,
          "whop: the company (biz_…) whose payments are imported")
          .check([](const Value& v) {
            return std::get<std::string>(v).empty() ? "" : name_complaint(v);
          }),
      key("base_url", &PaymentConfig::base_url,
          "the provider's API; empty: its public one (woocommerce, shopify: the shop's own "
          "address)")
          .check([](const Value& v) {
            return std::get<std::string>(v).empty() ? ""
                                                    : api_url_complaint(std::get<std::string>(v));
          }),
      key("tolerance_s", &PaymentConfig::tolerance_s,
          "how old a signed webhook may be, in seconds; -1: the provider's own rule")
          .check(between(-1, 86'400)),
      key("live", &PaymentConfig::live,
          "false: a test account, whose payments are kept and never counted; for providers whose "
          "webhooks do not say test or live"),
      key("notification_url", &PaymentConfig::notification_url,
          "square: the webhook's address exactly as registered there; it is signed too"),
      key("webhook_id", &PaymentConfig::webhook_id,
          "paypal: the webhook's id, which is signed too"),
      key("certificate_pem", &PaymentConfig::certificate_pem,
          "paypal: the certificate that signs, as \"file:PATH\""),
  };
  return keys;
}

const std::vector<Key<CheckoutItem>>& checkout_keys() {
  static const auto url_or_empty = [](const Value& value) -> std::string {
    const auto& url = std::get<std::string>(value);
    return url.empty() ? "must not be empty" : web_url_complaint(url);
  };
  static const std::vector<Key<CheckoutItem>> keys = {
      key("id", &CheckoutItem::id, "what the page names; it never names the price")
          .check(name_complaint),
      key("price", &CheckoutItem::price, "the provider's price id; empty for a free amount"),
      key("currency", &CheckoutItem::currency, "of a free amount").check([](const Value& v) {
        return std::get<std::string>(v).empty() ? std::string() : currency_complaint(v);
      }),
      key("name", &CheckoutItem::name, "shown for a free amount; default: the site's name"),
      key("min_minor", &CheckoutItem::min_minor, "least free amount in minor units")
          .check(between(0, 1'000'000'000'000)),
      key("max_minor", &CheckoutItem::max_minor, "largest free amount in minor units")
          .check(between(0, 1'000'000'000'000)),
      key("mode", &CheckoutItem::mode, "payment or subscription")
          .check(one_of({"payment", "subscription"})),
      key("interval", &CheckoutItem::interval, "of a free subscription amount")
          .check(one_of({"day", "week", "month", "year"})),
      key("success_url", &CheckoutItem::success_url, "where the buyer goes after paying")
          .check(url_or_empty),
      key("cancel_url", &CheckoutItem::cancel_url, "where the buyer goes on cancelling")
          .check(url_or_empty),
      key("promotion_codes", &CheckoutItem::promotion_codes,
          "the buyer may enter a promotion code, the page may name one (promotion_code)"),
      key("coupons", &CheckoutItem::coupons,
          "ids of the provider's coupons that the page may name (coupon)"),
  };
  return keys;
}

const std::vector<Key<DestinationConfig>>& destination_keys() {
  static const std::vector<Key<DestinationConfig>> keys = {
      key("events", &DestinationConfig::events,
          "which events are sent, \"own:NAME\" for one of your own that is spelled much like one "
          "of "
          "ours; empty: the destination's own choice")
          .check(event_names_complaint)};
  return keys;
}

bool is_secret_setting(std::string_view name) {
  return name.find("token") != std::string_view::npos ||
         name.find("secret") != std::string_view::npos ||
         name.find("key") != std::string_view::npos ||
         name.find("password") != std::string_view::npos;
}

}  // namespace tl::server
