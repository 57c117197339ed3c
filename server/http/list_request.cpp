// SPDX-License-Identifier: Apache-2.0
// Reading list parameters and writing pages.

#include "server/http/list_request.hpp"

#include "server/core/reports/local_day.hpp"
#include "server/core/reports/report_calendar.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/http/query_names.hpp"
#include "throughline/text.hpp"

namespace tl::server::http {
namespace {

constexpr std::int64_t kMaxLimit = 1000;
constexpr std::size_t kDateBytes = 10;  // 2026-09-21

// A date is the site's own day, as in the reports; as the end of a range it means that day's end.
Outcome<void> read_time(const Request& request, const char* name, bool ends_range,
                        const SiteConfig& site, std::optional<std::int64_t>& t_ms) {
  const std::string_view text = request.query_value(name);
  if (text.empty()) return {};
  if (text.size() == kDateBytes) {
    if (const auto day = parse_day(text))
      t_ms = day_start(ends_range ? add_days(*day, 1) : *day, site.timezone);
  } else {
    t_ms = parse_rfc3339(text);
  }
  if (t_ms) return {};
  return invalid("bad_time", std::string(name) + "=" + std::string(text) +
                                 " is no time; write 2026-09-21 or 2026-09-21T14:00:00Z");
}

}  // namespace

Outcome<ListQuery> read_list_request(const Request& request, const std::string& site_id,
                                     const SiteLookup& find_site,
                                     const std::vector<std::string>& more) {
  std::vector<std::string> names = {"site", "from", "to", "limit", "cursor"};
  names.insert(names.end(), more.begin(), more.end());
  TL_CHECK(check_query_names(request, names));
  const auto site = find_site(site_id);
  if (site == nullptr)
    return fail(ErrorKind::not_found, "unknown_site",
                "the site \"" + site_id + "\" is not configured any more");
  ListQuery query;
  query.site_id = site_id;
  TL_CHECK(read_time(request, "from", false, *site, query.from_ms));
  TL_CHECK(read_time(request, "to", true, *site, query.to_ms));
  const bool is_to_date = request.query_value("to").size() == kDateBytes;
  if (query.from_ms && query.to_ms && *query.from_ms > *query.to_ms - (is_to_date ? 1 : 0))
    return invalid("bad_time", "from=" + std::string(request.query_value("from")) +
                                   " is after to=" + std::string(request.query_value("to")) +
                                   "; swap them");
  query.cursor = request.query_value("cursor");
  if (const auto text = request.query_value("limit"); !text.empty()) {
    std::int64_t limit = 0;
    if (!parse_decimal(text, limit) || limit < 1 || limit > kMaxLimit)
      return invalid("bad_limit", "limit must be a whole number from 1 to 1000");
    query.limit = static_cast<std::uint32_t>(limit);
  }
  return query;
}

Reply answer_json(int status, const nlohmann::ordered_json& json) {
  Reply reply = Reply::json(
      status, json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  reply.header("Cache-Control", "no-store");
  return reply;
}

Reply answer_list(nlohmann::ordered_json items, const std::optional<std::string>& next_cursor) {
  nlohmann::ordered_json cursor = nullptr;
  if (next_cursor) cursor = *next_cursor;
  return answer_json(200, {{"items", std::move(items)}, {"next_cursor", std::move(cursor)}});
}

}  // namespace tl::server::http
