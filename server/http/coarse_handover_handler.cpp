// SPDX-License-Identifier: Apache-2.0
// POST /api/coarse-handover: for a page without consent, on a site with coarse_handover: what its
// checkouts may carry (core/attribution/coarse_origin.hpp). The page tells what a coarse count
// tells of it,
//   {"site","write_key","an":{"source","medium","campaign","ref","path","cl","in"}}
// and is answered {"token":"tl0_…","metadata":{"tl_channel",…}}; null and {} where there is nothing
// to say. Keeps nothing.

#include "server/core/attribution/coarse_origin.hpp"
#include "server/http/decode_batch.hpp"
#include "server/http/ingest_routes.hpp"
#include "server/http/intake.hpp"

#include <string>

namespace tl::server::http {
namespace {

// The short name of a source that our list knows: by the campaign's own word, else by the referrer.
std::string known_source(const WireAnonymous& said) {
  const auto match = said.source.empty() ? match_host(said.referrer_domain, all_hosts())
                                         : match_source(said.source, all_hosts());
  return std::string(match.name);
}

Reply answer_coarse(const IngestRouteParts& parts, const Request& request) {
  KeyedBody body;
  if (auto refused = read_keyed_body(parts.ingest, request, body)) return std::move(*refused);
  const auto said = read_coarse_facts(body.fields);
  if (!said.ok()) return Reply::error(said.error());
  std::string token;
  if (const auto& facts = said.value())
    token = permitted_coarse(*body.site,
                             coarse_token(facts->channel, known_source(*facts), facts->campaign));
  nlohmann::ordered_json answer = {{"token", nullptr},
                                   {"metadata", nlohmann::ordered_json::object()}};
  if (const auto origin = read_coarse(token)) {
    answer["token"] = token;
    answer["metadata"]["tl_channel"] = channel_name(origin->channel);
    if (!origin->source.empty()) answer["metadata"]["tl_source"] = origin->source;
    if (!origin->campaign.empty()) answer["metadata"]["tl_campaign"] = origin->campaign;
  }
  Reply reply = Reply::json(200, answer.dump());
  reply.header("Cache-Control", "no-store");
  return reply;
}

}  // namespace

std::vector<Route> coarse_handover_routes(const IngestRouteParts& parts) {
  Route route;
  route.method = "POST";
  route.pattern = "/api/coarse-handover";
  route.cors = Cors::any_site;
  route.summary = "What a checkout may carry without consent: a channel, no id";
  route.handler = [parts](const Request& request) { return answer_coarse(parts, request); };
  return {route};
}

}  // namespace tl::server::http
