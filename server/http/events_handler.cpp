// SPDX-License-Identifier: Apache-2.0
// POST /api/events. Order of checks: shape of the batch, site and key, origin; then single events.

#include "server/http/decode_batch.hpp"
#include "server/http/intake.hpp"
#include "server/http/unread_tally.hpp"
#include "server/http/visitor_cookies.hpp"

namespace tl::server::http {
namespace {

Reply take_events(const IngestRouteParts& parts, const Request& request) {
  const IngestServices& services = parts.ingest.services();
  const auto oversized = long_body_error(request);
  auto decoded = oversized ? Outcome<DecodedBatch>(*oversized) : decode_batch(request.body);
  if (!decoded.ok()) {
    const ClaimedKey claimed = claimed_key(request.body);
    const auto keyed = find_keyed_site(services, request, claimed.site, claimed.key);
    return refuse(parts.ingest, request, keyed.ok() ? keyed.value() : nullptr, decoded.error());
  }
  DecodedBatch& batch = decoded.value();
  const auto keyed = find_keyed_site(services, request, batch.batch.site_id, batch.key);
  if (!keyed.ok()) return refuse(parts.ingest, request, nullptr, keyed.error());
  const SitePointer& site = keyed.value();
  if (const auto origin = check_origin(*site, request); !origin.ok())
    return refuse(parts.ingest, request, site, origin.error());

  Sender sender = sender_of(services.tokens, *site, request);
  if (batch.batch.is_reset) forget_cookies(sender);
  auto answer = parts.ingest.keep(*site, batch.batch, std::move(batch.refused), sender,
                                  route_to_keep(request));
  if (!answer.ok()) return Reply::error(answer.error());
  for (const auto& name : batch.ignored) answer.value().flags.push_back("ignored:" + name);
  Reply reply = answer_batch(202, answer.value());
  if (is_own_site(request, parts.public_url)) {
    if (batch.batch.is_reset && answer.value().token.empty())
      clear_cookies(services.tokens, *site, request, reply);
    else
      set_cookies(services.tokens, *site, request, answer.value(), reply);
  }
  return reply;
}

}  // namespace

std::vector<Route> events_routes(const IngestRouteParts& parts) {
  Route route;
  route.method = "POST";
  route.pattern = "/api/events";
  route.cors = Cors::any_site;
  route.max_body = kMaxEventBody;
  route.max_kept_body = kMaxKeptBody;
  route.summary = "Takes a batch of at most 50 events in wire format v1";
  route.handler = [parts](const Request& request) { return take_events(parts, request); };
  route.keep_unread = parts.unread.counting("rejected");
  return {route};
}

}  // namespace tl::server::http
