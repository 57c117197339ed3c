// SPDX-License-Identifier: Apache-2.0
// Personal values travel in bodies; in a query they would stand in the access log of every proxy on
// the way. The query forms are for sites that used them before.

#include "server/http/privacy_handler.hpp"

#include "server/core/privacy/erasure.hpp"
#include "server/core/privacy/person_export.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/list_request.hpp"

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kMaxPersonBytes = 4096;

struct PersonRequest {
  std::shared_ptr<const SiteConfig> site;
  PersonName name;
  bool is_dry_run = false;
};

// The values by name, from the body or from the query.
using ValueOf = std::function<std::string(const char* name)>;

Outcome<PersonRequest> read_person(const PrivacyRouteParts& parts, const std::string& site_id,
                                   const ValueOf& value) {
  PersonRequest asked;
  if (const auto named = value("site"); !named.empty() && named != site_id)
    return fail(ErrorKind::forbidden, "wrong_site",
                "This key belongs to another site than the one asked for.");
  asked.site = parts.find_site(site_id);
  if (asked.site == nullptr)
    return fail(ErrorKind::not_found, "unknown_site",
                "the site \"" + site_id + "\" is not configured any more");
  asked.name.email = value("email");
  asked.name.phone = value("phone");
  asked.name.user_id = value("user_id");
  if (const auto text = value("anonymous_id"); !text.empty()) {
    const auto id = parse_uuid(text);
    if (!id.ok()) return invalid("bad_uuid", "\"anonymous_id\" must be a dashed UUID");
    asked.name.anonymous_id = id.value();
  }
  return asked;
}

Outcome<PersonRequest> person_of_body(const PrivacyRouteParts& parts, const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "admin"));
  TL_TRY(body, read_json_object(request.body));
  TL_TRY(asked, read_person(parts, site_id, [&](const char* name) { return text_at(body, name); }));
  asked.is_dry_run = body.value("dry_run", nlohmann::json(false)) == nlohmann::json(true);
  return asked;
}

Outcome<PersonRequest> person_of_query(const PrivacyRouteParts& parts, const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "admin"));
  return read_person(parts, site_id,
                     [&](const char* name) { return std::string(request.query_value(name)); });
}

Outcome<Reply> answer_erasure(const PrivacyRouteParts& parts, const PersonRequest& asked) {
  TL_TRY(erasure, erase_person({parts.store, parts.clock, parts.entropy, parts.box}, *asked.site,
                               asked.name, asked.is_dry_run));
  OrderedJson counts = OrderedJson::object();
  for (const auto& [name, count] : erasure.counts) counts[name] = count;
  const bool is_done = !asked.is_dry_run;
  auto reply =
      answer_json(200, {{"erased", is_done},
                        {"receipt", is_done ? OrderedJson(erasure.receipt) : OrderedJson()},
                        {"t", write_rfc3339(erasure.t_ms)},
                        {"counts", std::move(counts)},
                        {"shared", erasure.is_shared}});
  reply.is_dry_run = asked.is_dry_run;
  return reply;
}

Outcome<Reply> answer_export(const PrivacyRouteParts& parts, const PersonRequest& asked) {
  TL_TRY(text,
         export_person(parts.store, parts.box, *asked.site, asked.name, parts.clock.now_ms()));
  return Reply::json(200, std::move(text)).header("Cache-Control", "no-store");
}

using ReadPerson = Outcome<PersonRequest> (*)(const PrivacyRouteParts&, const Request&);
using AnswerPerson = Outcome<Reply> (*)(const PrivacyRouteParts&, const PersonRequest&);

Outcome<Reply> answer_person(const PrivacyRouteParts& parts, const Request& request,
                             ReadPerson read, AnswerPerson answer) {
  TL_TRY(asked, read(parts, request));
  return answer(parts, asked);
}

}  // namespace

std::vector<Route> privacy_routes(const PrivacyRouteParts& parts) {
  const auto route = [&parts](const char* method, const char* pattern, const char* summary,
                              ReadPerson read, AnswerPerson answer, const char* audit_action) {
    Route made;
    made.method = method;
    made.pattern = pattern;
    made.summary = summary;
    made.max_body = kMaxPersonBytes;
    made.audit_action = audit_action;
    made.handler = [parts, read, answer](const Request& request) {
      auto reply = answer_person(parts, request, read, answer);
      return reply.ok() ? std::move(reply).value() : Reply::error(reply.error());
    };
    return made;
  };
  return {route("POST", "/api/erasures", "Forgets a person; sums and credits stay", person_of_body,
                answer_erasure, "person_erased"),
          route("POST", "/api/exports", "Everything that is held about a person", person_of_body,
                answer_export, "person_exported"),
          route("DELETE", "/api/delete-user", "As POST /api/erasures, named in the query",
                person_of_query, answer_erasure, "person_erased"),
          route("GET", "/api/export-user", "As POST /api/exports, named in the query",
                person_of_query, answer_export, "person_exported")};
}

}  // namespace tl::server::http
