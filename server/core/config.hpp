// SPDX-License-Identifier: Apache-2.0
// The configuration as plain values with defaults and units (api.md section 2). Loading, overrides
// and errors with line and nearest key: server/config/.
#pragma once

#include "models/path.hpp"
#include "server/core/orders/payment_description.hpp"
#include "throughline/consent.hpp"
#include "throughline/session.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tl::server {

struct CheckoutItem {
  std::string id;
  std::string price;     // provider's price id; empty: free amount
  std::string currency;  // for a free amount, upper case
  std::string name;      // shown for a free amount; default: the site's name
  std::int64_t min_minor = 0, max_minor = 0;
  std::string mode = "payment";    // or subscription
  std::string interval = "month";  // for a free subscription amount
  std::string success_url, cancel_url;
  bool promotion_codes = false;      // the buyer may type one, the page may name one
  std::vector<std::string> coupons;  // that the page may name
};

struct PaymentConfig {
  std::string provider;   // stripe …, or custom, custom_NAME
  std::string stored_as;  // the name of its rows where that is another (orders/custom_names.hpp)
  std::vector<std::string> webhook_secrets;
  std::string api_key, base_url;
  std::string account_id;         // Whop: the company whose payments are imported
  std::int64_t tolerance_s = -1;  // -1: the provider's own
  bool live = true;               // for providers without a flag
  std::string notification_url;   // Square: the address as registered there, which is signed too
  std::string webhook_id, certificate_pem;           // PayPal
  std::shared_ptr<const PaymentDescription> custom;  // of a provider that only this file knows

  [[nodiscard]] const std::string& stored_name() const {
    return stored_as.empty() ? provider : stored_as;
  }
};

struct DestinationConfig {
  std::string kind;  // meta, posthog
  std::string name;  // lane name: the kind, kind:own_name, or kind:n where unnamed ones repeat
  std::map<std::string, std::string>
      settings;                     // pixel_id, access_token, base_url …; checked by the adapter
  std::vector<std::string> events;  // empty: the adapter's default
  std::string own_name = {};        // as the table says; empty: none
};

// For how many days what is kept (server/core/privacy/retention.hpp); 0: for ever.
struct RetentionRules {
  std::int64_t event_days = 395;     // contents of events and touches
  std::int64_t click_id_days = 90;   // values of click ids, never sooner than lookback_ms
  std::int64_t contact_days = 1095;  // contacts that nobody says any more
  std::int64_t consent_days = 760;   // newest choices of visitors who do not come any more
  std::int64_t webhook_days = 90;    // bodies of webhooks
  std::int64_t delivery_days = 90;   // answers of destinations
  std::int64_t coarse_days = 760;    // counts without consent
  std::int64_t receipt_days = 2190;  // receipts of consent
  std::int64_t audit_log_days = 730;
  std::int64_t lead_days = 0;           // who left a lead and neither asked nor bought since
  std::int64_t order_contact_days = 0;  // who ordered, likewise
};

struct SiteConfig {
  std::string id, name, write_key;
  std::vector<std::string> origins;
  std::vector<std::string> own_domains;  // like the page's own, sub-domains included
  // Names of parameters whose value is a partner's slug.
  std::vector<std::string> affiliate_params;
  std::string timezone = "UTC", currency = "EUR", default_country;
  Choice consent_default = Choice::denied;
  bool respect_gpc = true;  // Sec-GPC of a request opts out of sale, without the script as well
  std::vector<std::string> opt_out_countries;  // where an unknown choice means granted, if asked
  std::string anonymous_pings = "on_denial";
  bool coarse_handover = false;
  std::vector<std::string> coarse_campaigns;
  // Empty: the default, which holds the site's id.
  std::string cookie_anonymous_id, cookie_token, cookie_visible;
  std::vector<std::string> conversion_events;
  SessionRules session;
  std::int64_t lookback_ms = 30LL * 24 * 3600 * 1000;
  std::int64_t view_lookback_ms = 24LL * 3600 * 1000;
  bool lookback_rolling = false;
  std::string contact_storage = "hash";
  std::string model = "last_non_direct";
  std::int64_t tau_ms = 24LL * 3600 * 1000;
  std::int64_t half_life_ms = 0;  // above 0: time_decay by it instead of tau
  std::vector<int> position = {40, 20, 40};
  models::DirectRule direct_rule = models::DirectRule::drop_if_any_other;
  models::RepeatRule repeat_rule = models::RepeatRule::every;
  models::CollapseRule collapse_rule = models::CollapseRule::none;
  std::int64_t training_days = 90;   // Markov models learn from the paths of so many days
  std::int64_t seal_after_days = 3;  // days of reports are published then
  // Further metadata names: by default those of sites that moved over (docs/moving.md).
  std::map<std::string, std::vector<std::string>> payment_keys = {
      {"anonymous_id", {"aurea_anonymous_id", "aurea_id"}}, {"session_id", {"aurea_session_id"}}};
  RetentionRules retention;
  std::string identity_secret;  // HMAC key for signed identify; empty: off
  std::vector<PaymentConfig> payments;
  std::vector<CheckoutItem> checkouts;
  std::vector<DestinationConfig> destinations;

  // Names of the cookies on the endpoint's host, or of a domain above it, which other sites may
  // share.
  [[nodiscard]] std::string anonymous_id_cookie() const {
    return cookie_anonymous_id.empty() ? "tl_aid." + id : cookie_anonymous_id;
  }
  [[nodiscard]] std::string token_cookie() const {
    return cookie_token.empty() ? "tl_tok." + id : cookie_token;
  }
  [[nodiscard]] std::string visible_cookie() const {
    return cookie_visible.empty() ? "tl." + id : cookie_visible;
  }

  [[nodiscard]] const PaymentConfig* payment(const std::string& provider) const {
    for (const auto& entry : payments)
      if (entry.provider == provider) return &entry;
    return nullptr;
  }
};

struct Config {
  std::string listen_host = "127.0.0.1";
  std::uint16_t listen_port = 8787;
  std::string public_url;
  std::string script_name;      // of /NAME.js, beside /throughline.js and /t.js; empty: none
  std::string secret;           // ≥ 32 bytes
  std::string previous_secret;  // still opens and verifies; empty: none
  std::vector<std::string> previous_secrets;  // those before it, the newest first
  // All that still open and verify, the newest first.
  [[nodiscard]] std::vector<std::string> older_secrets() const {
    auto all = previous_secrets;
    if (!previous_secret.empty()) all.insert(all.begin(), previous_secret);
    return all;
  }
  std::vector<std::string> trusted_proxies = {"127.0.0.1/32", "::1/128"};
  std::uint32_t max_connections = 2048;
  std::uint32_t rate_limit_per_ip = 100;
  std::uint32_t form_limit_per_ip = 20;  // a minute
  bool allow_private_destinations = false;
  std::string tls_certificate, tls_key;
  std::string store_url = "sqlite:data/throughline.db";
  std::string cache_url = "memory:";
  std::string geo_mmdb;
  std::string geo_headers;  // a family of server/http/geo_headers.hpp; empty: none is read
  std::vector<SiteConfig> sites;

  [[nodiscard]] const SiteConfig* site(const std::string& id) const {
    for (const auto& entry : sites)
      if (entry.id == id) return &entry;
    return nullptr;
  }
};

}  // namespace tl::server
