// SPDX-License-Identifier: Apache-2.0

#include "server/core/classify/partner_link.hpp"

#include "server/core/classify/withheld_value.hpp"
#include "throughline/params.hpp"
#include "throughline/text.hpp"
#include "throughline/url.hpp"

#include <algorithm>

namespace tl::server {
namespace {

// Slugs are written as they are: what would have to be decoded is none.
bool is_slug(std::string_view value) {
  return value != kWithheldValue && is_click_value(Param::clickref, value) && !contains(value, '%');
}

bool is_named_otherwise(const Touch& touch) {
  if (!touch.source.empty() || !touch.medium.empty() || !touch.campaign.empty()) return true;
  return std::any_of(touch.click_ids.begin(), touch.click_ids.begin() + touch.click_id_count,
                     [](const ClickId& click) { return is_paid(click.param); });
}

}  // namespace

void settle_partner(Touch& touch, std::string_view url, const SiteConfig& site) {
  UrlView page;
  if (site.affiliate_params.empty() || is_named_otherwise(touch) || !split_url(url, page)) return;
  QueryPair pair;
  while (next_pair(page.query, pair)) {
    const auto is_pair = [&](const std::string& name) {
      return equals_ignoring_case(name, pair.key);
    };
    if (!is_slug(pair.value) ||
        std::none_of(site.affiliate_params.begin(), site.affiliate_params.end(), is_pair))
      continue;
    touch.source = pair.value;
    touch.medium = "affiliate";
    return;
  }
}

}  // namespace tl::server
