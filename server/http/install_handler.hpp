// SPDX-License-Identifier: Apache-2.0
// GET /api/install: what the script tag of this site needs, and what is still missing on the way
// from a page to a counted order.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/orders/checkout_faults.hpp"
#include "server/core/ports/store.hpp"
#include "server/http/exchange.hpp"
#include "server/http/order_routes.hpp"

#include <string>
#include <vector>

namespace tl::server::http {

struct InstallParts {
  Store& store;
  const Clock& clock;
  SiteLookup find_site;
  Authorise authorise;  // scope read
  std::string public_url;
  std::string script_name;  // of the operator's own; ""
  const CheckoutFaults& checkout_faults;
};

std::vector<Route> install_routes(const InstallParts& parts);

}  // namespace tl::server::http
