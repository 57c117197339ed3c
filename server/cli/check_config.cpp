// SPDX-License-Identifier: Apache-2.0
// check-config: checks the file as serve would and prints what was understood, without secrets.
// config-reference: the text of docs/configuration.md.

#include "server/cli/commands.hpp"
#include "server/config/describe_config.hpp"
#include "server/destinations/registry.hpp"

#include <iostream>

namespace tl::server::cli {
namespace {

// The settings of every destination, as its own table tells them.
std::string destination_reference() {
  std::string out;
  for (const auto kind : destinations::destination_kinds()) {
    out += "\n## [site.destination." + std::string(kind) +
           "]\n\n| key | default | meaning |\n|---|---|---|\n";
    for (const auto& setting : destinations::destination_settings(kind)) {
      const std::string fallback(setting.default_value);
      out += "| `" + std::string(setting.name) + "` | " +
             (setting.is_required ? "needed"
              : fallback.empty()  ? ""
                                  : "`" + fallback + "`") +
             " | " + std::string(setting.meaning) + (setting.is_secret ? " (secret)" : "") + " |\n";
    }
  }
  return out;
}

}  // namespace

void add_check_config(CLI::App& parser, Session& session) {
  parser.add_subcommand("check-config", "check the configuration and print what was understood")
      ->callback([&session] {
        if (const auto loaded = load_or_explain(session))
          std::cout << redacted_config(loaded->config);
      });
  parser.add_subcommand("config-reference", "print the reference of all configuration keys")
      ->callback([] { std::cout << config_reference() << destination_reference(); });
}

}  // namespace tl::server::cli
