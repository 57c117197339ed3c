// SPDX-License-Identifier: Apache-2.0
// check-config: checks the file as serve would and prints what was understood, without secrets.
// config-reference: the text of docs/configuration.md.

#include "server/cli/commands.hpp"
#include "server/config/describe_config.hpp"

#include <iostream>

namespace tl::server::cli {

void add_check_config(CLI::App& parser, Session& session) {
  parser.add_subcommand("check-config", "check the configuration and print what was understood")
      ->callback([&session] {
        if (const auto loaded = load_or_explain(session))
          std::cout << redacted_config(loaded->config);
      });
  parser.add_subcommand("config-reference", "print the reference of all configuration keys")
      ->callback([] { std::cout << config_reference(); });
}

}  // namespace tl::server::cli
