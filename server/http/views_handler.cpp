// SPDX-License-Identifier: Apache-2.0
// POST /api/views: ads that were seen and not clicked, told by the site's own server with a secret
// key. All of a request is kept, or nothing.

#include "server/core/ingest/ad_views.hpp"
#include "server/core/ingest/plausible_time.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/http/authorisation.hpp"
#include "server/http/intake.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/list_request.hpp"

#include <array>

namespace tl::server::http {
namespace {

constexpr std::size_t kMostViews = 1000;
constexpr std::size_t kLongestId = 500;
constexpr std::size_t kLongestText = 255;  // of a campaign value: no more is kept of a click's
constexpr std::array<const char*, 5> kFields = {"source", "medium", "campaign", "term", "content"};

ServerError bad_view(std::size_t index, std::string code, const std::string& what) {
  return invalid(std::move(code), "views[" + std::to_string(index) + "]: " + what +
                                      "; nothing of the request was kept");
}

std::optional<std::int64_t> time_at(const nlohmann::json& item) {
  const auto t = item.find("t");
  if (t == item.end()) return {};
  if (t->is_number_integer()) return t->get<std::int64_t>();
  return t->is_string() ? parse_rfc3339(t->get_ref<const std::string&>()) : std::nullopt;
}

Outcome<AdView> read_view(const nlohmann::json& item, std::size_t index, std::int64_t now_ms) {
  if (!item.is_object()) return bad_view(index, "bad_field", "must be an object");
  AdView view;
  view.key = text_at(item, "id");
  if (view.key.empty() || view.key.size() > kLongestId)
    return bad_view(index, "missing_id", "id must name the view, in at most 500 bytes");
  const auto visitor = parse_uuid(text_at(item, "anonymous_id"));
  if (!visitor.ok()) return bad_view(index, "bad_uuid", "anonymous_id must be a dashed UUID");
  view.anonymous_id = visitor.value();
  const auto t_ms = time_at(item);
  if (!t_ms || *t_ms < kEarliestTimeMs || *t_ms > now_ms)
    return bad_view(index, "bad_time", "t must be when the ad was seen, not in the future");
  view.t_ms = *t_ms;
  for (const char* name : kFields) {
    auto text = text_at(item, name);
    if (text.size() > kLongestText)
      return bad_view(index, "bad_field", std::string(name) + " holds at most 255 bytes");
    if (!text.empty()) view.fields.emplace(name, std::move(text));
  }
  if (!names_source(view))
    return bad_view(index, "missing_source", "source must name where the ad was seen, like meta");
  return view;
}

Outcome<Reply> answer_views(const IngestRouteParts& parts, const Request& request) {
  const IngestServices& services = parts.ingest.services();
  TL_TRY(site_id, parts.authorise(request, "write"));
  TL_TRY(body, read_json_object(request.body));
  TL_CHECK(check_body_site(text_at(body, "site"), site_id));
  const auto site = services.find_site(site_id);
  if (site == nullptr)
    return fail(ErrorKind::not_found, "unknown_site",
                "the key's site \"" + site_id + "\" is not configured any more");
  const auto items = body.find("views");
  if (items == body.end() || !items->is_array() || items->empty() || items->size() > kMostViews)
    return invalid("bad_rows", "views must be a list of 1 to 1,000 objects");
  std::vector<AdView> views;
  for (std::size_t i = 0; i < items->size(); ++i) {
    TL_TRY(view, read_view((*items)[i], i, request.received_ms));
    views.push_back(std::move(view));
  }

  TouchClassifier classifier;
  KeptViews kept;
  TL_CHECK(services.store.write([&](Tables& tables) -> Outcome<void> {
    TL_TRY(found, keep_views(tables, *site, classifier, views, request.received_ms));
    kept = found;
    return {};
  }));
  Reply reply = answer_json(200, {{"accepted", kept.accepted},
                                  {"duplicate", kept.duplicate},
                                  {"consent_refused", kept.consent_refused}});
  std::string codes;
  if (kept.duplicate > 0) codes = "duplicate";
  if (kept.consent_refused > 0) codes += codes.empty() ? "consent_refused" : ", consent_refused";
  if (!codes.empty()) reply.header("X-Throughline", codes);
  return reply;
}

}  // namespace

std::vector<Route> view_routes(const IngestRouteParts& parts) {
  Route route;
  route.method = "POST";
  route.pattern = "/api/views";
  route.summary = "States ads that known visitors saw and did not click (secret key, write)";
  route.max_body = 512 * 1024;
  route.handler = [parts](const Request& request) {
    auto reply = answer_views(parts, request);
    return reply.ok() ? std::move(reply).value() : Reply::error(reply.error());
  };
  return {std::move(route)};
}

}  // namespace tl::server::http
