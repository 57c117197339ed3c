// SPDX-License-Identifier: Apache-2.0
#include "server/core/ingest/withheld_click_ids.hpp"

#include "server/core/classify/withheld_value.hpp"
#include "server/core/ingest/replay.hpp"
#include "throughline/params.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace tl::server {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::uint32_t kMostEvents = 100'000;  // of a session, which ends after a day at most

std::string dump(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

// {"gclid":"…"}: that there was one stays, for the channel follows from it.
std::string without_values(const std::string& click_ids) {
  auto json = OrderedJson::parse(click_ids, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return "{}";
  for (auto& value : json) value = kWithheldValue;
  return dump(json);
}

std::string reduced_evidence(const std::string& evidence, bool keeps_query) {
  auto json = OrderedJson::parse(evidence, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return {};
  for (const char* key : {"u", "r"})
    if (const auto found = json.find(key); found != json.end() && found->is_string())
      *found = reduced_again(found->get<std::string>(), keeps_query, /*permits_marketing=*/false);
  // A campaign told by the page may hold click ids too.
  if (const auto told = json.find("cm"); told != json.end() && told->is_object())
    for (auto& [name, value] : told->items())
      if (is_click_id(param_of(name))) value = kWithheldValue;
  return dump(json);
}

// Whether it changed.
bool put(std::string& text, std::string reduced) {
  if (text == reduced) return false;
  text = std::move(reduced);
  return true;
}

}  // namespace

std::string without_click_ids(std::string_view url) {
  return reduced_again(url, /*keeps_query=*/false, /*permits_marketing=*/false);
}

std::string evidence_without_click_ids(const std::string& evidence) {
  return reduced_evidence(evidence, /*keeps_query=*/false);
}

bool withhold_click_ids(EventRow& event) {
  return put(event.url,
             reduced_again(event.url, /*keeps_query=*/true, /*permits_marketing=*/false));
}

bool withhold_click_ids(TouchRow& touch) {
  const bool had_ids = put(touch.click_ids, without_values(touch.click_ids));
  return put(touch.evidence, reduced_evidence(touch.evidence, /*keeps_query=*/true)) || had_ids;
}

Outcome<void> withhold_click_ids(Tables& tables, std::string_view site_id, const Id128& visitor) {
  TL_TRY(sessions, tables.privacy().sessions_of(site_id, visitor));
  for (const auto& session : sessions) {
    TL_TRY(touches, tables.events().touches_of_session(site_id, session));
    for (auto& touch : touches)
      if (withhold_click_ids(touch)) TL_CHECK(tables.privacy().put_evidence(touch));
    TL_TRY(events, tables.events().events_of_session(site_id, session, kMostEvents));
    for (auto& event : events)
      if (withhold_click_ids(event)) TL_CHECK(tables.privacy().put_url(event));
  }
  return {};
}

}  // namespace tl::server
