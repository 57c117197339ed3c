// SPDX-License-Identifier: Apache-2.0
// What all intakes of browsers share: who may send (site, write key, origin), who sends, and how
// refused input is kept and answered.
#pragma once

#include "server/core/ingest/ingest.hpp"
#include "server/http/exchange.hpp"
#include "server/http/ingest_routes.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tl::server::http {

using SitePointer = std::shared_ptr<const SiteConfig>;

// The site that a request says and whose write key it says; of replayed input the site whose key it
// had. Errors: forbidden (unknown_site), unauthenticated (wrong_key).
Outcome<SitePointer> find_keyed_site(const IngestServices& services, const Request& request,
                                     std::string_view site_id, std::string_view key);
// As a browser would say it in Origin; "" of what is no http URL.
std::string origin_of(std::string_view url);
// Of the page that sends: Origin, else of the Referer; "" where it says neither.
std::string page_origin(const Request& request);
// Errors: forbidden (foreign_origin). A request of neither is no page of another site.
Outcome<void> check_origin(const SiteConfig& site, const Request& request);
// The same for an origin that the request says elsewhere; "" is none.
Outcome<void> check_origin(const SiteConfig& site, std::string_view origin);
// The origin that the message of such an error names: all that a reject tells of it. "" without.
std::string refused_origin(std::string_view message);

// Whether the browser opts out of sale and sharing (Global Privacy Control) and the site listens.
bool says_opt_out(const SiteConfig& site, const Request& request);
Sender sender_of(const TokenIssuer& tokens, const SiteConfig& site, const Request& request);
// After a reset of the page the cookies speak for the visitor before it.
void forget_cookies(Sender& sender);

// The session's token: the body's own, else "". The cookie's stands in for none, or for one that is
// no longer good, as in Ingest::keep().
std::string token_of(const TokenIssuer& tokens, const SiteConfig& site, const nlohmann::json& body,
                     const Request& request);

// Who may send a JSON object with "site" and "write_key": the object and the site, or the refusal.
struct KeyedBody {
  nlohmann::json fields;
  SitePointer site;
};
std::optional<Reply> read_keyed_body(Ingest& ingest, const Request& request, KeyedBody& body);
// The same for fields that were read already, as JSON or in another form. `found`: as of refuse().
std::optional<Reply> admit_keyed(Ingest& ingest, const Request& request,
                                 Outcome<nlohmann::json> read, KeyedBody& body,
                                 const KeptSender& found = {});

// Which site and write key a request says: in its body, else in the headers that other trackers use
// ("X-Throughline-Key" or "X-Aurea-API-Key", "X-Aurea-Funnel-ID").
struct SiteClaim {
  std::string site, key;
};
SiteClaim site_claim_of(const nlohmann::json& body, const Request& request);

// A body of events, a lead or a statement is read up to kMaxKeptBody, so that a longer one than is
// taken can be kept for the site whose key it has.
inline constexpr std::size_t kMaxEventBody = std::size_t{64} * 1024,
                             kMaxKeptBody = std::size_t{1024} * 1024;
// The error (body_too_large) of one over `most`. A replay takes it: its site's owner decided.
std::optional<ServerError> long_body_error(const Request& request,
                                           std::size_t most = kMaxEventBody);

// Keeps refused input: of a site whose key it has as a reject, else as a count. `found`: what the
// intake found out of the sender beyond its headers and cookies.
Outcome<void> keep_refused(Ingest& ingest, const Request& request, const SitePointer& site,
                           const ServerError& error, const KeptSender& found = {});
// Answers an error and keeps its input.
Reply refuse(Ingest& ingest, const Request& request, const SitePointer& site,
             const ServerError& error, const KeptSender& found = {});
// The route under which Ingest::keep() keeps refused events: none while replaying.
std::string_view route_to_keep(const Request& request);

// {"accepted",…} of api.md section 3 with X-Throughline naming everything dropped or flagged.
Reply answer_batch(int status, const IngestAnswer& answer);

}  // namespace tl::server::http
