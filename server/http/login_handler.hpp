// SPDX-License-Identifier: Apache-2.0
// POST /api/login and /api/logout, GET /api/me, POST /api/me/password: a person's own account.
#pragma once

#include "server/core/access/users.hpp"
#include "server/http/exchange.hpp"
#include "server/http/order_routes.hpp"

#include <functional>
#include <string>
#include <vector>

namespace tl::server::http {

struct LoginParts {
  Users& users;
  Store& store;
  SiteLookup find_site;
  std::string public_url;  // https: the cookie is Secure
  std::function<std::string(const DestinationConfig&)> destination_title;
};

std::vector<Route> login_routes(const LoginParts& parts);

}  // namespace tl::server::http
