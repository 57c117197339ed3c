// SPDX-License-Identifier: Apache-2.0
// any_site: an origin that some site lists, or "*" where a site allows all. open: "*", never with
// credentials. none: no CORS header, so browsers keep the answer from the page.

#include "server/http/cors.hpp"

#include "throughline/url.hpp"

namespace tl::server::http {
namespace {

constexpr std::string_view kAllowedHeaders =
    "Content-Type, Authorization, X-Throughline-Key, X-Aurea-API-Key, X-Aurea-Funnel-ID";
constexpr std::string_view kExposedHeaders = "X-Throughline, X-Request-Id, Retry-After";

}  // namespace

CorsPolicy::CorsPolicy(const Config& config) {
  for (const auto& site : config.sites)
    for (const auto& origin : site.origins) {
      if (origin == "*") any_origin_ = true;
      origins_.insert(origin);
    }
  if (const auto url = parse_url(config.public_url); url.ok()) public_host_ = url.value().host;
}

bool CorsPolicy::is_own_site(std::string_view origin, const Request& request) const {
  const auto page = parse_url(origin);
  if (!page.ok()) return false;
  if (!public_host_.empty() && is_same_site(page.value().host, public_host_)) return true;
  const auto own = "http://" + std::string(request.header("host"));
  const auto endpoint = parse_url(own);
  return endpoint.ok() && is_same_site(page.value().host, endpoint.value().host);
}

void CorsPolicy::apply(Cors cors, const Request& request, Reply& reply) const {
  if (cors == Cors::none) return;
  if (cors == Cors::open) {
    reply.header("Access-Control-Allow-Origin", "*");
    return;
  }
  reply.header("Vary", "Origin");
  const auto origin = request.header("origin");
  if (origin.empty()) return;
  const bool is_listed = origins_.find(origin) != origins_.end();
  if (!is_listed && !any_origin_) return;
  if (is_own_site(origin, request)) {
    reply.header("Access-Control-Allow-Origin", std::string(origin));
    reply.header("Access-Control-Allow-Credentials", "true");
  } else {
    reply.header("Access-Control-Allow-Origin", is_listed ? std::string(origin) : "*");
  }
  reply.header("Access-Control-Expose-Headers", std::string(kExposedHeaders));
}

Reply CorsPolicy::preflight(Cors cors, std::string_view allow, const Request& request) const {
  Reply reply;
  reply.status = 204;
  reply.header("Allow", std::string(allow));
  if (request.header("access-control-request-method").empty()) return reply;
  apply(cors, request, reply);
  bool is_allowed = false;
  for (const auto& [name, value] : reply.headers)
    is_allowed = is_allowed || name == "Access-Control-Allow-Origin";
  if (!is_allowed) return reply;
  reply.header("Access-Control-Allow-Methods", std::string(allow));
  reply.header("Access-Control-Allow-Headers", std::string(kAllowedHeaders));
  reply.header("Access-Control-Max-Age", "86400");
  return reply;
}

}  // namespace tl::server::http
