// SPDX-License-Identifier: Apache-2.0
// The routes around money: webhooks in, conversions in and out, the thank-you page's event id, and
// the creation of Stripe checkouts. Each function makes its routes from the parts it needs; App
// wires them. Handlers are plain functions over Request and Reply.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/clock.hpp"
#include "server/core/ingest/ingest.hpp"
#include "server/core/ingest/session_token.hpp"
#include "server/core/ingest/wire_event.hpp"
#include "server/core/orders/checkouts.hpp"
#include "server/core/orders/orders.hpp"
#include "server/core/ports/checkout_maker.hpp"
#include "server/core/ports/provider.hpp"
#include "server/core/ports/store.hpp"
#include "server/http/exchange.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server::http {

class UnreadTally;

using ProviderLookup = std::function<const Provider*(std::string_view name)>;
using CheckoutMakerLookup = std::function<const CheckoutMaker*(std::string_view name)>;
// The site of the Bearer secret key of a request, when the key has the scope ("read", "write").
// Errors: unauthenticated, forbidden.
using Authorise = std::function<Outcome<std::string>(const Request&, std::string_view scope)>;

struct OrderRouteParts {
  Orders& orders;
  Store& store;
  const Clock& clock;
  SiteLookup find_site;
  ProviderLookup find_provider;
  Authorise authorise;
  const TokenIssuer& tokens;
  Checkouts& checkouts;
  CheckoutMakerLookup find_checkout_maker;
  UnreadTally& unread;
  const SecretBox& box;
  // A webhook came to an address that names no provider or site of this server.
  std::function<void(const std::string& provider, const std::string& site_id)>
      report_misaddressed{};
};

// POST /api/webhook/{provider}/{site}
std::vector<Route> webhook_routes(const OrderRouteParts& parts);
// POST /api/conversions, GET /api/conversions, GET /api/conversions/{id}
std::vector<Route> conversion_routes(const OrderRouteParts& parts);
// POST /api/webhook/lead, GET /api/leads. `ingest` knows who may send and keeps what is refused.
std::vector<Route> lead_routes(const OrderRouteParts& parts, Ingest& ingest);
// GET /api/order-event?site&ref
std::vector<Route> order_event_routes(const OrderRouteParts& parts);
// POST /api/checkout/{provider}. `ingest` knows who may send and keeps what is refused.
std::vector<Route> checkout_routes(const OrderRouteParts& parts, Ingest& ingest);

// What a checkout_completed event that came with a secret key means: a purchase, told by the site's
// own server (the CRM shape of POST /track/events). Gives what of the buyer's contacts could not be
// read.
using StatedEventRecorder =
    std::function<Outcome<std::vector<std::string>>(const SiteConfig&, const WireEvent&)>;
StatedEventRecorder stated_event_recorder(Orders& orders);

}  // namespace tl::server::http
