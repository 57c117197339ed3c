// SPDX-License-Identifier: Apache-2.0
// Keys are compared in constant time; a wrong key's input is counted and never kept, for anybody
// could fill the store with it.

#include "server/http/intake.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/ingest/reject_text.hpp"
#include "server/http/authorisation.hpp"
#include "server/http/error_reply.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/reject_row.hpp"
#include "server/http/visitor_cookies.hpp"
#include "throughline/hash.hpp"
#include "throughline/text.hpp"
#include "throughline/url.hpp"

#include <vector>

namespace tl::server::http {
namespace {

constexpr std::size_t kMaxHintBytes = 256;
constexpr std::size_t kMaxVendorCookieBytes = 512;
constexpr std::size_t kMaxSaidBytes = 200;  // of a sender's own words in a message
constexpr std::string_view kPagesOf = "pages of ", kMayNotSend = " may not send";

// Codes in the order of their finding, each once.
class Codes {
 public:
  void add(std::string_view code) {
    if (text_.find(code) != std::string::npos) return;
    if (!text_.empty()) text_ += ", ";
    text_ += code;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Contact data stays with nobody's proof of whose it is no more than with no consent. Who takes
// consent back is known by it already: that is kept, or a refusal of ours would undo theirs.
bool may_keep_body(const IngestServices& services, const SiteConfig& site, const Request& request) {
  const bool has_contact = request.path == "/api/identify" || request.path == "/api/webhook/lead" ||
                           request.path.starts_with("/api/checkout/");
  if (!has_contact && may_keep_text(request.body, site.consent_default)) return true;
  if (!has_contact && request.path != "/api/consent") return false;
  const auto body = read_json_object(request.body);
  const auto token = services.tokens.check(
      token_of(services.tokens, site, body.ok() ? body.value() : nlohmann::json::object(), request),
      site.id);
  return token.ok() && permits_ids(token.value().consent);
}

std::string quoted_id(const std::optional<Id128>& id) {
  if (!id) return "null";
  char buffer[36];
  Out out(buffer, sizeof buffer);
  write_uuid(*id, out);
  return "\"" + std::string(out.view()) + "\"";
}

// Browsers send them along where page and endpoint share a site. Whether they may be kept is asked
// where they are stored.
VendorCookies vendor_cookies_of(const SiteConfig& site, const Request& request) {
  const auto value = [&](const std::string& name) {
    const auto found = request.cookie(name);
    return found.size() <= kMaxVendorCookieBytes ? std::string(found) : std::string();
  };
  VendorCookies cookies;
  for (const auto& cookie : kVendorCookies)
    if (*cookie.browser != '\0') cookies.*cookie.value = value(cookie.browser);
  // Of the stream that is told: G-ABC123 keeps its session in _ga_ABC123.
  for (const auto& destination : site.destinations)
    if (const auto id = destination.settings.find("measurement_id");
        id != destination.settings.end() && id->second.starts_with("G-"))
      cookies.ga_session = value("_ga_" + id->second.substr(2));
  return cookies;
}

}  // namespace

Outcome<SitePointer> find_keyed_site(const IngestServices& services, const Request& request,
                                     std::string_view site_id, std::string_view key) {
  if (request.replayed) site_id = request.replayed->site_id;
  SitePointer site = services.find_site(site_id);
  if (!site && site_id.empty())
    return fail(ErrorKind::forbidden, "unknown_site",
                "\"site\" is missing: the request must name the site's id (data-site in the page's "
                "script tag)");
  if (!site)
    return fail(ErrorKind::forbidden, "unknown_site",
                "no site \"" + std::string(cut_utf8(site_id, kMaxSaidBytes)) +
                    "\" is configured here; check data-site in the page's script tag");
  if (!request.replayed && !equal_in_constant_time(key, site->write_key))
    return fail(ErrorKind::unauthenticated, "wrong_key",
                "the write key is not the one of site \"" + site->id +
                    "\"; check data-key in the page's script tag");
  return site;
}

std::string origin_of(std::string_view url) {
  const auto parsed = parse_url(url);
  if (!parsed.ok()) return {};
  std::string buffer(url.size() + 4, '\0');
  Out origin(buffer.data(), buffer.size());
  lower_host(parsed.value().scheme, origin);
  origin.put("://");
  lower_host(parsed.value().host, origin);
  if (!parsed.value().port.empty()) {
    origin.put(':');
    origin.put(parsed.value().port);
  }
  return std::string(origin.view());
}

std::string page_origin(const Request& request) {
  const std::string_view origin = request.header("origin");
  return origin.empty() ? origin_of(request.header("referer")) : std::string(origin);
}

Outcome<void> check_origin(const SiteConfig& site, const Request& request) {
  return check_origin(site, page_origin(request));
}

Outcome<void> check_origin(const SiteConfig& site, std::string_view origin) {
  if (origin.empty()) return {};
  for (const auto& allowed : site.origins)
    if (allowed == "*" || allowed == origin) return {};
  return fail(ErrorKind::forbidden, "foreign_origin",
              std::string(kPagesOf) + std::string(cut_utf8(origin, kMaxSaidBytes)) +
                  std::string(kMayNotSend) + " for site \"" + site.id +
                  "\"; add that origin to the site's origins in the configuration");
}

std::string refused_origin(std::string_view message) {
  const auto end = message.find(kMayNotSend);
  if (!message.starts_with(kPagesOf) || end == message.npos) return {};
  return std::string(message.substr(0, end).substr(kPagesOf.size()));
}

bool says_opt_out(const SiteConfig& site, const Request& request) {
  return site.respect_gpc && request.header("sec-gpc") == "1";
}

Sender sender_of(const TokenIssuer& tokens, const SiteConfig& site, const Request& request) {
  Sender sender;
  sender.ip = request.client_ip;
  sender.place = request.place;
  sender.user_agent = request.header("user-agent");
  sender.origin = request.header("origin");
  sender.received_ms = request.received_ms;
  const auto hint = [&](std::string_view name) {
    return std::string(request.header(name).substr(0, kMaxHintBytes));
  };
  sender.hints = {hint("sec-ch-ua"), hint("sec-ch-ua-platform"), hint("sec-ch-ua-platform-version"),
                  hint("sec-ch-ua-mobile")};
  for (const char* name : {"sec-purpose", "purpose", "x-moz"})
    sender.is_prefetch |= contains(request.header(name), "prefetch");
  sender.opted_out_of_sale = says_opt_out(site, request);
  auto cookies = visitor_cookies_of(tokens, site, request);
  sender.token_cookie = std::move(cookies.token);
  sender.anonymous_id_cookie = cookies.anonymous_id;
  sender.vendor_cookies = vendor_cookies_of(site, request);
  return sender;
}

void forget_cookies(Sender& sender) {
  sender.token_cookie.clear();
  sender.anonymous_id_cookie.reset();
  sender.vendor_cookies = {};
}

std::string token_of(const TokenIssuer& tokens, const SiteConfig& site, const nlohmann::json& body,
                     const Request& request) {
  std::string said = text_at(body, "token");
  // After a reset of the page the cookie speaks for the visitor before it.
  if (body.contains("rs") || tokens.check(said, site.id).ok()) return said;
  std::string token = visitor_cookies_of(tokens, site, request).token;
  return said.empty() || tokens.check(token, site.id).ok() ? token : said;
}

std::optional<Reply> read_keyed_body(Ingest& ingest, const Request& request, KeyedBody& body) {
  return admit_keyed(ingest, request, read_json_object(request.body), body);
}

std::optional<Reply> admit_keyed(Ingest& ingest, const Request& request,
                                 Outcome<nlohmann::json> read, KeyedBody& body,
                                 const KeptSender& found) {
  body.fields = read.ok() ? std::move(read.value()) : nlohmann::json::object();
  const SiteClaim claim = site_claim_of(body.fields, request);
  const auto keyed = find_keyed_site(ingest.services(), request, claim.site, claim.key);
  if (!keyed.ok())
    return refuse(ingest, request, nullptr, read.ok() ? keyed.error() : read.error());
  body.site = keyed.value();
  if (const auto origin = check_origin(*body.site, request); !origin.ok())
    return refuse(ingest, request, body.site, origin.error(), found);
  if (!read.ok()) return refuse(ingest, request, body.site, read.error(), found);
  return std::nullopt;
}

SiteClaim site_claim_of(const nlohmann::json& body, const Request& request) {
  SiteClaim claim;
  claim.site = text_at(body, "site");
  if (claim.site.empty()) claim.site = request.header("x-aurea-funnel-id");
  for (const char* name : {"write_key", "key"})
    if (claim.key.empty()) claim.key = text_at(body, name);
  if (claim.key.empty()) claim.key = key_in_header(request);
  return claim;
}

std::optional<ServerError> long_body_error(const Request& request, std::size_t most) {
  if (request.replayed || request.body.size() <= most) return std::nullopt;
  return body_too_large(most, static_cast<std::int64_t>(request.body.size()));
}

std::string_view route_to_keep(const Request& request) {
  return request.replayed ? std::string_view() : std::string_view(request.path);
}

Outcome<void> keep_refused(Ingest& ingest, const Request& request, const SitePointer& site,
                           const ServerError& error, const KeptSender& found) {
  if (request.replayed || error.kind == ErrorKind::unavailable) return {};
  if (!site) return ingest.count_rejected("", 1);
  RejectRow reject = reject_of(site->id, request, error);
  if (may_keep_body(ingest.services(), *site, request)) {
    KeptSender sender = kept_sender_of(sender_of(ingest.services().tokens, *site, request));
    sender.page_nonce = found.page_nonce;
    sender.has_secret_key = found.has_secret_key;
    sender.headers.insert(sender.headers.end(), found.headers.begin(), found.headers.end());
    reject.sender_json = write_kept_sender(sender);
    reject.body = request.body;
  }
  return ingest.keep_reject(reject);
}

Reply refuse(Ingest& ingest, const Request& request, const SitePointer& site,
             const ServerError& error, const KeptSender& found) {
  const auto kept = keep_refused(ingest, request, site, error, found);
  // Refused and not even kept: the sender must know that it may try again.
  if (!kept.ok()) return Reply::error(kept.error());
  return Reply::error(error).header("X-Throughline", error.code);
}

Reply answer_batch(int status, const IngestAnswer& answer) {
  Codes codes;
  if (answer.duplicate > 0) codes.add("duplicate");
  if (answer.consent_refused > 0) codes.add("consent_refused");
  std::string body = "{\"accepted\":" + std::to_string(answer.accepted) +
                     ",\"duplicate\":" + std::to_string(answer.duplicate);
  if (answer.consent_refused > 0)
    body += ",\"consent_refused\":" + std::to_string(answer.consent_refused);
  body += ",\"rejected\":[";
  for (const RefusedEvent& refused : answer.rejected) {
    codes.add(refused.code);
    if (body.back() != '[') body += ',';
    body += "{\"index\":" + std::to_string(refused.index) + ",\"code\":\"" + refused.code +
            "\",\"message\":" + json_text(nlohmann::json(refused.message)) + "}";
  }
  for (const auto& flag : answer.flags) codes.add(flag);
  body += "],\"anonymous_id\":" + quoted_id(answer.anonymous_id) +
          ",\"session_id\":" + quoted_id(answer.session_id) +
          ",\"token\":" + (answer.token.empty() ? "null" : "\"" + answer.token + "\"");
  if (!answer.channels.empty()) {
    body += ",\"channels\":{";
    for (const auto& [t_ms, channel] : answer.channels) {
      if (body.back() != '{') body += ',';
      body += "\"" + std::to_string(t_ms) + "\":\"" + std::string(channel_name(channel)) + "\"";
    }
    body += '}';
  }
  body += '}';
  Reply reply = Reply::json(status, std::move(body));
  reply.header("Cache-Control", "no-store");
  if (!codes.text().empty()) reply.header("X-Throughline", codes.text());
  return reply;
}

}  // namespace tl::server::http
