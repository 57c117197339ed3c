// SPDX-License-Identifier: Apache-2.0
// throughline: parses the command line and hands over to one file a sub-command (server/cli/).
// Exit codes: 0 done, 1 failed, 2 wrong use.

#include "server/cli/commands.hpp"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
  using namespace tl::server::cli;
  CLI::App parser("Throughline: self-hosted marketing attribution.", "throughline");
  parser.require_subcommand(1);
  parser.fallthrough();
  Session session;
  parser.add_option("--config", session.config_path,
                    "TOML file; default throughline.toml, then /etc/throughline/throughline.toml");
  for (const auto add : {add_serve,        add_check_config,   add_migrate,
                         add_key,          add_replay_rejects, add_retry_deliveries,
                         add_import_costs, add_import_orders,  add_audit,
                         add_rebuild,      add_train,          add_person,
                         add_backup,       add_retention,      add_classify,
                         add_device,       add_normalise,      add_user,
                         add_webhook,      add_attribute,      add_version})
    add(parser, session);
  try {
    parser.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = parser.exit(error);
    return code == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << "throughline failed: " << error.what() << "\n";
    return 1;
  }
  return session.exit_code;
}
