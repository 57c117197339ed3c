// SPDX-License-Identifier: Apache-2.0
// [[site]] and its sub-tables cookie_names, attribution, retention and payment_keys.

#include "models/model.hpp"
#include "server/config/keys.hpp"
#include "server/config/site_rules.hpp"
#include "server/core/durations.hpp"

#include <algorithm>
#include <numeric>

namespace tl::server {
namespace {

Key<SiteConfig> in_table(std::string table, Key<SiteConfig> key) {
  key.table = std::move(table);
  return key;
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
                                   "HttpOnly cookie with the anonymous id; empty: tl_aid.ID, "
                                   "with the site's id")
                                   .check(optional_name_complaint)),
      in_table("cookie_names", key("token", &SiteConfig::cookie_token,
                                   "HttpOnly cookie with the session token; empty: tl_tok.ID")
                                   .check(optional_name_complaint)),
      in_table("cookie_names", key("visible", &SiteConfig::cookie_visible,
                                   "cookie that the script reads: ids and session times; empty: "
                                   "tl.ID; pages are told of another name by data-cookie")
                                   .check(optional_name_complaint)),
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
                          "how far back an ad counts that was seen and not clicked "
                          "(POST /api/views)")
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
      retention_key(
          "click_id_days", &RetentionRules::click_id_days,
          "then the values of click ids go, not that there was one, but never sooner than "
          "lookback_days; 0 = never"),
      retention_key("contact_days", &RetentionRules::contact_days,
                    "then contacts that nobody has said since go, with the claims of visitors on "
                    "which no conversion rests; 0 = never"),
      retention_key("consent_days", &RetentionRules::consent_days,
                    "then the newest choice of a visitor who has not come since goes; 0 = never"),
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
      retention_key("lead_days", &RetentionRules::lead_days,
                    "then contacts and ids of who left a lead go, unless the person has a younger "
                    "lead, or an order that keeps them; 0 = never"),
      retention_key("order_contact_days", &RetentionRules::order_contact_days,
                    "then contacts, names and ids of who ordered go, unless the person has a "
                    "younger order, or a lead that keeps them; longer than any subscription's "
                    "period; 0 = never"),
      alias_key("anonymous_id"),
      alias_key("session_id"),
      alias_key("checkout_started_at"),
  };
  return keys;
}

}  // namespace tl::server
