// SPDX-License-Identifier: Apache-2.0
// The cookies by which a browser is known again on the endpoint's host. Sites of one server may
// share that host, so the site's id is in the names: tl_aid.ID and tl_tok.ID (HttpOnly), tl.ID (for
// the script, which sites of one domain may share). Former names had none (tl_aid, tl_tok, tl):
// such cookies count where the token was signed for the site, and the last goes where it is the
// visitor's.
#pragma once

#include "server/core/ingest/ingest.hpp"
#include "server/http/exchange.hpp"

#include <optional>
#include <string>

namespace tl::server::http {

struct VisitorCookies {
  std::string token;  // as sent, unchecked; "" for none
  std::optional<Id128> anonymous_id;
};
VisitorCookies visitor_cookies_of(const TokenIssuer& tokens, const SiteConfig& site,
                                  const Request& request);

// Whether the page is on the endpoint's own site, so that cookies of ours are first-party.
bool is_own_site(const Request& request, const std::string& public_url);
// For 365 days; the answer's, where it has a token. Those under former names go, and after a
// withdrawal all.
void set_cookies(const TokenIssuer& tokens, const SiteConfig& site, const Request& request,
                 const IngestAnswer& answer, Reply& reply);
void clear_cookies(const TokenIssuer& tokens, const SiteConfig& site, const Request& request,
                   Reply& reply);

}  // namespace tl::server::http
