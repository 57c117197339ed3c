// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/registry.hpp"

#include "server/core/outbox/conversion_outbox.hpp"
#include "server/core/outbox/event_outbox.hpp"
#include "server/core/text/nearest_name.hpp"
#include "server/destinations/meta.hpp"
#include "server/destinations/posthog.hpp"
#include "server/destinations/settings.hpp"
#include "server/destinations/vendors.hpp"

#include <algorithm>
#include <array>

namespace tl::server::destinations {
namespace {

// A destination is one line here.
const std::vector<const Destination*>& entries() {
  static const Meta meta;
  static const Posthog posthog;
  static const std::vector<const Destination*> list = {
      &meta,   &posthog,  &ga4(),       &google_ads(), &tiktok(),  &linkedin(), &pinterest(),
      &snap(), &reddit(), &microsoft(), &x(),          &webhook(), &crm(),
  };
  return list;
}

ServerError unknown_kind(const std::string& kind) {
  std::string list;
  std::vector<std::string> names;
  for (const auto known : destination_kinds()) {
    list.append(list.empty() ? "" : ", ").append(known);
    names.emplace_back(known);
  }
  const std::string near = nearest_name(kind, names);
  return invalid("unknown_destination",
                 "there is no destination \"" + kind + "\"; " +
                     (near.empty() ? "" : "did you mean \"" + near + "\"? ") + "known: " + list);
}

bool is_event_name(std::string_view name) {
  return name == "*" ||
         (!name.empty() && name.size() <= 64 &&
          name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789_ .:-") == name.npos);
}

}  // namespace

const Destination* find_destination(std::string_view kind) {
  for (const Destination* entry : entries())
    if (entry->kind() == kind) return entry;
  return nullptr;
}

std::vector<std::string_view> destination_kinds() {
  std::vector<std::string_view> kinds;
  for (const Destination* entry : entries()) kinds.push_back(entry->kind());
  return kinds;
}

std::string destination_title(const DestinationConfig& config) {
  const Destination* entry = find_destination(config.kind);
  std::string title(entry != nullptr ? entry->title() : config.kind);
  if (const auto colon = config.name.find(':'); colon != std::string::npos)
    title += " " + config.name.substr(colon + 1);
  return title;
}

Outcome<void> check_destination(const DestinationConfig& config) {
  const Destination* entry = find_destination(config.kind);
  if (entry == nullptr) return unknown_kind(config.kind);
  TL_CHECK(check_settings(config, entry->settings()));
  for (const auto& name : config.events)
    if (!is_event_name(name))
      return invalid("bad_setting", "events of destination " + config.name + ": \"" + name +
                                        "\" cannot be the name of an event");
  return entry->check(config);
}

bool destination_takes(const DestinationConfig& config, std::string_view event_name) {
  const Destination* destination = find_destination(config.kind);
  if (destination == nullptr) return false;
  if (is_restatement(event_name))
    return destination->limits(config, event_name).restates && destination_takes(config, "refund");
  const auto events = config.events.empty() ? destination->default_events(config) : config.events;
  const auto lists = [&](std::string_view name) {
    return std::find(events.begin(), events.end(), name) != events.end();
  };
  return lists(event_name) || lists("*");
}

}  // namespace tl::server::destinations
