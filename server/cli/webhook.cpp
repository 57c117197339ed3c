// SPDX-License-Identifier: Apache-2.0
// webhook explain FILE: what webhook requests would do, line by line, without a store.

#include "server/cli/commands.hpp"
#include "server/config/custom_provider.hpp"
#include "server/providers/explain.hpp"

#include <memory>

namespace tl::server::cli {

void add_webhook(CLI::App& parser, Session& session) {
  auto* group = parser.add_subcommand("webhook", "payment providers' webhooks");
  group->require_subcommand(1);
  auto* command = group->add_subcommand("explain", "what webhook requests would do, line by line");
  const auto path = std::make_shared<std::string>();
  command->add_option("file", *path, "NDJSON; - for standard input")->required();
  command->callback([&session, path] {
    const ValueSource source(process_environment(), {});
    answer_lines(session, *path, [&source](std::string_view line) {
      return explain_webhook(
          line, [&source](std::string_view toml) { return parse_custom_provider(toml, source); });
    });
  });
}

}  // namespace tl::server::cli
