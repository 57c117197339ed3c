// SPDX-License-Identifier: Apache-2.0
// Whether an arrival's referrer is the site itself or a page of its checkout, by what only the
// server has: the Public Suffix List, the site's own domains and the payment pages of hosts.tsv.
// decide() compares host names alone, so that both sides agree; what is settled here changes how
// its touch is classified and stored, never the verdict.
#pragma once

#include "server/core/config.hpp"
#include "throughline/touch.hpp"

#include <string_view>

namespace tl::server {

// The referrer of a page, or "" where it is a page of the same host: a route change names the page
// left there, which decide() needs, and which referred nobody.
std::string_view document_referrer(std::string_view url, std::string_view referrer);

// The page's own site, one of the site's origins, or one of its own_domains or below.
bool is_own_referrer(std::string_view page_host, std::string_view referrer_host,
                     const SiteConfig& site);

// Corrects the touch of a page at `url` that came from `referrer`:
//   - an own referrer that decide() took for a stranger (www.shop.example.plc.uk, a configured
//     domain, www.mollie.com) is forgotten and makes the touch internal;
//   - `may_restore`: a stranger that decide() took for the site (two tenants of github.io) becomes
//     its referrer, if the touch has no evidence at all. Views into `referrer`.
void settle_referrer(Touch& touch, std::string_view url, std::string_view referrer,
                     const SiteConfig& site, bool may_restore);

}  // namespace tl::server
