// SPDX-License-Identifier: Apache-2.0
// GET /px.gif?site=…&u=…&r=…: a touch from a page without scripts. It always answers the same 43
// bytes. Ids come only with consent: the site's default, or what a token in the visitor's cookie
// proves; otherwise it is at most a coarse count.

#include "server/http/intake.hpp"
#include "throughline/channel.hpp"
#include "throughline/text.hpp"
#include "throughline/touch.hpp"

#include <algorithm>

namespace tl::server::http {
namespace {

constexpr unsigned char kGif[] = {'G',  'I',  'F',  '8',  '9',  'a',  0x01, 0x00, 0x01, 0x00, 0x80,
                                  0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0x21, 0xf9, 0x04,
                                  0x01, 0x00, 0x00, 0x00, 0x00, 0x2c, 0x00, 0x00, 0x00, 0x00, 0x01,
                                  0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00, 0x3b};

Reply gif() {
  Reply reply = Reply::text(200, std::string(std::begin(kGif), std::end(kGif)), "image/gif");
  reply.header("Cache-Control", "no-store");
  return reply;
}

WireAnonymous coarse(const std::string& url, const std::string& referrer) {
  std::string buffer(4 * kTouchArenaBytes, '\0');
  Out arena(buffer.data(), buffer.size());
  const Touch touch = extract_touch(url, referrer, arena);
  const auto shared = [](std::string_view value) {
    return std::string(contains(value, "@") ? "*" : value);
  };
  return {std::string(channel_name(classify(touch, all_hosts(), arena).channel)),
          shared(touch.source),
          shared(touch.medium),
          shared(touch.campaign),
          std::string(touch.referrer_host),
          std::string(touch.landing_path)};
}

Reply take_pixel(const IngestRouteParts& parts, const Request& request) {
  const IngestServices& services = parts.ingest.services();
  const SitePointer site = services.find_site(request.query_value("site"));
  Reply reply = gif();
  if (!site) {
    const auto counted = parts.ingest.count_rejected("", 1);
    if (!counted.ok()) return Reply::error(counted.error());
    return reply.header("X-Throughline", "unknown_site");
  }
  WireBatch batch;
  batch.site_id = site->id;
  batch.keeps_query = false;
  services.entropy.fill(batch.page_nonce.bytes.data(), batch.page_nonce.bytes.size());
  WireEvent event;
  event.name = "page_view";
  event.seq = 1;
  event.t_ms = request.received_ms;
  event.url = request.query_value("u");
  if (event.url.empty()) event.url = request.header("referer");
  event.referrer = request.query_value("r");
  const auto token = services.tokens.check(request.cookie(site->cookie_token), site->id);
  if (token.ok()) event.consent = token.value().consent;
  if (permits_ids(with_default(event.consent, site->consent_default)))
    event.has_evidence = true;
  else
    event.anonymous = coarse(event.url, event.referrer);
  batch.events.push_back(std::move(event));

  const auto answer = parts.ingest.keep(*site, batch, {}, sender_of(*site, request), {});
  if (!answer.ok()) return Reply::error(answer.error());
  if (answer.value().consent_refused > 0) reply.header("X-Throughline", "consent_refused");
  // An image carries no Origin: its page is the referrer.
  Request page = request;
  page.headers.emplace_back("Origin", std::string(request.header("referer")));
  if (is_own_site(page, parts.public_url)) set_cookies(*site, page, answer.value(), reply);
  return reply;
}

}  // namespace

std::vector<Route> pixel_routes(const IngestRouteParts& parts) {
  Route route;
  route.method = "GET";
  route.pattern = "/px.gif";
  route.cors = Cors::none;
  route.summary = "A touch from a page without scripts";
  route.handler = [parts](const Request& request) { return take_pixel(parts, request); };
  return {route};
}

}  // namespace tl::server::http
