// SPDX-License-Identifier: Apache-2.0
// throughline: parses the command line and hands over to one file a sub-command (server/cli/).
// Exit codes: 0 done, 1 failed, 2 wrong use.

#include "server/cli/commands.hpp"
#include "server/core/text/nearest_name.hpp"

#include <exception>
#include <iostream>

namespace {

// The parser itself would only say that a sub-command is required.
std::string mistyped_command(const CLI::App& parser) {
  const CLI::App* chosen = &parser;
  while (!chosen->get_subcommands().empty()) chosen = chosen->get_subcommands().front();
  const auto words = parser.remaining(/*recurse=*/true);
  std::vector<std::string> names;
  for (const auto* command : chosen->get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  if (words.empty() || words.front().starts_with('-') || names.empty()) return "";
  const auto near = tl::server::nearest_name(words.front(), names);
  return "There is no sub-command '" + words.front() + "'" +
         (near.empty() ? "." : "; did you mean '" + near + "'?") + "\n";
}

}  // namespace

int main(int argc, char** argv) {
  using namespace tl::server::cli;
  CLI::App parser("Throughline: self-hosted marketing attribution.", "throughline");
  parser.require_subcommand(1);
  parser.fallthrough();
  Session session;
  parser.add_option("--config", session.config_path,
                    "TOML file; default throughline.toml, then /etc/throughline/throughline.toml");
  for (const auto add :
       {add_serve,          add_check_config,     add_migrate,      add_key,
        add_replay_rejects, add_retry_deliveries, add_import_costs, add_import_orders,
        add_audit,          add_rebuild,          add_train,        add_person,
        add_backup,         add_retention,        add_reseal,       add_classify,
        add_device,         add_normalise,        add_user,         add_webhook,
        add_attribute,      add_version})
    add(parser, session);
  try {
    parser.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    const auto mistyped = mistyped_command(parser);
    if (mistyped.empty())
      parser.exit(error);
    else
      std::cerr << mistyped << "Run with --help for more information.\n";
    return 2;
  } catch (const CLI::ParseError& error) {
    const int code = parser.exit(error);
    return code == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << "throughline failed: " << error.what() << "\n";
    return 1;
  }
  return session.exit_code;
}
