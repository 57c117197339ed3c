// SPDX-License-Identifier: Apache-2.0
// POST /api/identify: what a visitor says about themselves. A claim: it needs the session's token
// and joins nobody by itself (person.hpp). The contact that identity_signature is over
// (signed_contact.hpp) is verified, and the answer names it.

#include "server/core/people/contact_variants.hpp"
#include "server/core/people/person_evidence.hpp"
#include "server/core/record_names.hpp"
#include "server/core/text/id_text.hpp"
#include "server/http/intake.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/list_request.hpp"
#include "server/http/signed_contact.hpp"
#include "server/http/unread_tally.hpp"

namespace tl::server::http {
namespace {

using Json = nlohmann::json;

std::string plain_context(const SiteConfig& site) {
  return "contact:" + site.id;
}

struct Claims {
  std::vector<ContactClaim> claims;
  std::vector<ContactVariants> contacts;
  // What could not be read: bad_email, bad_phone, bad_user_id. The rest is kept without it.
  std::vector<ServerError> unreadable;
};

struct SentContact {
  ContactKind kind;
  std::string text;
  bool is_plain = true;  // else a hash
};

// An id that counts users is one of letters to everybody else. Errors: invalid (bad_email …).
Outcome<SentContact> sent_contact(const Json& body, ContactKind kind) {
  const std::string name(contact_kind_name(kind));
  for (const bool is_plain : {true, false}) {
    if (kind == ContactKind::user_id && !is_plain) break;
    const std::string key = is_plain ? name : name + "_sha256";
    const auto said = body.find(key);
    if (said == body.end() || said->is_null()) continue;
    if (kind == ContactKind::user_id && said->is_number_integer())
      return SentContact{kind, said->dump()};
    if (!said->is_string()) return invalid("bad_" + name, "\"" + key + "\" must be a text");
    std::string text = said->get<std::string>();
    if (!text.empty()) return SentContact{kind, std::move(text), is_plain};
  }
  return SentContact{kind, {}};
}

// Errors: invalid (bad_email, bad_phone, bad_user_id).
Outcome<void> add_contact(const SiteConfig& site, const SecretBox& box, const SentContact& sent,
                          std::string_view signature, Claims& claims) {
  const auto& [kind, text, is_plain] = sent;
  if (text.empty()) return {};
  if (const auto wrong = kind == ContactKind::user_id ? id_complaint(text) : std::string();
      !wrong.empty())
    return invalid("bad_user_id", "\"user_id\" " + wrong);
  const auto hash = contact_hash(kind, text, site.default_country);
  if (!hash) {
    const std::string name(contact_kind_name(kind));
    if (!is_plain)
      return invalid("bad_" + name, "\"" + name + "_sha256\" is no SHA-256: 64 hex digits");
    if (kind == ContactKind::phone)
      return invalid("bad_phone",
                     "\"phone\" is no telephone number; send it in international form, or set the "
                     "site's default_country");
    return invalid("bad_email", "\"email\" is no e-mail address");
  }
  ContactClaim claim;
  claim.kind = kind;
  claim.hash = *hash;
  claim.verified = is_signed_by_site(site, kind, text, site.default_country, signature);
  claims.claims.push_back(claim);
  if (kind == ContactKind::user_id) return {};
  ContactVariants contact;
  contact.kind = kind;
  contact.hash = *hash;
  contact.variants = contact_variants(kind, text, site.default_country);
  if (is_plain && site.contact_storage == "encrypted")
    contact.plain = box.seal(text, plain_context(site));
  claims.contacts.push_back(std::move(contact));
  return {};
}

std::vector<std::string_view> proved_by(const Claims& claims) {
  std::vector<std::string_view> names;
  for (const auto& claim : claims.claims)
    if (claim.verified) names.push_back(contact_kind_name(claim.kind));
  return names;
}

Outcome<SessionToken> visitor_of(const IngestServices& services, const SiteConfig& site,
                                 const Json& body, const Request& request) {
  const std::string text = token_of(services.tokens, site, body, request);
  if (text.empty())
    return fail(ErrorKind::unauthenticated, "missing_token",
                "identify needs the session's token; it comes with the answer to the first event");
  TL_TRY(token, services.tokens.check(text, site.id));
  const std::string said = text_at(body, "anonymous_id");
  const auto id = parse_uuid(said);
  if (!said.empty() && (!id.ok() || id.value() != token.anonymous_id))
    return fail(ErrorKind::unauthenticated, "bad_token",
                "the token was issued to another anonymous_id than the one in the request");
  return token;
}

// The script's identify() sends what is no contact among the traits.
std::string signature_in(const Json& body) {
  std::string own = text_at(body, "identity_signature");
  return own.empty() ? text_at(object_at(body, "traits"), "identitySignature") : own;
}

Outcome<Claims> read_claims(const SiteConfig& site, const SecretBox& box, const Json& body) {
  Claims claims;
  const std::string signature = signature_in(body);
  for (const auto kind : {ContactKind::email, ContactKind::phone, ContactKind::user_id}) {
    const auto sent = sent_contact(body, kind);
    const auto added = sent.ok() ? add_contact(site, box, sent.value(), signature, claims)
                                 : Outcome<void>(sent.error());
    if (!added.ok()) claims.unreadable.push_back(added.error());
  }
  if (claims.claims.empty() && !claims.unreadable.empty()) return claims.unreadable.front();
  if (claims.claims.empty())
    return invalid("missing_contact",
                   "send at least one of user_id, email, phone, email_sha256 and phone_sha256");
  if (!signature.empty() && proved_by(claims).empty()) return bad_identity_signature();
  return claims;
}

// A visitor who has withdrawn since the token was issued is not recorded.
Outcome<bool> keep_claims(Tables& tables, const SiteConfig& site, const SessionToken& token,
                          const Claims& claims, std::int64_t now_ms) {
  TL_TRY(consent, tables.people().find_consent(site.id, token.anonymous_id));
  const bool is_permitted = permits_ids(consent ? consent->consent : token.consent);
  if (!is_permitted) {
    TL_CHECK(tables.operations().count(site.id, "consent_refused", 1));
    return false;
  }
  for (ContactClaim claim : claims.claims) {
    claim.anonymous_id = token.anonymous_id;
    claim.session_id = token.session_id;
    claim.source = claim.verified ? "identify_signed" : "identify";
    claim.t_ms = now_ms;
    TL_CHECK(keep_claim(tables, site, claim, now_ms));
  }
  for (ContactVariants contact : claims.contacts) {
    contact.t_ms = now_ms;
    TL_CHECK(tables.people().put_contact(site.id, contact));
  }
  TL_CHECK(tables.operations().count(site.id, "accepted", 1));
  return true;
}

// Adds what could not be read to the answer. The whole request stays as a reject: a replay tries it
// again.
Outcome<std::string> tell_unreadable(Ingest& ingest, const Request& request,
                                     const SitePointer& site,
                                     const std::vector<ServerError>& unreadable,
                                     nlohmann::ordered_json& answer) {
  std::string codes;
  ServerError whole = unreadable.front();
  whole.detail.clear();
  for (const auto& error : unreadable) {
    answer["rejected"].push_back({{"code", error.code}, {"message", error.detail}});
    codes += (codes.empty() ? "" : ", ") + error.code;
    whole.detail += (whole.detail.empty() ? "" : "; ") + error.detail;
  }
  TL_CHECK(keep_refused(ingest, request, site, whole));
  return codes;
}

Reply take_identify(const IngestRouteParts& parts, const Request& request) {
  const IngestServices& services = parts.ingest.services();
  KeyedBody body;
  if (auto refused = read_keyed_body(parts.ingest, request, body)) return std::move(*refused);
  const SitePointer& site = body.site;
  const auto token = visitor_of(services, *site, body.fields, request);
  if (!token.ok()) return refuse(parts.ingest, request, site, token.error());
  const auto claims = read_claims(*site, services.box, body.fields);
  if (!claims.ok()) return refuse(parts.ingest, request, site, claims.error());

  bool is_kept = false;
  const auto written = services.store.write([&](Tables& tables) -> Outcome<void> {
    TL_TRY(kept, keep_claims(tables, *site, token.value(), claims.value(), request.received_ms));
    is_kept = kept;
    return {};
  });
  if (!written.ok()) return Reply::error(written.error());
  nlohmann::ordered_json answer = {{"accepted", is_kept ? 1 : 0}};
  if (const auto proved = proved_by(claims.value()); is_kept && !proved.empty())
    answer["proved"] = proved;
  std::string flags = is_kept ? "" : "consent_refused";
  if (const auto& unreadable = claims.value().unreadable; is_kept && !unreadable.empty()) {
    const auto codes = tell_unreadable(parts.ingest, request, site, unreadable, answer);
    if (!codes.ok()) return Reply::error(codes.error());
    flags = codes.value();
  }
  Reply reply = answer_json(202, answer);
  if (!flags.empty()) reply.header("X-Throughline", flags);
  return reply;
}

}  // namespace

std::vector<Route> identify_routes(const IngestRouteParts& parts) {
  Route route;
  route.method = "POST";
  route.pattern = "/api/identify";
  route.cors = Cors::any_site;
  route.summary = "Takes what a visitor says about themselves; needs the session's token";
  route.handler = [parts](const Request& request) { return take_identify(parts, request); };
  route.keep_unread = parts.unread.counting("rejected");
  return {route};
}

}  // namespace tl::server::http
