// SPDX-License-Identifier: Apache-2.0
// check-config: checks the file as serve would and prints what was understood, without secrets;
// --live also sends each destination a test event where its vendor has a mode for that.
// config-reference: the text of docs/configuration.md.

#include "server/cli/commands.hpp"
#include "server/cli/live_check.hpp"
#include "server/config/describe_config.hpp"
#include "server/destinations/settings_reference.hpp"
#include "server/http/outgoing_client.hpp"

#include <iostream>
#include <memory>

namespace tl::server::cli {

void add_check_config(CLI::App& parser, Session& session) {
  auto* command = parser.add_subcommand("check-config",
                                        "check the configuration and print what was understood");
  const auto is_live = std::make_shared<bool>(false);
  command->add_flag("--live", *is_live,
                    "send every destination a test event where it has a test mode");
  command->callback([&session, is_live] {
    const auto loaded = load_or_explain(session);
    if (!loaded) return;
    if (!*is_live) {
      std::cout << redacted_config(loaded->config);
      return;
    }
    http::OutgoingClient client(loaded->config.allow_private_destinations);
    if (!check_live(loaded->config, client, std::cout)) session.exit_code = 1;
  });
  parser.add_subcommand("config-reference", "print the reference of all configuration keys")
      ->callback([] { std::cout << config_reference() << destinations::settings_reference(); });
}

}  // namespace tl::server::cli
