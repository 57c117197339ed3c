// SPDX-License-Identifier: Apache-2.0
// A lead as the API shows it: a conversion with the form, the stages it has come to, who told it
// and the contacts as hashes; in plain where the site stores them encrypted.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/ports/store.hpp"
#include "server/http/order_routes.hpp"

#include <nlohmann/json.hpp>

namespace tl::server::http {

// `row`: a conversion of kind lead. Errors: unavailable.
Outcome<nlohmann::ordered_json> lead_item(Tables& tables, const SecretBox& box,
                                          const SiteConfig& site, const ConversionRow& row);

// GET /api/leads
Reply list_leads(const OrderRouteParts& parts, const SecretBox& box, const Request& request);

}  // namespace tl::server::http
