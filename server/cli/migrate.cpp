// SPDX-License-Identifier: Apache-2.0
// migrate: brings the store to this program's schema. serve does it too; this is for doing it at a
// chosen moment.

#include "server/cli/opened_store.hpp"

#include <iostream>

namespace tl::server::cli {

void add_migrate(CLI::App& parser, Session& session) {
  parser.add_subcommand("migrate", "bring the store to this version's schema")
      ->callback([&session] {
        if (open_or_explain(session)) std::cout << "The store is up to date.\n";
      });
}

}  // namespace tl::server::cli
