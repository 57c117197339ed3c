// SPDX-License-Identifier: Apache-2.0
// GET /api/region?site=…: what an unknown choice means where the visitor is, for pages that ask for
// it with data-consent-default="region" (facts: consent, section 4). The country is a trusted
// proxy's word, else that of the address; where neither knows it the strict default holds. Answers
// no place, and keeps nothing.

#include "server/core/classify/place_database.hpp"
#include "server/http/ingest_routes.hpp"

#include <algorithm>
#include <string>

namespace tl::server::http {
namespace {

Reply answer_region(const IngestRouteParts& parts, const Request& request) {
  const IngestServices& services = parts.ingest.services();
  const auto site = services.find_site(request.query_value("site"));
  std::string country = request.place.country;
  if (country.empty() && services.places != nullptr)
    country = services.places->find(request.client_ip).country;
  const auto& listed = site ? site->opt_out_countries : std::vector<std::string>();
  const bool is_opt_out =
      !country.empty() && std::find(listed.begin(), listed.end(), country) != listed.end();
  Reply reply = Reply::json(
      200, std::string("{\"consent_default\":\"") + (is_opt_out ? "granted" : "denied") + "\"}");
  // The visitor's own cache only: it holds for where they are.
  reply.header("Cache-Control", "private, max-age=3600");
  return reply;
}

}  // namespace

std::vector<Route> region_routes(const IngestRouteParts& parts) {
  Route route;
  route.method = "GET";
  route.pattern = "/api/region";
  route.cors = Cors::any_site;
  route.summary = "What an unknown choice means where the visitor is";
  route.handler = [parts](const Request& request) { return answer_region(parts, request); };
  return {route};
}

}  // namespace tl::server::http
