// SPDX-License-Identifier: Apache-2.0
// The sub-commands of `throughline`, one file a group. Each adds itself to the parser; when it was
// chosen, its callback runs and sets the exit code: 0 done, 1 failed, 2 wrong use.
#pragma once

#include "server/config/load_config.hpp"
#include "server/core/ports/store.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tl::server::cli {

struct Session {
  std::string config_path;  // --config
  int exit_code = 0;
};

void add_serve(CLI::App& parser, Session& session);
void add_check_config(CLI::App& parser, Session& session);  // and config-reference
void add_migrate(CLI::App& parser, Session& session);
void add_key(CLI::App& parser, Session& session);
void add_replay_rejects(CLI::App& parser, Session& session);
void add_retry_deliveries(CLI::App& parser, Session& session);
void add_rebuild(CLI::App& parser, Session& session);
void add_train(CLI::App& parser, Session& session);
void add_audit(CLI::App& parser, Session& session);
void add_person(CLI::App& parser, Session& session);  // erase, export-person, export receipts
void add_backup(CLI::App& parser, Session& session);  // and restore
void add_reseal(CLI::App& parser, Session& session);
void add_retention(CLI::App& parser, Session& session);
void add_import_costs(CLI::App& parser, Session& session);
void add_import_orders(CLI::App& parser, Session& session);
void add_classify(CLI::App& parser, Session& session);
void add_device(CLI::App& parser, Session& session);
void add_normalise(CLI::App& parser, Session& session);
void add_webhook(CLI::App& parser, Session& session);
void add_user(CLI::App& parser, Session& session);
void add_attribute(CLI::App& parser, Session& session);
void add_version(CLI::App& parser, Session& session);

// Loads and checks; tells problems on stderr, sets the exit code and returns none on failure.
std::optional<LoadedConfig> load_or_explain(Session& session);
void explain(Session& session, const ServerError& error);
// Opens the configured store, beside a running server or alone, and runs one transaction in it.
void in_store(Session& session, const Config& config, const Store::Work& work);
// One answer line per input line, in order, through `answer`. `path` "-" reads standard input.
void answer_lines(Session& session, const std::string& path,
                  const std::function<std::string(std::string_view line)>& answer);

}  // namespace tl::server::cli
