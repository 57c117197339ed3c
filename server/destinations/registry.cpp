// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/registry.hpp"

#include "server/core/event_outbox.hpp"
#include "server/destinations/meta.hpp"
#include "server/destinations/posthog.hpp"

#include <algorithm>
#include <array>

namespace tl::server::destinations {
namespace {

struct Entry {
  const Destination* destination;
  std::vector<Setting> settings;
};

// A destination is one line here.
const std::array<Entry, 2>& entries() {
  static const Meta meta;
  static const Posthog posthog;
  static const std::array<Entry, 2> list = {
      {{&meta,
        {{"pixel_id", "id of the pixel or dataset", "", true, false},
         {"access_token", "Conversions API token", "", true, true},
         {"api_version", "Graph API version", "v25.0", false, false},
         {"base_url", "where the Graph API is", "https://graph.facebook.com", false, false},
         {"test_event_code", "shows events under Test events; they still count", "", false, false},
         {"app_secret", "signs requests (appsecret_proof) where the app demands it", "", false,
          true}}},
       {&posthog,
        {{"api_key", "project API key (phc_…)", "", true, true},
         {"base_url", "the region's capture host", "https://eu.i.posthog.com", false, false},
         {"send_ip", "pass on the address of visitors who granted marketing, for geography",
          "false", false, false}}}}};
  return list;
}

const Entry* find_entry(std::string_view kind) {
  for (const Entry& entry : entries())
    if (entry.destination->kind() == kind) return &entry;
  return nullptr;
}

std::string known_kinds() {
  std::string list;
  for (const auto kind : destination_kinds()) list.append(list.empty() ? "" : ", ").append(kind);
  return list;
}

bool is_event_name(std::string_view name) {
  return name == "*" ||
         (!name.empty() && name.size() <= 64 &&
          name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789_ .:-") == name.npos);
}

}  // namespace

const Destination* find_destination(std::string_view kind) {
  const Entry* entry = find_entry(kind);
  return entry == nullptr ? nullptr : entry->destination;
}

std::vector<std::string_view> destination_kinds() {
  std::vector<std::string_view> kinds;
  for (const Entry& entry : entries()) kinds.push_back(entry.destination->kind());
  return kinds;
}

std::vector<Setting> destination_settings(std::string_view kind) {
  const Entry* entry = find_entry(kind);
  return entry == nullptr ? std::vector<Setting>{} : entry->settings;
}

Outcome<void> check_destination(const DestinationConfig& config) {
  const Entry* entry = find_entry(config.kind);
  if (entry == nullptr)
    return invalid("unknown_destination",
                   "there is no destination \"" + config.kind + "\"; known: " + known_kinds());
  for (const auto& [name, value] : config.settings) {
    const bool is_known =
        std::any_of(entry->settings.begin(), entry->settings.end(),
                    [&, &wanted = name](const Setting& known) { return known.name == wanted; });
    if (!is_known)
      return invalid("unknown_setting",
                     "destination " + config.name + " has no setting \"" + name + "\"");
  }
  for (const auto& name : config.events)
    if (!is_event_name(name))
      return invalid("bad_setting", "events of destination " + config.name + ": \"" + name +
                                        "\" cannot be the name of an event");
  return entry->destination->check(config);
}

bool destination_takes(const DestinationConfig& config, std::string_view event_name) {
  const Destination* destination = find_destination(config.kind);
  if (destination == nullptr) return false;
  const auto events = config.events.empty() ? destination->default_events() : config.events;
  const auto lists = [&](std::string_view name) {
    return std::find(events.begin(), events.end(), name) != events.end();
  };
  return lists(event_name) || lists("*");
}

}  // namespace tl::server::destinations
