// SPDX-License-Identifier: Apache-2.0
// Keys are compared in constant time; a wrong key's input is counted and never kept, for anybody
// could fill the store with it.

#include "server/http/intake.hpp"

#include "server/core/reject_text.hpp"
#include "server/http/json_reader.hpp"
#include "throughline/hash.hpp"
#include "throughline/text.hpp"

#include <vector>

namespace tl::server::http {
namespace {

constexpr std::size_t kMaxSaidBytes = 200;  // of a sender's own words in a message

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

// Contact data stays with nobody's proof of whose it is no more than with no consent.
bool may_keep_body(const IngestServices& services, const SiteConfig& site, const Request& request) {
  if (request.path != "/api/identify") return may_keep_text(request.body, site.consent_default);
  const auto body = read_json_object(request.body);
  std::string token = body.ok() ? text_at(body.value(), "token") : std::string();
  if (token.empty()) token = request.cookie(site.cookie_token);
  const auto checked = services.tokens.check(token, site.id);
  return checked.ok() && permits_ids(checked.value().consent);
}

std::string quoted_id(const std::optional<Id128>& id) {
  if (!id) return "null";
  char buffer[36];
  Out out(buffer, sizeof buffer);
  write_uuid(*id, out);
  return "\"" + std::string(out.view()) + "\"";
}

}  // namespace

Outcome<SitePointer> find_keyed_site(const IngestServices& services, std::string_view site_id,
                                     std::string_view key) {
  SitePointer site = services.find_site(site_id);
  if (!site)
    return fail(ErrorKind::forbidden, "unknown_site",
                "no site \"" + std::string(cut_utf8(site_id, kMaxSaidBytes)) +
                    "\" is configured here; check data-site in the page's script tag");
  if (!equal_in_constant_time(key, site->write_key))
    return fail(ErrorKind::unauthenticated, "wrong_key",
                "the write key is not the one of site \"" + site->id +
                    "\"; check data-key in the page's script tag");
  return site;
}

Outcome<void> check_origin(const SiteConfig& site, const Request& request) {
  const std::string_view origin = request.header("origin");
  if (origin.empty()) return {};
  for (const auto& allowed : site.origins)
    if (allowed == "*" || allowed == origin) return {};
  return fail(ErrorKind::forbidden, "foreign_origin",
              "pages of " + std::string(cut_utf8(origin, kMaxSaidBytes)) +
                  " may not send for site \"" + site.id +
                  "\"; add that origin to the site's origins in the configuration");
}

Sender sender_of(const SiteConfig& site, const Request& request) {
  Sender sender;
  sender.ip = request.client_ip;
  sender.user_agent = request.header("user-agent");
  sender.origin = request.header("origin");
  sender.received_ms = request.received_ms;
  sender.token_cookie = request.cookie(site.cookie_token);
  if (const auto id = parse_uuid(request.cookie(site.cookie_anonymous_id)); id.ok())
    sender.anonymous_id_cookie = id.value();
  return sender;
}

Reply refuse(Ingest& ingest, const Request& request, const SitePointer& site, Run run,
             const ServerError& error) {
  Reply reply = Reply::error(error);
  reply.header("X-Throughline", error.code);
  if (run == Run::replay || error.kind == ErrorKind::unavailable) return reply;
  Outcome<void> kept;
  if (site) {
    RejectRow reject;
    reject.site_id = site->id;
    reject.t_ms = request.received_ms;
    reject.route = request.path;
    reject.code = error.code;
    reject.message = error.detail;
    reject.bytes = static_cast<std::int64_t>(request.body.size());
    if (may_keep_body(ingest.services(), *site, request)) {
      reject.headers_json = headers_to_keep(sender_of(*site, request));
      reject.body = request.body;
    }
    kept = ingest.keep_reject(reject);
  } else {
    kept = ingest.count_rejected("", 1);
  }
  // Refused and not even kept: the sender must know that it may try again.
  return kept.ok() ? reply : Reply::error(kept.error());
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
          ",\"token\":" + (answer.token.empty() ? "null" : "\"" + answer.token + "\"") + "}";
  Reply reply = Reply::json(status, std::move(body));
  reply.header("Cache-Control", "no-store");
  if (!codes.text().empty()) reply.header("X-Throughline", codes.text());
  return reply;
}

}  // namespace tl::server::http
