// SPDX-License-Identifier: Apache-2.0
// Cross-origin answers (Fetch standard, CORS protocol). The header names the exact origin; cookies
// are let through only when the page is on the endpoint's own site, where browsers send them.
// Whether an origin may use a particular site's key is checked by the handler that reads the key.
#pragma once

#include "server/core/config.hpp"
#include "server/http/exchange.hpp"

#include <set>
#include <string>
#include <string_view>

namespace tl::server::http {

class CorsPolicy {
 public:
  explicit CorsPolicy(const Config& config);
  void apply(Cors cors, const Request& request, Reply& reply) const;
  [[nodiscard]] Reply preflight(Cors cors, std::string_view allow, const Request& request) const;

 private:
  [[nodiscard]] bool is_own_site(std::string_view origin, const Request& request) const;
  std::set<std::string, std::less<>> origins_;  // of all sites, exact
  bool any_origin_ = false;                     // some site lists "*"
  std::string public_host_;
};

}  // namespace tl::server::http
