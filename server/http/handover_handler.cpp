// SPDX-License-Identifier: Apache-2.0
// POST /api/handover: one visit over two domains of a site.
//   {"to": host, "state": line}   the page left: answers {"handover"}, which its links to that host
//   carry
//   {"handover", "consent"}       the page reached: answers the ids, the state line and the token
// A hand-over is sealed with the server's secret, so nobody can read or make one. It counts for 180
// seconds, once, on the host it was made for, in the browser (user agent) it was made for, and
// while the visitor's consent stands: a link that was copied, shared or kept opens as any other.

#include "server/core/classify/own_referrer.hpp"
#include "server/core/ingest/recent_pings.hpp"
#include "server/http/decode_batch.hpp"
#include "server/http/intake.hpp"
#include "server/http/json_reader.hpp"
#include "throughline/session.hpp"
#include "throughline/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

namespace tl::server::http {
namespace {

constexpr std::int64_t kHandoverMs = 180 * 1000;
constexpr std::size_t kMaxHandoverBytes = 2048;
constexpr char kSeparator = '\n';

struct Handover {
  std::int64_t made_ms = 0;
  std::string agent, state, token;
};

std::string agent_of(const Request& request) {
  return to_hex(sha256(request.header("user-agent"))).substr(0, 16);
}

std::string handover_context(const SiteConfig& site, std::string_view host) {
  return "handover:" + site.id + ":" + std::string(host);
}

ServerError bad_handover(const char* why) {
  return fail(ErrorKind::unauthenticated, "bad_handover",
              std::string("the hand-over ") + why +
                  "; the page goes on with ids of its own, and links made anew carry a new one");
}

std::string write_handover(const Handover& handover) {
  return std::to_string(handover.made_ms) + kSeparator + handover.agent + kSeparator +
         handover.state + kSeparator + handover.token;
}

std::optional<Handover> read_handover(const std::string& text) {
  std::array<std::string, 4> fields;
  std::size_t from = 0;
  for (auto& field : fields) {
    const auto end = std::min(text.find(kSeparator, from), text.size());
    if (from > end) return std::nullopt;
    field = text.substr(from, end - from);
    from = end + 1;
  }
  Handover handover;
  const auto& made = fields[0];
  if (std::from_chars(made.data(), made.data() + made.size(), handover.made_ms).ec != std::errc())
    return std::nullopt;
  handover.agent = fields[1];
  handover.state = fields[2];
  handover.token = fields[3];
  return handover;
}

// What the visitor last chose, else what held when the token was issued.
Outcome<bool> still_permits(const IngestServices& services, const SiteConfig& site,
                            const SessionToken& token) {
  bool permits = false;
  TL_CHECK(services.store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(chosen, tables.people().find_consent(site.id, token.anonymous_id));
    permits = permits_ids(chosen ? chosen->consent : token.consent);
    return {};
  }));
  return permits;
}

Outcome<std::string> make_handover(const IngestServices& services, const SiteConfig& site,
                                   const nlohmann::json& body, const Request& request) {
  const std::string host = text_at(body, "to");
  if (host.empty() || !is_own_referrer({}, host, site))
    return fail(ErrorKind::forbidden, "foreign_target",
                "\"to\" is no host of the site; add it to the site's origins or own_domains in the "
                "configuration");
  Handover handover;
  handover.token = token_of(services.tokens, site, body, request);
  if (handover.token.empty())
    return fail(
        ErrorKind::unauthenticated, "missing_token",
        "a hand-over needs the session's token; it comes with the answer to the first event");
  TL_TRY(token, services.tokens.check(handover.token, site.id));
  handover.state = text_at(body, "state");
  const auto state = parse_state(handover.state);
  if (!state.ok() || state.value().anonymous_id != token.anonymous_id ||
      state.value().session_id != token.session_id)
    return invalid("bad_state", "\"state\" is not the line of the session that the token is of");
  TL_TRY(permits, still_permits(services, site, token));
  if (!permits) return std::string();
  handover.made_ms = request.received_ms;
  handover.agent = agent_of(request);
  return to_base64url(services.box.seal(write_handover(handover), handover_context(site, host)));
}

