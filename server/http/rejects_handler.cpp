// SPDX-License-Identifier: Apache-2.0
// GET /api/rejects: refused input with its reason. POST /api/rejects/{id}/replay: the same bytes
// through the same intake, at the time they came; what is refused again stays where it is.

#include "server/core/rfc3339.hpp"
#include "server/http/intake.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/list_request.hpp"
#include "throughline/text.hpp"

namespace tl::server::http {
namespace {

using Json = nlohmann::ordered_json;

Json reject_item(const RejectRow& reject) {
  Json replayed = nullptr;
  if (reject.replayed_ms) replayed = write_rfc3339(*reject.replayed_ms);
  return {{"id", reject.id},
          {"t", write_rfc3339(reject.t_ms)},
          {"route", reject.route},
          {"code", reject.code},
          {"message", reject.message},
          {"bytes", reject.bytes},
          {"replayed_at", std::move(replayed)},
          {"replay_result", reject.replay_result}};
}

Outcome<Reply> list_rejects(const IngestRouteParts& parts, const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "read"));
  TL_TRY(query, read_list_request(request, site_id));
  Json items = Json::array();
  std::optional<std::string> next_cursor;
  TL_CHECK(parts.ingest.services().store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(page, tables.operations().list_rejects(query));
    for (const RejectRow& reject : page.items) items.push_back(reject_item(reject));
    next_cursor = page.next_cursor;
    return {};
  }));
  return answer_list(std::move(items), next_cursor);
}

Request request_of(const RejectRow& reject) {
  Request request;
  request.method = "POST";
  request.path = reject.route;
  request.body = reject.body;
  request.received_ms = reject.t_ms;
  const auto headers = read_json_object(reject.headers_json);
  if (headers.ok())
    for (const char* name : {"origin", "user-agent"})
      if (auto value = text_at(headers.value(), name); !value.empty())
        request.headers.emplace_back(name, std::move(value));
  return request;
}

Outcome<Reply> run_again(const IngestRouteParts& parts, const RejectRow& reject) {
  const Request request = request_of(reject);
  if (reject.route == "/api/events") return take_events(parts, request, Run::replay);
  if (reject.route == "/api/identify") return take_identify(parts, request, Run::replay);
  if (reject.route == "/api/consent") return take_consent(parts, request, Run::replay);
  for (const Route& route : touch_routes(parts))
    if (reject.route == route.pattern) return take_touch(parts, request, Run::replay);
  return invalid("not_replayable",
                 "input of " + reject.route + " is replayed by its sender, not from here");
}

Outcome<Reply> replay_reject(const IngestRouteParts& parts, const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "write"));
  Store& store = parts.ingest.services().store;
  const auto param = request.params.find("id");
  std::int64_t id = 0;
  if (param == request.params.end() || !parse_decimal(param->second, id))
    return invalid("bad_id", "the id in the path must be a reject's number");
  std::optional<RejectRow> reject;
  TL_CHECK(store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(found, tables.operations().find_reject(site_id, id));
    reject = std::move(found);
    return {};
  }));
  if (!reject)
    return fail(ErrorKind::not_found, "unknown_reject",
                "site \"" + site_id + "\" has no reject of that number");
  if (reject->body.empty())
    return fail(ErrorKind::not_found, "reject_without_body",
                "only the code and size of this reject were kept: its sender gave no consent to "
                "more, or it was too large");

  TL_TRY(reply, run_again(parts, *reject));
  const auto answer = Json::parse(reply.body, nullptr, false);
  std::string result = std::to_string(reply.status);
  if (answer.contains("error")) result += " " + answer["error"].value("code", "");
  TL_CHECK(store.write([&](Tables& tables) {
    return tables.operations().mark_replayed(reject->id, request.received_ms, result);
  }));
  return answer_json(200, {{"id", reject->id}, {"status", reply.status}, {"answer", answer}});
}

}  // namespace

std::vector<Route> rejects_routes(const IngestRouteParts& parts) {
  using Show = Outcome<Reply> (*)(const IngestRouteParts&, const Request&);
  const auto route = [&parts](const char* method, const char* pattern, const char* summary,
                              Show show) {
    Route made;
    made.method = method;
    made.pattern = pattern;
    made.summary = summary;
    made.handler = [parts, show](const Request& request) {
      auto reply = show(parts, request);
      return reply.ok() ? std::move(reply).value() : Reply::error(reply.error());
    };
    return made;
  };
  return {route("GET", "/api/rejects", "Lists refused input, newest first", list_rejects),
          route("POST", "/api/rejects/{id}/replay", "Sends refused input through its intake again",
                replay_reject)};
}

}  // namespace tl::server::http
