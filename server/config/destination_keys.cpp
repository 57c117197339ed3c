// SPDX-License-Identifier: Apache-2.0
// What [site.destination.KIND] has in common for every kind.

#include "server/config/keys.hpp"
#include "server/config/site_rules.hpp"

namespace tl::server {

const std::vector<Key<DestinationConfig>>& destination_keys() {
  static const std::vector<Key<DestinationConfig>> keys = {
      key("events", &DestinationConfig::events,
          "which events are sent, \"own:NAME\" for one of your own that is spelled much like one "
          "of "
          "ours; empty: the destination's own choice")
          .check(event_names_complaint)};
  return keys;
}

bool is_secret_setting(std::string_view name) {
  return name.find("token") != std::string_view::npos ||
         name.find("secret") != std::string_view::npos ||
         name.find("key") != std::string_view::npos ||
         name.find("password") != std::string_view::npos;
}

}  // namespace tl::server
