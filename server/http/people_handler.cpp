// SPDX-License-Identifier: Apache-2.0
// POST /api/people/cut and /api/people/join: undoes the tie of a contact and an anonymous id, and
// takes that back. Credits follow in the same transaction.

#include "server/core/access/secret_box.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/core/people/person_evidence.hpp"
#include "server/core/record_names.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/http/error_reply.hpp"
#include "server/http/intake.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/list_request.hpp"
#include "server/http/person_json.hpp"

#include <cstring>

namespace tl::server::http {
namespace {

struct NamedTie {
  Id128 anonymous_id;
  ContactRef contact;
};

// As it is shown, or in plain text.
std::optional<Digest> contact_digest(ContactKind kind, const std::string& text,
                                     const std::string& country) {
  const auto bytes = text.size() == 64 ? from_hex(text) : std::nullopt;
  Digest digest{};
  if (!bytes || bytes->size() != digest.size()) return contact_hash(kind, text, country);
  std::memcpy(digest.data(), bytes->data(), digest.size());
  return digest;
}

Outcome<NamedTie> read_tie_name(const Request& request, const SiteConfig& site) {
  TL_TRY(body, read_json_object(request.body));
  if (const auto named = text_at(body, "site"); !named.empty() && named != site.id)
    return fail(ErrorKind::forbidden, "wrong_site",
                "the key belongs to the site \"" + site.id + "\"");
  NamedTie tie;
  const auto id = parse_uuid(text_at(body, "anonymous_id"));
  if (!id.ok()) return invalid("bad_uuid", "\"anonymous_id\" must be a dashed UUID");
  tie.anonymous_id = id.value();
  const std::string named = text_at(body, "kind");
  bool is_kind = false;
  for (const auto kind : {ContactKind::email, ContactKind::phone, ContactKind::user_id})
    if (named == contact_kind_name(kind)) {
      tie.contact.kind = kind;
      is_kind = true;
    }
  if (!is_kind) return invalid("bad_kind", "\"kind\" must be email, phone or user_id");
  const auto hash =
      contact_digest(tie.contact.kind, text_at(body, "contact"), site.default_country);
  if (!hash)
    return invalid(
        "missing_contact",
        "\"contact\" must be the e-mail address, phone number or user id, or its SHA-256 "
        "in hex as the ties of a visitor show it");
  tie.contact.hash = *hash;
  return tie;
}

using ChangeTie = Outcome<void> (*)(Tables&, const SiteConfig&, const ContactRef&, const Id128&,
                                    std::int64_t);

Outcome<Reply> change_tie(const IngestRouteParts& parts, const Request& request, ChangeTie change) {
  const IngestServices& services = parts.ingest.services();
  TL_TRY(site_id, parts.authorise(request, "manage"));
  const auto site = services.find_site(site_id);
  if (site == nullptr)
    return fail(ErrorKind::not_found, "unknown_site",
                "the key's site \"" + site_id + "\" is not configured any more");
  TL_TRY(tie, read_tie_name(request, *site));
  nlohmann::ordered_json answer;
  const auto written = services.store.write([&](Tables& tables) -> Outcome<void> {
    TL_CHECK(change(tables, *site, tie.contact, tie.anonymous_id, services.clock.now_ms()));
    TL_TRY(person, find_person(tables, site_id, {tie.anonymous_id, {}}));
    TL_TRY(item, person_item(tables, site_id, person));
    answer = {{"anonymous_id", uuid_text(tie.anonymous_id)}, {"person", std::move(item)}};
    return {};
  });
  TL_CHECK(written);
  return answer_json(200, answer);
}

}  // namespace

std::vector<Route> people_routes(const IngestRouteParts& parts) {
  const auto route = [&parts](const char* pattern, const char* summary, const char* audit_action,
                              ChangeTie change) {
    Route made;
    made.method = "POST";
    made.pattern = pattern;
    made.summary = summary;
    made.max_body = 4 * 1024;
    made.audit_action = audit_action;
    made.handler = [parts, change](const Request& request) {
      auto reply = change_tie(parts, request, change);
      return reply.ok() ? std::move(reply).value() : Reply::error(reply.error());
    };
    return made;
  };
  return {route("/api/people/cut", "Undoes the tie of a contact and a visitor; credits follow",
                "tie_cut", cut_tie),
          route("/api/people/join", "Takes back that a tie was cut", "tie_joined", join_tie)};
}

}  // namespace tl::server::http
