// SPDX-License-Identifier: Apache-2.0
// Asks each part; none of their rules is repeated here.

#include "server/part_checks.hpp"

#include "server/core/access/public_address.hpp"
#include "server/core/classify/place_database.hpp"
#include "server/core/ports/order_store.hpp"
#include "server/core/text/nearest_name.hpp"
#include "server/destinations/registry.hpp"
#include "server/http/client_address.hpp"
#include "server/http/geo_headers.hpp"
#include "server/http/tls_context.hpp"
#include "server/providers/registry.hpp"
#include "server/store/open_store.hpp"
#include "throughline/url.hpp"

#include <algorithm>

namespace tl::server {
namespace {

class Problems {
 public:
  explicit Problems(const LoadedConfig& loaded) : loaded_(loaded) {}
  void add(const std::string& path, const std::string& sentence) {
    all_ += (all_.empty() ? "" : "\n") + loaded_.place(path) + ": " + sentence;
  }
  template <class T>
  void add_if_failed(const std::string& path, const Outcome<T>& checked) {
    if (!checked.ok()) add(path, checked.error().detail);
  }
  [[nodiscard]] Outcome<void> outcome() const {
    if (all_.empty()) return {};
    return invalid("bad_config", all_);
  }

 private:
  const LoadedConfig& loaded_;
  std::string all_;
};

std::string unknown_name(const std::string& what, const std::string& name,
                         const std::vector<std::string>& valid) {
  std::string list;
  for (const auto& entry : valid) list += (list.empty() ? "" : ", ") + entry;
  const auto near = nearest_name(name, valid);
  return "there is no " + what + " '" + name + "'" +
         (near.empty() ? "" : "; did you mean '" + near + "'?") + " Built so far: " + list + ".";
}

std::string first_word(const std::string& sentence) {
  return sentence.substr(0, sentence.find(' '));
}

// ".pixel_id" where the sentence is about that setting, which it begins with; else "".
std::string setting_at_fault(const DestinationConfig& destination, const ServerError& error) {
  const std::string first = first_word(error.detail);
  return first == "events" || destination.settings.count(first) > 0 ? "." + first : "";
}

ConfigComplaint complaint_of(const PaymentConfig& payment, std::int64_t now_ms) {
  const Provider* provider = find_provider(payment.provider);
  return provider == nullptr ? ConfigComplaint{} : provider->complaint(payment, now_ms);
}

// Whose order numbers gtag says is somebody who tells this site's sales.
bool names_teller(const SiteConfig& site, const DestinationConfig& destination) {
  const auto named = destination.settings.find("tag_provider");
  return named == destination.settings.end() || named->second.empty() ||
         named->second == kStatedProvider ||
         std::any_of(site.payments.begin(), site.payments.end(),
                     [&](const auto& payment) { return payment.provider == named->second; });
}

bool can_make_checkouts(const SiteConfig& site) {
  return std::any_of(site.payments.begin(), site.payments.end(), [](const PaymentConfig& payment) {
    return find_checkout_maker(payment.provider) != nullptr && !payment.api_key.empty();
  });
}

// An address written as such; names are resolved when something is sent.
bool is_private_url(const std::string& url) {
  const auto parsed = parse_url(url);
  if (!parsed.ok()) return false;
  std::string_view host = parsed.value().host;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  return host == "localhost" || (address && !is_public_address(*address));
}

}  // namespace

Outcome<void> check_parts(const LoadedConfig& loaded) {
  const auto& config = loaded.config;
  Problems problems(loaded);
  problems.add_if_failed("store.url", check_store_url(config.store_url));
  problems.add_if_failed("cache.url", check_cache_url(config.cache_url));
  problems.add_if_failed("server.trusted_proxies",
                         http::TrustedProxies::parse(config.trusted_proxies));
  if (!config.tls_certificate.empty()) {
    const auto tls = http::TlsContext::load(config.tls_certificate, config.tls_key);
    if (!tls.ok()) problems.add("server." + first_word(tls.error().detail), tls.error().detail);
  }
  if (!config.geo_mmdb.empty())
    problems.add_if_failed("geo.mmdb", PlaceDatabase::open(config.geo_mmdb));
  if (!config.geo_headers.empty() && !http::is_geo_family(config.geo_headers))
    problems.add("geo.headers",
                 "[geo] headers must be vercel, cloudflare, cloudfront, netlify or "
                 "custom:COUNTRY[,REGION[,CITY]] with names of headers, not '" +
                     config.geo_headers + "'.");
  for (const auto& site : config.sites) {
    for (const auto& payment : site.payments) {
      const std::string path = "site." + site.id + ".payment." + payment.provider;
      if (find_provider(payment.provider) == nullptr)
        problems.add(path, unknown_name("payment provider", payment.provider, provider_names()));
      if (const auto complaint = complaint_of(payment, 0); !complaint.error.empty())
        problems.add(path + "." + first_word(complaint.error), complaint.error + ".");
      const ProviderApi* api = find_provider_api(payment.provider);
      if (api != nullptr && api->needs_lookups() && payment.api_key.empty())
        problems.add(path, "api_key is missing: webhooks of " + payment.provider +
                               " only name payments, which are fetched with it.");
    }
    for (const auto& destination : site.destinations) {
      const auto path = "site." + site.id + ".destination." + destination.name;
      const auto checked = destinations::check_destination(destination);
      if (!checked.ok())
        problems.add(path + setting_at_fault(destination, checked.error()), checked.error().detail);
      if (!names_teller(site, destination))
        problems.add(path + ".tag_provider",
                     "tag_provider of destination " + destination.name +
                         " is none of the site's payment providers, nor api: no sale would have "
                         "the number that gtag says.");
    }
  }
  return problems.outcome();
}

std::vector<std::string> doubts_of_parts(const LoadedConfig& loaded, std::int64_t now_ms) {
  std::vector<std::string> doubts;
  const auto add = [&](const std::string& path, const std::string& sentence) {
    doubts.push_back(loaded.place(path) + ": " + sentence);
  };
  const auto check_reach = [&](const std::string& path, const std::string& name,
                               const std::string& url) {
    const bool is_private = is_private_url(url);
    if (is_private && !loaded.config.allow_private_destinations)
      add(path + "." + name,
          name +
              " leads into a private network, where nothing is sent unless [server] has "
              "allow_private_destinations = true.");
    // Of an endpoint of the site's own allow_http has said so.
    if (!is_private && name != "url" && url.starts_with("http://"))
      add(path + "." + name,
          name + " is http: keys and what is told travel in clear; write https.");
  };
  const Config& config = loaded.config;
  if (!config.tls_certificate.empty()) {
    const auto tls = http::TlsContext::load(config.tls_certificate, config.tls_key);
    const std::string doubt = tls.ok() ? tls.value()->doubt(now_ms) : std::string();
    if (!doubt.empty())
      add("server.tls_certificate",
          "tls_certificate " + config.tls_certificate + " " + doubt + "; clients refuse it.");
  }
  for (const auto& site : config.sites) {
    for (const auto& payment : site.payments) {
      const std::string path = "site." + site.id + ".payment." + payment.provider;
      check_reach(path, "base_url", payment.base_url);
      if (const auto complaint = complaint_of(payment, now_ms); !complaint.doubt.empty())
        add(path + "." + first_word(complaint.doubt), complaint.doubt + ".");
      const ProviderApi* api = find_provider_api(payment.provider);
      if (api == nullptr || payment.api_key.empty()) continue;
      for (const auto& list : api->lists())
        if (const auto request = api->list_request({list, "", 0}, payment); !request.ok()) {
          add(path,
              "orders of " + payment.provider + " cannot be imported: " + request.error().detail);
          break;
        }
    }
    for (const auto& destination : site.destinations) {
      const std::string path = "site." + site.id + ".destination." + destination.name;
      for (const auto& [name, value] : destination.settings)
        if (name == "url" || name.ends_with("_url")) check_reach(path, name, value);
      const Destination* kind = destinations::find_destination(destination.kind);
      const std::string doubt = kind == nullptr ? "" : kind->doubt(destination);
      if (!doubt.empty()) add(path + "." + doubt.substr(0, doubt.find(' ')), doubt);
    }
    if (!site.checkouts.empty() && !can_make_checkouts(site))
      add("site." + site.id, "checkouts of [[site]] " + site.id +
                                 " cannot be paid: they need [site.payment.stripe] with an "
                                 "api_key.");
  }
  return doubts;
}

}  // namespace tl::server