// Who had ids of their own on this domain proves them, and both are one browser's from then on.
Outcome<void> link_own_ids(const IngestServices& services, const SiteConfig& site,
                           const SessionToken& handed, const std::string& own_token,
                           std::int64_t now_ms) {
  const auto own = services.tokens.check(own_token, site.id);
  if (!own.ok() || own.value().anonymous_id == handed.anonymous_id) return {};
  TL_TRY(permits, still_permits(services, site, own.value()));
  if (!permits) return {};
  return services.store.write([&](Tables& tables) -> Outcome<void> {
    TL_TRY(is_new, tables.events().link_anonymous_ids(site.id, own.value().anonymous_id,
                                                      handed.anonymous_id, now_ms));
    (void)is_new;
    return {};
  });
}

Outcome<std::optional<Handover>> take_handover(const IngestServices& services, RecentPings& used,
                                               const SiteConfig& site, const nlohmann::json& body,
                                               const Request& request) {
  TL_TRY(consent, read_strict_consent(body.value("consent", nlohmann::json::object())));
  if (!permits_ids(with_default(consent, site.consent_default))) return std::optional<Handover>();
  const auto page = parse_url(request.header("origin"));
  if (!page.ok()) return bad_handover("needs the Origin of the page that it led to");
  const std::string text = text_at(body, "handover");
  const auto sealed = text.size() <= kMaxHandoverBytes ? from_base64url(text) : std::nullopt;
  const auto opened =
      sealed ? services.box.open(*sealed, handover_context(site, page.value().host)) : std::nullopt;
  if (!opened) return bad_handover("was not made by this server for this host");
  auto handover = read_handover(*opened);
  if (!handover) return bad_handover("has fields of another version");
  const auto age_ms = request.received_ms - handover->made_ms;
  if (age_ms < 0 || age_ms > kHandoverMs) return bad_handover("is older than 180 seconds");
  if (handover->agent != agent_of(request)) return bad_handover("was made for another browser");
  TL_TRY(token, services.tokens.check(handover->token, site.id));
  TL_TRY(permits, still_permits(services, site, token));
  if (!permits) return std::optional<Handover>();
  Id128 mark;
  const Digest digest = sha256(*sealed);
  std::copy_n(digest.begin(), mark.bytes.size(), mark.bytes.begin());
  if (!used.add(site.id, mark, 0, request.received_ms)) return bad_handover("was used before");
  TL_CHECK(link_own_ids(services, site, token, token_of(services.tokens, site, body, request),
                        request.received_ms));
  return handover;
}

Reply refused_handover(const ServerError& error) {
  return Reply::error(error).header("X-Throughline", error.code);
}

Reply answer_handover(const nlohmann::ordered_json& fields, bool is_given) {
  Reply reply = Reply::json(200, fields.dump());
  reply.header("Cache-Control", "no-store");
  if (!is_given) reply.header("X-Throughline", "consent_refused");
  return reply;
}

Reply hand_over(const IngestRouteParts& parts, RecentPings& used, const Request& request) {
  const IngestServices& services = parts.ingest.services();
  KeyedBody body;
  if (auto refused = read_keyed_body(parts.ingest, request, body)) return std::move(*refused);
  if (!body.fields.contains("handover")) {
    const auto made = make_handover(services, *body.site, body.fields, request);
    if (!made.ok()) return refused_handover(made.error());
    const auto& text = made.value();
    return answer_handover({{"handover", text.empty() ? nullptr : nlohmann::ordered_json(text)}},
                           !text.empty());
  }
  const auto taken = take_handover(services, used, *body.site, body.fields, request);
  if (!taken.ok()) return refused_handover(taken.error());
  const auto& handover = taken.value();
  const auto given = [&](const std::string& text) -> nlohmann::ordered_json {
    return handover ? nlohmann::ordered_json(text) : nullptr;
  };
  return answer_handover({{"state", given(handover ? handover->state : "")},
                          {"token", given(handover ? handover->token : "")}},
                         handover.has_value());
}

}  // namespace

std::vector<Route> handover_routes(const IngestRouteParts& parts) {
  Route route;
  route.method = "POST";
  route.pattern = "/api/handover";
  route.cors = Cors::any_site;
  route.summary = "Hands a visit over from one domain of a site to another";
  route.handler = [parts, used = std::make_shared<RecentPings>()](const Request& request) {
    return hand_over(parts, *used, request);
  };
  return {route};
}

}  // namespace tl::server::http
