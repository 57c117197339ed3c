// SPDX-License-Identifier: Apache-2.0
// GET /px.gif?site=…&u=…&r=…: a touch from a page without scripts. It always answers the same 43
// bytes. Ids come only with consent: what is on record of the visitor whose token the cookie holds,
// else what that token says, else the site's default; otherwise it is at most a coarse count. An
// image states no choice, so it changes none. Any page can hold one, so the page must be the
// site's.

#include "server/http/intake.hpp"
#include "server/http/reject_row.hpp"
#include "server/http/unread_tally.hpp"
#include "server/http/visitor_cookies.hpp"
#include "throughline/channel.hpp"
#include "throughline/touch.hpp"
#include "throughline/url.hpp"

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
  return {std::string(channel_name(classify(touch, all_hosts(), arena).channel)),
          std::string(touch.source),
          std::string(touch.medium),
          std::string(touch.campaign),
          std::string(touch.referrer_host),
          std::string(touch.landing_path)};
}

// Of the visitor whose token the cookie holds.
Outcome<Consent> consent_on_record(const IngestServices& services, const SiteConfig& site,
                                   const Request& request) {
  const auto token =
      services.tokens.check(visitor_cookies_of(services.tokens, site, request).token, site.id);
  if (!token.ok()) return Consent{};
  Consent consent = token.value().consent;
  TL_CHECK(services.store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(record, tables.people().find_consent(site.id, token.value().anonymous_id));
    if (record) consent = record->consent;
    return {};
  }));
  return consent;
}

// An image carries no Origin: its page is the referrer's, and the one that it says. Errors:
// forbidden (foreign_origin).
Outcome<void> check_page(const SiteConfig& site, const Request& request) {
  const std::string referrer = origin_of(request.header("referer"));
  TL_CHECK(check_origin(site, referrer));
  TL_CHECK(check_origin(site, origin_of(request.query_value("u"))));
  if (referrer.empty() && request.header("sec-fetch-site") == "cross-site")
    return fail(ErrorKind::forbidden, "foreign_origin",
                "the image's page is on another site and hides which: pages of site \"" + site.id +
                    "\" must send a Referer (Referrer-Policy: origin is enough)");
  return {};
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
  if (const auto page = check_page(*site, request); !page.ok()) {
    const auto kept = parts.ingest.keep_reject(reject_of(site->id, request, page.error()));
    if (!kept.ok()) return Reply::error(kept.error());
    return reply.header("X-Throughline", page.error().code);
  }
  WireBatch batch;
  batch.site_id = site->id;
  batch.states_choice = false;
  batch.keeps_query = false;
  services.entropy.fill(batch.page_nonce.bytes.data(), batch.page_nonce.bytes.size());
  WireEvent event;
  event.name = "page_view";
  event.seq = 1;
  event.t_ms = request.received_ms;
  event.url = request.query_value("u");
  if (event.url.empty()) event.url = request.header("referer");
  event.referrer = request.query_value("r");
  const auto consent = consent_on_record(services, *site, request);
  if (!consent.ok()) return Reply::error(consent.error());
  event.consent = consent.value();
  if (permits_ids(with_default(event.consent, site->consent_default)))
    event.has_evidence = true;
  else
    event.anonymous = coarse(event.url, event.referrer);
  batch.events.push_back(std::move(event));

  const auto answer =
      parts.ingest.keep(*site, batch, {}, sender_of(services.tokens, *site, request), {});
  if (!answer.ok()) return Reply::error(answer.error());
  if (answer.value().consent_refused > 0) reply.header("X-Throughline", "consent_refused");
  Request page = request;
  page.headers.emplace_back("Origin", std::string(request.header("referer")));
  if (is_own_site(page, parts.public_url))
    set_cookies(services.tokens, *site, page, answer.value(), reply);
  return reply;
}

}  // namespace

std::vector<Route> pixel_routes(const IngestRouteParts& parts) {
  Route route;
  route.method = "GET";
  route.pattern = "/px.gif";
  route.cors = Cors::none;
  route.summary = "A touch from a page without scripts";
  route.keep_unread = parts.unread.counting("rejected");
  route.handler = [parts](const Request& request) { return take_pixel(parts, request); };
  return {route};
}

}  // namespace tl::server::http
