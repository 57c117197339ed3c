// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/ga4_rules.hpp"

#include "server/core/text/ascii.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace tl::server::destinations {
namespace {

constexpr std::size_t kGa4NameBytes = 40, kGa4BodyBytes = 130'000;
constexpr std::size_t kGa4Events = 25, kGa4Params = 25;
constexpr std::array<std::string_view, 25> kGa4ReservedEvents = {"ad_activeview",
                                                                 "ad_click",
                                                                 "ad_exposure",
                                                                 "ad_impression",
                                                                 "ad_query",
                                                                 "adunit_exposure",
                                                                 "app_clear_data",
                                                                 "app_install",
                                                                 "app_update",
                                                                 "app_remove",
                                                                 "error",
                                                                 "first_open",
                                                                 "first_visit",
                                                                 "in_app_purchase",
                                                                 "notification_dismiss",
                                                                 "notification_foreground",
                                                                 "notification_open",
                                                                 "notification_receive",
                                                                 "os_update",
                                                                 "screen_view",
                                                                 "session_start",
                                                                 "user_engagement",
                                                                 "app_exception",
                                                                 "dynamic_link_app_open",
                                                                 "app_store_refund"};
constexpr std::array<std::string_view, 4> kGa4ReservedPrefixes = {"google_", "ga_", "firebase_",
                                                                  "_"};
// Written from what we know ourselves.
constexpr std::array<std::string_view, 8> kGa4OwnParams = {
    "transaction_id",       "currency", "value", "session_id",
    "engagement_time_msec", "items",    "gclid", "price"};

bool is_ga4_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_ga4_word(std::string_view name) {
  return !name.empty() && name.size() <= kGa4NameBytes && is_ga4_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_ga4_letter(c) || is_digit(c) || c == '_'; });
}
bool is_ga4_reserved_event(std::string_view name) {
  return std::find(kGa4ReservedEvents.begin(), kGa4ReservedEvents.end(), name) !=
         kGa4ReservedEvents.end();
}
bool is_ga4_param(std::string_view name) {
  return is_ga4_word(name) && name != "firebase_conversion" &&
         std::none_of(kGa4ReservedPrefixes.begin(), kGa4ReservedPrefixes.end(),
                      [&](std::string_view prefix) { return name.starts_with(prefix); });
}

ServerError bad_ga4(const std::string& what) {
  return invalid("bad_ga4_event", "Google Analytics would drop this without a word: " + what);
}

Outcome<void> check_ga4_params(const nlohmann::json& params) {
  if (params.size() > kGa4Params) return bad_ga4("more than 25 parameters");
  for (const auto& [name, value] : params.items()) {
    if (!is_ga4_param(name)) return bad_ga4("the parameter name " + name);
    if (name == "items") {
      for (const auto& item : value)
        if (!item.contains("item_id") && !item.contains("item_name"))
          return bad_ga4("an item without item_id and item_name");
      continue;
    }
    if (!value.is_string() && !value.is_number()) return bad_ga4(name + " is no text or number");
    if (value.is_string() && value.get_ref<const std::string&>().size() > kGa4ValueBytes)
      return bad_ga4(name + " is longer than 100 characters");
  }
  if (params.contains("value") && !params.contains("currency"))
    return bad_ga4("a value without currency");
  return {};
}

}  // namespace

std::string ga4_event_name(std::string_view name) {
  std::string text(name);
  for (char& c : text)
    if (!is_ga4_letter(c) && !is_digit(c)) c = '_';
  const bool has_reserved_prefix =
      std::any_of(kGa4ReservedPrefixes.begin(), kGa4ReservedPrefixes.end(),
                  [&](std::string_view prefix) { return text.starts_with(prefix); });
  if (text.empty() || !is_ga4_letter(text.front()) || is_ga4_reserved_event(text) ||
      has_reserved_prefix)
    text.insert(0, "e_");
  text.resize(std::min(text.size(), kGa4NameBytes));
  return text;
}

void add_ga4_props(JsonObject& params, const std::string& props) {
  constexpr std::size_t kRoom = kGa4Params - 11;  // what the event itself may take
  const auto own = nlohmann::ordered_json::parse(props, nullptr, false);
  if (!own.is_object()) return;
  std::size_t added = 0;
  for (const auto& [name, value] : own.items()) {
    if (added == kRoom) return;
    if (!is_ga4_param(name) || name.starts_with("page_") ||
        std::find(kGa4OwnParams.begin(), kGa4OwnParams.end(), name) != kGa4OwnParams.end())
      continue;
    if (value.is_string()) {
      params.text(name, cut_utf8(value.get_ref<const std::string&>(), kGa4ValueBytes));
    } else if (value.is_number()) {
      params.raw(name, value.dump());
    } else {
      continue;
    }
    ++added;
  }
}

std::string_view ga4_session_of_cookie(std::string_view cookie) {
  const bool is_first_form = cookie.starts_with("GS1.");
  if (!is_first_form && !cookie.starts_with("GS2.")) return {};
  const auto second_point = cookie.find('.', 4);
  if (second_point == cookie.npos) return {};
  std::string_view rest = cookie.substr(second_point + 1);
  const char end = is_first_form ? '.' : '$';
  while (!rest.empty()) {
    std::string_view part = rest.substr(0, rest.find(end));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    if (!is_first_form) {
      if (!part.starts_with('s')) continue;
      part.remove_prefix(1);
    }
    const bool is_number =
        !part.empty() && part.size() <= 20 && part.find_first_not_of("0123456789") == part.npos;
    return is_number ? part : std::string_view();
  }
  return {};
}

Outcome<void> check_ga4_body(const std::string& body) {
  if (body.size() > kGa4BodyBytes) return bad_ga4("more than 130 kB");
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return bad_ga4("no JSON object");
  if (json.value("client_id", "").empty()) return bad_ga4("no client_id");
  const auto events = json.find("events");
  if (events == json.end() || !events->is_array() || events->empty() || events->size() > kGa4Events)
    return bad_ga4("none or more than 25 events");
  for (const auto& event : *events) {
    const std::string name = event.value("name", "");
    if (!is_ga4_word(name) || is_ga4_reserved_event(name)) return bad_ga4("the event name " + name);
    TL_CHECK(check_ga4_params(event.at("params")));
    if (name == "purchase" && !event.at("params").contains("transaction_id"))
      return bad_ga4("a purchase without transaction_id");
  }
  return {};
}

}  // namespace tl::server::destinations
