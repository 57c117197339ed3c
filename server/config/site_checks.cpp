// SPDX-License-Identifier: Apache-2.0
// Ids and write keys are unique, a session is no shorter than its idle time, cookies differ, a
// checkout has a price or a free amount with limits.

#include "server/config/site_checks.hpp"

#include <set>

namespace tl::server {

void check_site(const SiteConfig& site, int line, const std::string& label, const Config& config,
                ConfigProblems& problems) {
  for (const auto& other : config.sites) {
    if (!site.id.empty() && other.id == site.id)
      problems.error(line, "the id " + site.id + " is used by another [[site]] too");
    if (!site.write_key.empty() && other.write_key == site.write_key)
      problems.error(line, "write_key of " + label + " is used by " + other.id + " too");
    if (site.token_cookie() == other.token_cookie() ||
        site.anonymous_id_cookie() == other.anonymous_id_cookie() ||
        site.visible_cookie() == other.visible_cookie())
      problems.warn(line, "cookie_names of " + label + " are those of " + other.id +
                              " too: where their pages share the endpoint's host or a domain, each "
                              "takes the other's visitors' cookies");
  }
  if (site.session.max_ms < site.session.timeout_ms)
    problems.error(line, "session_max_minutes of " + label +
                             " must not be less than its session_timeout_minutes");
  const std::set<std::string> cookies = {site.anonymous_id_cookie(), site.token_cookie(),
                                         site.visible_cookie()};
  if (cookies.size() != 3)
    problems.error(line, "cookie_names of " + label + " must be three different names");
  for (const auto& origin : site.origins)
    if (origin == "*")
      problems.warn(line, label + " accepts events from every origin (\"*\"); for tests only");
  std::set<std::string> items;
  for (const auto& item : site.checkouts)
    if (!items.insert(item.id).second)
      problems.error(line, "checkout " + item.id + " of " + label + " is there twice");
}

void check_checkout(const CheckoutItem& item, int line, const std::string& label,
                    ConfigProblems& problems) {
  if (!item.price.empty()) {
    if (item.max_minor > 0 || item.min_minor > 0)
      problems.error(line,
                     label + " has a price, so min_minor and max_minor mean nothing; remove them");
    return;
  }
  if (item.currency.empty() || item.max_minor <= 0 || item.min_minor <= 0 ||
      item.min_minor > item.max_minor)
    problems.error(line, label +
                             " needs a price, or currency, min_minor and max_minor for a free "
                             "amount");
}

}  // namespace tl::server
