// SPDX-License-Identifier: Apache-2.0
// POST /api/touch and its aliases, for clients without the script. Two shapes, told apart by
// "events":
//   {"site","url","referrer","anonymous_id","session_id","consent","t"}     one touch, 200
//   {"events":[{"eventName","properties","context":{"user":{"anonymousId"},
//     "session":{"sessionId"},"page":{"url","referrer"},"consent"},"timestamp"}]}
//     with X-Throughline-Key (or X-Aurea-API-Key) and X-Aurea-Funnel-ID as the site
// Both become evidence for the server to decide on (rules version 0). Ids that the client brings
// are claims: its anonymous_id is taken over, its session_id continues the session of that name or
// leads to the new one.

#include "server/core/durations.hpp"
#include "server/core/ingest/plausible_time.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/http/authorisation.hpp"
#include "server/http/decode_batch.hpp"
#include "server/http/intake.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/unread_tally.hpp"
#include "server/http/visitor_cookies.hpp"
#include "throughline/text.hpp"

#include <algorithm>

namespace tl::server::http {
namespace {

using Json = nlohmann::json;

Json value_at(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? Json() : *found;
}

// No time that could be one is none.
std::optional<std::int64_t> said_time(const Json& value, std::int64_t received_ms) {
  std::optional<std::int64_t> t_ms;
  if (value.is_number_integer()) t_ms = value.get<std::int64_t>();
  if (value.is_string()) t_ms = parse_rfc3339(value.get_ref<const std::string&>());
  if (!t_ms || *t_ms < kEarliestTimeMs || *t_ms > received_ms) return std::nullopt;
  return t_ms;
}

// The first time that a body says, in either shape; the same when it is sent again after midnight.
std::int64_t nonce_time(const Json& body, std::int64_t received_ms) {
  const auto events = body.find("events");
  const bool is_crm = events != body.end() && events->is_array() && !events->empty();
  const Json& dated = is_crm ? events->front() : body;
  if (!dated.is_object()) return received_ms;
  return said_time(value_at(dated, is_crm ? "timestamp" : "t"), received_ms).value_or(received_ms);
}

// The same request sent again by the same client on a day is the same page load; another client's
// is not. The nonce is kept with the event, so it is made under a key of the day and of the
// server's secret: whoever has the store alone cannot try all addresses.
Id128 nonce_of(const SecretBox& box, const Json& body, const Request& request) {
  if (request.replayed) return request.replayed->page_nonce;
  const auto day = nonce_time(body, request.received_ms) / kDayMs;
  const Digest key = box.derive("page nonce", std::to_string(day));
  const Digest digest = FieldHash("tl-pn")
                            .add({reinterpret_cast<const char*>(key.data()), key.size()})
                            .add(request.body)
                            .add(request.client_ip)
                            .add(request.header("user-agent"))
                            .finish();
  Id128 nonce;
  std::copy_n(digest.begin(), nonce.bytes.size(), nonce.bytes.begin());
  return nonce;
}

// What is no UUID gets one of the server's, and the answer flags it.
void claim_ids(const std::string& anonymous_id, const std::string& session_id, WireEvent& event,
               std::vector<std::string>& flags) {
  const auto aid = parse_uuid(anonymous_id);
  const auto sid = parse_uuid(session_id);
  if (aid.ok()) event.anonymous_id = event.previous.anonymous_id = aid.value();
  if (sid.ok()) event.session_id = event.previous.session_id = sid.value();
  const bool is_replaced =
      (!aid.ok() && !anonymous_id.empty()) || (!sid.ok() && !session_id.empty());
  if (is_replaced) flags.emplace_back("bad_uuid");
}

// Without a time the event is of its arrival.
void date_event(const Json& value, std::int64_t received_ms, WireEvent& event) {
  const auto t_ms = said_time(value, received_ms);
  event.is_dated = t_ms.has_value();
  event.t_ms = t_ms.value_or(received_ms);
}

void state_consent(const Json& consent, WireEvent& event) {
  event.consent = read_consent(consent);
  event.refuses_storage = refuses_storage(consent);
}

std::string first_text(const Json& object, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (auto text = text_at(object, name); !text.empty()) return text;
  return {};
}

struct Decoded {
  WireBatch batch;
  std::vector<RefusedEvent> refused;
  std::vector<std::string> flags;  // of what is taken
};

Decoded one_touch(const Json& body, const Request& request) {
  Decoded decoded;
  WireEvent event;
  event.name = "page_view";
  event.seq = 1;
  event.has_evidence = true;
  event.url = first_text(body, {"url", "landing_url", "page_url"});
  event.referrer = text_at(body, "referrer");
  state_consent(value_at(body, "consent"), event);
  date_event(value_at(body, "t"), request.received_ms, event);
  claim_ids(text_at(body, "anonymous_id"), text_at(body, "session_id"), event, decoded.flags);
  decoded.batch.events.push_back(std::move(event));
  return decoded;
}

Outcome<WireEvent> crm_event(const Json& item, const Request& request, std::uint32_t index,
                             std::vector<std::string>& flags) {
  if (!item.is_object()) return invalid("bad_field", "\"events\" must be an array of objects");
  const Json& context = object_at(item, "context");
  const Json& page = object_at(context, "page");
  const Json& props = object_at(item, "properties");
  WireEvent event;
  event.index = index;
  event.seq = index + 1 + (request.replayed ? request.replayed->index : 0);
  event.name = text_at(item, "eventName");
  if (!is_event_name(event.name))
    return invalid("bad_event_name",
                   "\"eventName\" must be 1 to 64 letters, digits, blanks and _ . : -");
  event.has_evidence = true;
  event.url = first_text(page, {"url"});
  if (event.url.empty()) event.url = first_text(props, {"url", "page_url", "landing_url"});
  event.referrer = first_text(page, {"referrer"});
  if (event.referrer.empty()) event.referrer = text_at(props, "referrer");
  state_consent(value_at(context.contains("consent") ? context : item, "consent"), event);
  date_event(value_at(item, "timestamp"), request.received_ms, event);
  claim_ids(text_at(object_at(context, "user"), "anonymousId"),
            text_at(object_at(context, "session"), "sessionId"), event, flags);
  TL_TRY(text, read_props(props));
  event.props = std::move(text);
  return event;
}

Outcome<Decoded> crm_batch(const Json& body, const Request& request) {
  const Json& events = body["events"];
  if (!events.is_array() || events.empty())
    return invalid("bad_field", "\"events\" must be an array of at least one event");
  if (events.size() > kMaxEvents)
    return fail(ErrorKind::too_large, "too_many_events",
                "send at most " + std::to_string(kMaxEvents) + " events at once");
  Decoded decoded;
  const auto text_of = [&body](std::uint32_t index) {
    Json alone = body;
    alone["events"] = Json::array({body["events"][index]});
    return json_text(alone);
  };
  for (std::uint32_t index = 0; index < events.size(); ++index) {
    auto event = crm_event(events[index], request, index, decoded.flags);
    if (event.ok())
      decoded.batch.events.push_back(std::move(event).value());
    else
      decoded.refused.push_back({index, event.error().code, event.error().detail, text_of(index)});
  }
  decoded.batch.text_of = text_of;
  return decoded;
}

// A touch's own shape has no key: then its page must be one of the site's.
Outcome<SitePointer> admit(const IngestServices& services, const SiteClaim& claim,
                           const Request& request) {
  if (!request.replayed && claim.key.empty() && !request.header("origin").empty()) {
    SitePointer site = services.find_site(claim.site);
    if (site) {
      TL_CHECK(check_origin(*site, request));
      return site;
    }
  }
  TL_TRY(site, find_keyed_site(services, request, claim.site, claim.key));
  TL_CHECK(check_origin(*site, request));
  return site;
}

// The site of a secret key that may write, or null. It stands for the write key and lets
// conversions in.
SitePointer site_of_secret_key(const IngestRouteParts& parts, const Request& request) {
  const auto& find_site = parts.ingest.services().find_site;
  if (request.replayed)
    return request.replayed->has_secret_key ? find_site(request.replayed->site_id) : nullptr;
  if (!parts.authorise || secret_key_in(request).empty()) return nullptr;
  const auto site_id = parts.authorise(request, "write");
  return site_id.ok() ? find_site(site_id.value()) : nullptr;
}

// With a secret key a completed checkout is a conversion; its failure refuses that event alone.
// Errors: unavailable: the sender must send all of it again.
Outcome<void> state_conversions(const IngestRouteParts& parts, const SiteConfig& site,
                                Decoded& decoded) {
  auto& events = decoded.batch.events;
  for (auto event = events.begin(); event != events.end();) {
    if (event->name != "checkout_completed") {
      ++event;
      continue;
    }
    const auto stated = parts.on_stated(site, *event);
    if (stated.ok()) {
      for (const auto& contact : stated.value()) decoded.flags.push_back("bad_" + contact);
      ++event;
      continue;
    }
    if (stated.error().kind == ErrorKind::unavailable) return stated.error();
    decoded.refused.push_back({event->index, stated.error().code, stated.error().detail,
                               decoded.batch.text_of(event->index), /*is_order=*/true});
    event = events.erase(event);
  }
  return {};
}

Json claimed_fields(std::string_view text) {
  const ClaimedKey claimed = claimed_key(text);
  return {{"site", claimed.site}, {"key", claimed.key}};
}

Reply take_touch(const IngestRouteParts& parts, const Request& request) {
  const IngestServices& services = parts.ingest.services();
  const auto oversized = long_body_error(request);
  const auto body = oversized ? Outcome<Json>(*oversized) : read_json_object(request.body);
  // Of what is no JSON, or too much of it, what one can make out.
  const Json claimed = body.ok() ? Json() : claimed_fields(request.body);
  const Json& fields = body.ok() ? body.value() : claimed;
  const SiteClaim claim = site_claim_of(fields, request);
  SitePointer site = site_of_secret_key(parts, request);
  KeptSender found;
  found.page_nonce = nonce_of(services.box, fields, request);
  found.has_secret_key = site != nullptr;
  if (!site) {
    const auto admitted = admit(services, claim, request);
    if (!admitted.ok()) {
      const auto keyed = find_keyed_site(services, request, claim.site, claim.key);
      return refuse(parts.ingest, request, keyed.ok() ? keyed.value() : nullptr,
                    body.ok() ? admitted.error() : body.error(), found);
    }
    site = admitted.value();
  }
  if (!body.ok()) return refuse(parts.ingest, request, site, body.error(), found);

  const bool is_crm = body.value().contains("events");
  auto shaped = is_crm ? crm_batch(body.value(), request)
                       : Outcome<Decoded>(one_touch(body.value(), request));
  if (!shaped.ok()) return refuse(parts.ingest, request, site, shaped.error(), found);
  Decoded& decoded = shaped.value();
  decoded.batch.site_id = site->id;
  decoded.batch.page_nonce = found.page_nonce;
  decoded.batch.token = text_at(body.value(), "token");
  decoded.batch.keeps_query = false;
  decoded.batch.trusts_claimed_ids = true;
  if (!is_crm) decoded.batch.text_of = [&request](std::uint32_t) { return request.body; };
  if (found.has_secret_key && parts.on_stated) {
    const auto stated = state_conversions(parts, *site, decoded);
    if (!stated.ok()) return Reply::error(stated.error());
  }

  Sender sender = sender_of(services.tokens, *site, request);
  sender.has_secret_key = found.has_secret_key;
  auto answer = parts.ingest.keep(*site, decoded.batch, std::move(decoded.refused), sender,
                                  route_to_keep(request));
  if (!answer.ok()) return Reply::error(answer.error());
  for (auto& flag : decoded.flags) answer.value().flags.push_back(std::move(flag));
  Reply reply = answer_batch(200, answer.value());
  if (is_own_site(request, parts.public_url))
    set_cookies(services.tokens, *site, request, answer.value(), reply);
  return reply;
}

}  // namespace

std::vector<Route> touch_routes(const IngestRouteParts& parts) {
  std::vector<Route> routes;
  for (const char* pattern : {"/api/touch", "/api/tracking/marketing-touch", "/track/events"}) {
    Route route;
    route.method = "POST";
    route.pattern = pattern;
    route.cors = Cors::any_site;
    route.max_body = kMaxEventBody;
    route.max_kept_body = kMaxKeptBody;
    route.summary = "Takes one flat JSON touch, or events in the CRM shape";
    route.handler = [parts](const Request& request) { return take_touch(parts, request); };
    route.keep_unread = parts.unread.counting("rejected");
    routes.push_back(std::move(route));
  }
  return routes;
}

}  // namespace tl::server::http
