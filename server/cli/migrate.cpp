// SPDX-License-Identifier: Apache-2.0
// migrate: brings the store to this program's schema. serve does it too; this is for doing it at a
// chosen moment.

#include "server/cli/commands.hpp"
#include "server/core/secret_box.hpp"
#include "server/store/open_store.hpp"
#include "server/system_sources.hpp"

#include <iostream>

namespace tl::server::cli {

void add_migrate(CLI::App& parser, Session& session) {
  parser.add_subcommand("migrate", "bring the store to this version's schema")
      ->callback([&session] {
        const auto loaded = load_or_explain(session);
        if (!loaded) return;
        SystemEntropy entropy;
        const SecretBox box(loaded->config.secret, entropy, loaded->config.previous_secret);
        const auto store = open_store(loaded->config.store_url, box, SystemClock().now_ms());
        if (!store.ok()) return explain(session, store.error());
        std::cout << "The store is up to date.\n";
      });
}

}  // namespace tl::server::cli
