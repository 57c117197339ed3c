// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/described.hpp"

#include "server/destinations/http_verdict.hpp"
#include "server/destinations/settings.hpp"

#include <algorithm>

namespace tl::server::destinations {

std::vector<Setting> DescribedDestination::settings() const {
  std::vector<Setting> list = described_.settings;
  if (!described_.host.empty())
    list.push_back(
        {"base_url", "where its API is", described_.host, Setting::Form::url, false, false, false});
  return list;
}

Outcome<void> DescribedDestination::check(const DestinationConfig& config) const {
  const std::string vendor(described_.vendor);
  for (const auto& name : config.events) {
    if (described_.purpose == Purpose::marketing && (name == "session_end" || name == "*"))
      return bad_setting(
          config, "events",
          "names " + name + ", which is never sent to " + vendor + "; name the events to send");
    if (!described_.map.empty() &&
        setting(config, std::string(described_.map) + "." + name).empty())
      return bad_setting(config, "events",
                         "names " + name + ", but " + std::string(described_.map) +
                             " has no id for it: create it at " + vendor);
  }
  return {};
}

std::vector<std::string> DescribedDestination::default_events(
    const DestinationConfig& config) const {
  std::vector<std::string> events;
  if (!described_.map.empty()) return mapped_events(config, described_.map);
  for (const EventName& name : described_.names)
    if (name.is_default) events.emplace_back(name.ours);
  return events;
}

DeliveryVerdict DescribedDestination::judge(const OutgoingAnswer& answer,
                                            std::size_t batch_size) const {
  return judge_status(described_.vendor, answer, batch_size);
}

std::string DescribedDestination::their_name(const std::string& event_name) const {
  for (const EventName& name : described_.names)
    if (name.ours == event_name) return std::string(name.theirs);
  return described_.other_name.empty() ? event_name : std::string(described_.other_name);
}

bool DescribedDestination::has_name_for(std::string_view event_name) const {
  return std::any_of(described_.names.begin(), described_.names.end(),
                     [&](const EventName& name) { return name.ours == event_name; });
}

OutgoingRequest DescribedDestination::post(const DestinationConfig& config, const std::string& path,
                                           std::string body) const {
  OutgoingRequest request;
  request.url = base_url(config, described_.host) + path;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = std::move(body);
  request.timeout_ms = described_.limits.timeout_ms;
  return request;
}

}  // namespace tl::server::destinations
