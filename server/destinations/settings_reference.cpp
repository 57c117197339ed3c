// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/settings_reference.hpp"

#include "server/destinations/registry.hpp"

namespace tl::server::destinations {

std::string settings_reference() {
  std::string out;
  for (const auto kind : destination_kinds()) {
    out += "\n## [site.destination." + std::string(kind) +
           "]\n\n| key | default | meaning |\n|---|---|---|\n";
    for (const auto& setting : find_destination(kind)->settings()) {
      const std::string fallback(setting.default_value);
      out += "| `" + std::string(setting.name) + "` | " +
             (setting.is_required ? "needed"
              : fallback.empty()  ? ""
                                  : "`" + fallback + "`") +
             " | " + (setting.is_map ? "table of event = value: " : "") +
             std::string(setting.meaning) + (setting.is_secret ? " (secret)" : "") + " |\n";
    }
  }
  return out;
}

}  // namespace tl::server::destinations
