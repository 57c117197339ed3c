// SPDX-License-Identifier: Apache-2.0
// The routes of browsers (events, touches, identify, consent, pixel) and of reading what they left
// (sessions, visitors, rejects). Each function makes its routes from the parts it needs; App wires
// them. Handlers are plain functions over Request and Reply.
#pragma once

#include "server/core/ingest/ingest.hpp"
#include "server/http/exchange.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server::http {

class UnreadTally;

// The site of the Bearer secret key of a request, when the key has the scope ("read", "write").
// Errors: unauthenticated, forbidden.
using Authorise = std::function<Outcome<std::string>(const Request&, std::string_view scope)>;
// A checkout_completed event that came with a secret key: kept as a conversion (properties: JSON),
// without those contacts of the buyer that it gives, which could not be read.
using StatedEvent = std::function<Outcome<std::vector<std::string>>(const SiteConfig& site,
                                                                    const WireEvent& event)>;

struct IngestRouteParts {
  Ingest& ingest;
  std::string public_url;  // decides whether a page is on the endpoint's own site
  Authorise authorise;
  UnreadTally& unread;
  StatedEvent on_stated;  // may be empty: then such events stay events
};

// POST /api/events
std::vector<Route> events_routes(const IngestRouteParts& parts);
// POST /api/touch, /api/tracking/marketing-touch, /track/events
std::vector<Route> touch_routes(const IngestRouteParts& parts);
// POST /api/identify
std::vector<Route> identify_routes(const IngestRouteParts& parts);
// POST /api/consent
std::vector<Route> consent_routes(const IngestRouteParts& parts);
// POST /api/handover
std::vector<Route> handover_routes(const IngestRouteParts& parts);
// GET /api/region
std::vector<Route> region_routes(const IngestRouteParts& parts);
// POST /api/coarse-handover
std::vector<Route> coarse_handover_routes(const IngestRouteParts& parts);
// GET /px.gif
std::vector<Route> pixel_routes(const IngestRouteParts& parts);
// POST /api/views
std::vector<Route> view_routes(const IngestRouteParts& parts);
// POST /api/people/cut, /api/people/join
std::vector<Route> people_routes(const IngestRouteParts& parts);
// GET /api/sessions, /api/sessions/{id}, /api/visitors/{anonymous_id}
std::vector<Route> sessions_routes(const IngestRouteParts& parts);
// GET /api/rejects, POST /api/rejects/{id}/replay. `intakes`: the routes that keep what they
// refuse.
std::vector<Route> rejects_routes(const IngestRouteParts& parts, std::vector<Route> intakes);

}  // namespace tl::server::http
