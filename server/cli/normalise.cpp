// SPDX-License-Identifier: Apache-2.0
// normalise meta FILE: how customer data are cleaned and hashed for Meta, line by line.

#include "server/cli/commands.hpp"
#include "server/core/people/meta_cleaning.hpp"

#include <memory>

namespace tl::server::cli {

void add_normalise(CLI::App& parser, Session& session) {
  auto* group = parser.add_subcommand("normalise", "how customer data are cleaned and hashed");
  group->require_subcommand(1);
  auto* command = group->add_subcommand("meta", "as Meta wants them, line by line");
  const auto path = std::make_shared<std::string>();
  const auto country = std::make_shared<std::string>();
  command->add_option("file", *path, "NDJSON; - for standard input")->required();
  command->add_option("--country", *country, "ISO country of lines that name none");
  command->callback([&session, path, country] {
    answer_lines(session, *path, [country](std::string_view line) {
      return explain_meta_normalisation(line, *country);
    });
  });
}

}  // namespace tl::server::cli
