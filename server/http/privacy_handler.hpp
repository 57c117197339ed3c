// SPDX-License-Identifier: Apache-2.0
// What a person may ask for, by e-mail, phone, user id or anonymous id: POST /api/erasures and
// /api/exports, named in the body, and the older query forms DELETE /api/delete-user and
// GET /api/export-user. Scope admin: an owner, or a key that has it.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/clock.hpp"
#include "server/core/orders/orders.hpp"
#include "server/core/ports/store.hpp"
#include "server/http/exchange.hpp"
#include "server/http/order_routes.hpp"

#include <vector>

namespace tl::server::http {

struct PrivacyRouteParts {
  Store& store;
  const Clock& clock;
  Entropy& entropy;
  const SecretBox& box;
  SiteLookup find_site;
  Authorise authorise;
};

std::vector<Route> privacy_routes(const PrivacyRouteParts& parts);

}  // namespace tl::server::http
