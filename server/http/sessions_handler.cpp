// SPDX-License-Identifier: Apache-2.0
// GET /api/sessions, /api/sessions/{id} (the timeline) and /api/visitors/{anonymous_id}. The site
// always comes from the key.

#include "server/http/ingest_routes.hpp"
#include "server/http/list_answer.hpp"
#include "server/http/list_request.hpp"
#include "server/http/session_json.hpp"

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

Outcome<Id128> id_param(const Request& request, const char* name) {
  const auto found = request.params.find(name);
  const auto id = parse_uuid(found == request.params.end() ? "" : found->second);
  if (!id.ok()) return invalid("bad_uuid", "the id in the path must be a dashed UUID");
  return id.value();
}

SessionMoment moment_of(const IngestRouteParts& parts, const std::string& site_id) {
  const auto& services = parts.ingest.services();
  const auto site = services.find_site(site_id);
  return {site ? site->session.timeout_ms : SessionRules().timeout_ms, services.clock.now_ms()};
}

std::vector<std::string> session_columns() {
  return with_touches({"id",
                       "anonymous_id",
                       "started_at",
                       "last_activity_at",
                       "ended_at",
                       "end_reason",
                       "duration_s",
                       "page_views",
                       "events_count",
                       "entry_path",
                       "exit_path",
                       "converted",
                       "conversion_value",
                       "currency",
                       "conversion_value_minor",
                       "device",
                       "browser",
                       "os",
                       "country",
                       "region",
                       "city",
                       "bot",
                       "bot_reason"});
}

Outcome<Reply> list_sessions(const IngestRouteParts& parts, const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "read"));
  TL_TRY(query, read_list_request(request, site_id, parts.ingest.services().find_site, {"format"}));
  const auto read = [parts](const ListQuery& asked) -> Outcome<ListPage> {
    const SessionMoment moment = moment_of(parts, asked.site_id);
    ListPage sessions;
    TL_CHECK(parts.ingest.services().store.read([&](Tables& tables) -> Outcome<void> {
      sessions = {};
      TL_TRY(page, tables.events().list_sessions(asked));
      for (const SessionRow& session : page.items) {
        TL_TRY(item, session_item(tables, session, moment));
        sessions.items.push_back(std::move(item));
      }
      sessions.next_cursor = page.next_cursor;
      return {};
    }));
    return sessions;
  };
  return answer_list(request, query, {"sessions", session_columns()}, read);
}

Outcome<Reply> show_session(const IngestRouteParts& parts, const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "read"));
  TL_TRY(id, id_param(request, "id"));
  OrderedJson answer;
  TL_CHECK(parts.ingest.services().store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(session, tables.events().find_session(site_id, id));
    if (!session)
      return fail(ErrorKind::not_found, "unknown_session",
                  "site \"" + site_id + "\" has no session of that id");
    TL_TRY(timeline, session_timeline(tables, *session, moment_of(parts, site_id)));
    answer = std::move(timeline);
    return {};
  }));
  return answer_json(200, answer);
}

Outcome<Reply> show_visitor(const IngestRouteParts& parts, const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "read"));
  TL_TRY(id, id_param(request, "anonymous_id"));
  OrderedJson answer;
  TL_CHECK(parts.ingest.services().store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(visitor, visitor_item(tables, site_id, id, moment_of(parts, site_id)));
    if (visitor["sessions"].empty() && visitor["touches"].empty())
      return fail(ErrorKind::not_found, "unknown_visitor",
                  "site \"" + site_id + "\" has nothing of that anonymous_id");
    answer = std::move(visitor);
    return {};
  }));
  return answer_json(200, answer);
}

using ShowSession = Outcome<Reply> (*)(const IngestRouteParts&, const Request&);

Route reading_route(const IngestRouteParts& parts, const char* pattern, const char* summary,
                    ShowSession show) {
  Route route;
  route.method = "GET";
  route.pattern = pattern;
  route.summary = summary;
  route.handler = [parts, show](const Request& request) {
    auto reply = show(parts, request);
    return reply.ok() ? std::move(reply).value() : Reply::error(reply.error());
  };
  return route;
}

}  // namespace

std::vector<Route> sessions_routes(const IngestRouteParts& parts) {
  return {
      reading_route(parts, "/api/sessions", "Lists sessions, newest first", list_sessions),
      reading_route(parts, "/api/sessions/{id}", "One session with everything on its line",
                    show_session),
      reading_route(parts, "/api/visitors/{anonymous_id}",
                    "Sessions, touches and conversions of one browser", show_visitor),
  };
}

}  // namespace tl::server::http
