// SPDX-License-Identifier: Apache-2.0
// Names of enums here are part of the API.

#include "server/http/session_json.hpp"

#include "server/core/ingest/session_end.hpp"
#include "server/core/ingest/touch_json.hpp"
#include "server/core/record_names.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/http/conversion_json.hpp"
#include "server/http/delivery_json.hpp"
#include "server/http/person_json.hpp"

#include <limits>

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::uint32_t kMaxEvents = 1000;
constexpr std::uint32_t kMaxSessions = 1000;
constexpr std::uint32_t kMaxTouches = 1000;

const char* clock_name(ClockRule rule) {
  switch (rule) {
    case ClockRule::received:
      return "received";
    case ClockRule::late:
      return "late";
    case ClockRule::corrected:
      break;
  }
  return "corrected";
}

OrderedJson parsed_or_null(const std::string& text) {
  OrderedJson parsed = OrderedJson::parse(text, nullptr, /*allow_exceptions=*/false);
  return parsed.is_discarded() ? OrderedJson(nullptr) : parsed;
}

Outcome<OrderedJson> touch_or_null(Tables& tables, const SessionRow& session,
                                   const std::optional<Id128>& id) {
  if (!id) return OrderedJson(nullptr);
  TL_TRY(touch, tables.events().find_touch(session.site_id, session.id, *id));
  return touch ? touch_item(*touch) : OrderedJson(nullptr);
}

}  // namespace

OrderedJson event_item(const EventRow& event) {
  OrderedJson item = {
      {"id", uuid_text(event.id)},
      {"name", event.name},
      {"t", event.t_ms},
      {"seq", event.seq},
      {"url", event.url},
      {"title", event.title},
      {"props", event.props.empty() ? OrderedJson::object() : parsed_or_null(event.props)},
      {"why", std::string(reason_name(event.why))},
      {"verdict", verdict_name(event.verdict)},
      {"clock", clock_name(event.clock)},
      {"bot", event.is_bot}};
  if (!event.mismatch.empty()) item["mismatch"] = event.mismatch;
  return item;
}

Outcome<OrderedJson> session_item(Tables& tables, const SessionRow& session,
                                  const SessionMoment& moment) {
  TL_TRY(first, touch_or_null(tables, session, session.first_touch));
  TL_TRY(last, touch_or_null(tables, session, session.last_touch));
  OrderedJson ended = nullptr, reason = nullptr;
  if (const auto end = end_of(session, moment.timeout_ms, moment.now_ms)) {
    ended = write_rfc3339(end->t_ms);
    reason = end->reason;
  }
  return OrderedJson{{"id", uuid_text(session.id)},
                     {"anonymous_id", uuid_text(session.anonymous_id)},
                     {"started_at", write_rfc3339(session.started_ms)},
                     {"last_activity_at", write_rfc3339(session.last_ms)},
                     {"ended_at", std::move(ended)},
                     {"end_reason", std::move(reason)},
                     {"duration_s", (session.last_ms - session.started_ms) / 1000},
                     {"page_views", session.page_views},
                     {"events_count", session.events},
                     {"entry_path", session.entry_path},
                     {"exit_path", session.exit_path},
                     {"converted", session.converted},
                     {"conversion_value_minor", session.conversion_value_minor},
                     {"currency", session.currency},
                     {"first_touch", std::move(first)},
                     {"last_touch", std::move(last)},
                     {"device", session.device},
                     {"browser", session.browser},
                     {"os", session.os},
                     {"country", session.country},
                     {"region", session.region},
                     {"city", session.city},
                     {"bot_reason", session.bot_reason},
                     {"bot", session.is_bot}};
}

Outcome<OrderedJson> session_timeline(Tables& tables, const SessionRow& session,
                                      const SessionMoment& moment) {
  TL_TRY(item, session_item(tables, session, moment));
  item["touches"] = item["events"] = item["orders"] = item["deliveries"] = OrderedJson::array();
  TL_TRY(touches, tables.events().touches_of_session(session.site_id, session.id));
  for (const auto& touch : touches) item["touches"].push_back(touch_item(touch));
  TL_TRY(events, tables.events().events_of_session(session.site_id, session.id, kMaxEvents));
  for (const auto& event : events) item["events"].push_back(event_item(event));
  TL_TRY(conversions, tables.orders().conversions_of_session(session.site_id, session.id));
  for (const auto& conversion : conversions) {
    TL_TRY(order, conversion_item(tables, conversion));
    item["orders"].push_back(std::move(order));
  }
  TL_TRY(deliveries, tables.outbox().deliveries_of_session(session.site_id, session.id));
  for (const auto& delivery : deliveries) item["deliveries"].push_back(delivery_summary(delivery));
  return item;
}

Outcome<OrderedJson> visitor_item(Tables& tables, const std::string& site_id,
                                  const Id128& anonymous_id, const SessionMoment& moment) {
  OrderedJson item = {{"anonymous_id", uuid_text(anonymous_id)},
                      {"sessions", OrderedJson::array()},
                      {"touches", OrderedJson::array()},
                      {"conversions", OrderedJson::array()}};
  TL_TRY(sessions, tables.events().sessions_of_visitor(site_id, anonymous_id, kMaxSessions));
  for (const auto& session : sessions) {
    TL_TRY(entry, session_item(tables, session, moment));
    item["sessions"].push_back(std::move(entry));
  }
  TL_TRY(touches,
         tables.events().touches_of_visitor(site_id, anonymous_id, 0,
                                            std::numeric_limits<std::int64_t>::max(), kMaxTouches));
  for (const auto& touch : touches) item["touches"].push_back(touch_item(touch));
  TL_TRY(conversions, tables.orders().conversions_of_visitor(site_id, anonymous_id));
  for (const auto& conversion : conversions) {
    TL_TRY(entry, conversion_item(tables, conversion));
    item["conversions"].push_back(std::move(entry));
  }
  TL_TRY(person, find_person(tables, site_id, {anonymous_id, {}}));
  TL_TRY(shown, person_item(tables, site_id, person));
  item["person"] = std::move(shown);
  return item;
}

}  // namespace tl::server::http
