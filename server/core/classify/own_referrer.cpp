// SPDX-License-Identifier: Apache-2.0

#include "server/core/classify/own_referrer.hpp"

#include "server/core/classify/registrable_domain.hpp"
#include "throughline/channel.hpp"
#include "throughline/text.hpp"
#include "throughline/url.hpp"

#include <algorithm>

namespace tl::server {
namespace {

bool is_ignored(std::string_view host) {
  return match_host(host, all_hosts()).category == HostCategory::ignored;
}

bool is_under(std::string_view host, std::string_view domain) {
  if (host.size() < domain.size() ||
      !equals_ignoring_case(host.substr(host.size() - domain.size()), domain))
    return false;
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

}  // namespace

std::string_view document_referrer(std::string_view url, std::string_view referrer) {
  const auto page = parse_url(url), from = parse_url(referrer);
  const bool is_same = page.ok() && from.ok() && page.value().host == from.value().host;
  return is_same ? std::string_view{} : referrer;
}

bool is_own_referrer(std::string_view page_host, std::string_view referrer_host,
                     const SiteConfig& site) {
  const auto is_origin = [&](const std::string& origin) {
    const auto parsed = parse_url(origin);
    return parsed.ok() && is_one_site(parsed.value().host, referrer_host);
  };
  const auto is_domain = [&](const std::string& domain) { return is_under(referrer_host, domain); };
  return is_one_site(page_host, referrer_host) ||
         std::any_of(site.origins.begin(), site.origins.end(), is_origin) ||
         std::any_of(site.own_domains.begin(), site.own_domains.end(), is_domain);
}

void settle_referrer(Touch& touch, std::string_view url, std::string_view referrer,
                     const SiteConfig& site, bool may_restore) {
  if (touch.referrer_host.empty() && (!may_restore || referrer.empty() || touch.has_evidence()))
    return;
  const auto page = parse_url(url);
  if (!page.ok()) return;
  if (!touch.referrer_host.empty()) {
    if (!is_ignored(touch.referrer_host) &&
        !is_own_referrer(page.value().host, touch.referrer_host, site))
      return;
    touch.referrer_host = touch.referrer_path = {};
    touch.is_internal = true;
    return;
  }
  const auto from = parse_url(referrer);
  if (!from.ok()) return;
  const auto host = from.value().host;
  if (is_ignored(host) || is_own_referrer(page.value().host, host, site)) return;
  touch.referrer_host = host;
  touch.referrer_path = from.value().path;
  touch.is_internal = false;
}

}  // namespace tl::server
