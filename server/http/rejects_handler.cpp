// SPDX-License-Identifier: Apache-2.0
// GET /api/rejects: refused input with its reason. POST /api/rejects/{id}/replay: the same bytes
// through the very route by which they came, as of the time they came; what is refused again stays
// where it is.

#include "server/core/text/rfc3339.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/http/intake.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/list_request.hpp"
#include "server/http/request_target.hpp"
#include "server/http/router.hpp"
#include "throughline/text.hpp"

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

// Of a replay's result: nothing of the input was refused again.
bool is_kept_result(std::string_view result) {
  return result.starts_with("2") && !contains(result, " ");
}

// The intake by which a reject came; its route is null where none takes such things later.
Router::Match intake_of(const Router& intakes, const RejectRow& reject) {
  RequestTarget target;
  return parse_target(reject.route, target) ? intakes.find("POST", target.segments)
                                            : Router::Match{};
}

OrderedJson reject_item(const RejectRow& reject, const Router& intakes) {
  OrderedJson replayed = nullptr;
  if (reject.replayed_ms) replayed = write_rfc3339(*reject.replayed_ms);
  return {{"id", reject.id},
          {"t", write_rfc3339(reject.t_ms)},
          {"route", reject.route},
          {"code", reject.code},
          {"message", reject.message},
          {"bytes", reject.bytes},
          {"replayable", reject.has_text && intake_of(intakes, reject).route != nullptr},
          {"replayed_at", std::move(replayed)},
          {"replay_result", reject.replay_result},
          {"kept", is_kept_result(reject.replay_result)}};
}

Outcome<Reply> list_rejects(const IngestRouteParts& parts, const Router& intakes,
                            const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "read"));
  TL_TRY(query, read_list_request(request, site_id, parts.ingest.services().find_site));
  OrderedJson items = OrderedJson::array();
  std::optional<std::string> next_cursor;
  TL_CHECK(parts.ingest.services().store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(page, tables.operations().list_rejects(query));
    for (const RejectRow& reject : page.items) items.push_back(reject_item(reject, intakes));
    next_cursor = page.next_cursor;
    return {};
  }));
  return answer_list(std::move(items), next_cursor);
}

Request request_of(const RejectRow& reject, const SiteConfig& site) {
  auto sender = std::make_shared<KeptSender>(read_kept_sender(reject.sender_json, reject.site_id));
  Request request;
  request.method = "POST";
  request.path = reject.route;
  request.body = reject.body;
  request.received_ms = reject.t_ms;
  request.headers = sender->headers;
  if (!sender->token.empty())
    request.headers.emplace_back("cookie", site.token_cookie() + "=" + sender->token);
  if (sender->anonymous_id)
    request.headers.emplace_back(
        "cookie", site.anonymous_id_cookie() + "=" + uuid_text(*sender->anonymous_id));
  request.replayed = std::move(sender);
  return request;
}

Outcome<Reply> run_again(const Router& intakes, const RejectRow& reject, const SiteConfig& site) {
  Request request = request_of(reject, site);
  auto match = intake_of(intakes, reject);
  if (match.route == nullptr)
    return invalid("not_replayable",
                   "what came to " + reject.route +
                       " is not taken later: its sender had to be answered at once, or there is no "
                       "such address any more; send it anew");
  request.params = std::move(match.params);
  return match.route->handler(request);
}

// "202"; with the code where it was refused again, as a whole or in its events.
std::string result_of(const Reply& reply, const OrderedJson& answer) {
  std::string result = std::to_string(reply.status);
  if (answer.contains("error")) return result + " " + answer["error"].value("code", "");
  if (const auto refused = answer.find("rejected");
      refused != answer.end() && refused->is_array() && !refused->empty())
    return result + " " + refused->front().value("code", "");
  return result;
}

Outcome<Reply> replay_reject(const IngestRouteParts& parts, const Router& intakes,
                             const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "manage"));
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
                "more, it was not signed, or it was too large");

  const auto site = parts.ingest.services().find_site(site_id);
  if (!site)
    return fail(ErrorKind::not_found, "unknown_site",
                "the key's site \"" + site_id + "\" is not configured any more");
  TL_TRY(reply, run_again(intakes, *reject, *site));
  const auto answer = OrderedJson::parse(reply.body, nullptr, false);
  const std::string result = result_of(reply, answer);
  TL_CHECK(store.write([&](Tables& tables) {
    return tables.operations().mark_replayed(reject->id, request.received_ms, result);
  }));
  return answer_json(200, {{"id", reject->id},
                           {"status", reply.status},
                           {"kept", is_kept_result(result)},
                           {"answer", answer}});
}

}  // namespace

std::vector<Route> rejects_routes(const IngestRouteParts& parts, std::vector<Route> intakes) {
  const auto answer = [](Outcome<Reply> reply) {
    return reply.ok() ? std::move(reply).value() : Reply::error(reply.error());
  };
  Route list;
  list.method = "GET";
  list.pattern = "/api/rejects";
  list.summary = "Lists refused input, newest first";
  const auto router = std::make_shared<const Router>(std::move(intakes));
  list.handler = [parts, answer, router](const Request& request) {
    return answer(list_rejects(parts, *router, request));
  };
  Route replay;
  replay.method = "POST";
  replay.pattern = "/api/rejects/{id}/replay";
  replay.audit_action = "reject_replayed";
  replay.summary = "Sends refused input through its intake again";
  replay.handler = [parts, answer, router](const Request& request) {
    return answer(replay_reject(parts, *router, request));
  };
  std::vector<Route> routes;
  routes.push_back(std::move(list));
  routes.push_back(std::move(replay));
  return routes;
}

}  // namespace tl::server::http
