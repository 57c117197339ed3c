// SPDX-License-Identifier: Apache-2.0
// The place of a visitor as a CDN or host in front says it (facts: channels, section 7.2). Whoever
// reaches the server directly can write these headers too: one family is read, only when [geo]
// headers names it, and only from a trusted proxy.
#pragma once

#include "server/core/classify/place.hpp"
#include "server/http/exchange.hpp"

#include <string>
#include <string_view>

namespace tl::server::http {

// vercel, cloudflare, cloudfront, netlify, or custom:COUNTRY[,REGION[,CITY]] with the names of
// headers that the owner's proxy sets (Fastly, Google's load balancer, nginx).
bool is_geo_family(std::string_view family);

Place place_in_headers(std::string_view family, const Request& request);

}  // namespace tl::server::http
