// SPDX-License-Identifier: Apache-2.0
// What [site.destination.KIND] has in common for every kind.

#include "server/config/keys.hpp"
#include "server/config/site_rules.hpp"

#include <algorithm>

namespace tl::server {
namespace {

std::string destination_name_complaint(const Value& value) {
  const auto& name = std::get<std::string>(value);
  const bool is_word = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return is_word && !name.empty() && name.size() <= 64 ? ""
                                                       : "must be up to 64 letters, digits, _ or -";
}

}  // namespace

const std::vector<Key<DestinationConfig>>& destination_keys() {
  static const std::vector<Key<DestinationConfig>> keys = {
      key("events", &DestinationConfig::events,
          "which events are sent, \"own:NAME\" for one of your own that is spelled much like one "
          "of "
          "ours; empty: the destination's own choice")
          .check(event_names_complaint),
      key("name", &DestinationConfig::own_name,
          "the destination is known as KIND:name, wherever its table stands; what waits and what "
          "was told belongs to that name")
          .check(destination_name_complaint)};
  return keys;
}

bool is_secret_setting(std::string_view name) {
  return name.find("token") != std::string_view::npos ||
         name.find("secret") != std::string_view::npos ||
         name.find("key") != std::string_view::npos ||
         name.find("password") != std::string_view::npos;
}

}  // namespace tl::server
