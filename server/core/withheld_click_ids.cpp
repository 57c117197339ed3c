// SPDX-License-Identifier: Apache-2.0
#include "server/core/withheld_click_ids.hpp"

#include "throughline/params.hpp"
#include "throughline/touch.hpp"

#include <nlohmann/json.hpp>

#include <array>

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
  for (auto& value : json) value = "*";
  return dump(json);
}

}  // namespace

std::string without_click_ids(std::string_view url) {
  std::array<char, 4096> buffer;
  Out out(buffer.data(), buffer.size());
  reduce_url(url, {}, false, out);
  return std::string(out.view());
}

std::string evidence_without_click_ids(const std::string& evidence) {
  auto json = OrderedJson::parse(evidence, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return {};
  for (const char* key : {"u", "r"})
    if (const auto found = json.find(key); found != json.end() && found->is_string())
      *found = without_click_ids(found->get<std::string>());
  // A campaign told by the page may hold click ids too.
  if (const auto told = json.find("cm"); told != json.end() && told->is_object())
    for (auto& [name, value] : told->items())
      if (is_click_id(param_of(name))) value = "*";
  return dump(json);
}

Outcome<void> withhold_click_ids(Tables& tables, std::string_view site_id, const Id128& visitor) {
  TL_TRY(sessions, tables.privacy().sessions_of(site_id, visitor));
  for (const auto& session : sessions) {
    TL_TRY(touches, tables.events().touches_of_session(site_id, session));
    for (auto& touch : touches) {
      touch.click_ids = without_values(touch.click_ids);
      touch.evidence = evidence_without_click_ids(touch.evidence);
      TL_CHECK(tables.privacy().put_evidence(touch));
    }
    TL_TRY(events, tables.events().events_of_session(site_id, session, kMostEvents));
    for (auto& event : events) {
      event.url = without_click_ids(event.url);
      TL_CHECK(tables.privacy().put_url(event));
    }
  }
  return {};
}

}  // namespace tl::server
