// SPDX-License-Identifier: Apache-2.0
// What the sub-commands share: loading the configuration, telling errors, working through lines.

#include "server/cli/commands.hpp"

#include "server/cli/opened_store.hpp"
#include "server/part_checks.hpp"
#include "server/system_sources.hpp"

#include <fstream>
#include <iostream>

namespace tl::server::cli {

void explain(Session& session, const ServerError& error) {
  std::cerr << error.detail << "\n";
  session.exit_code = 1;
}

std::optional<LoadedConfig> load_or_explain(Session& session) {
  const auto path = find_config(session.config_path);
  if (!path.ok()) {
    explain(session, path.error());
    return std::nullopt;
  }
  auto loaded = load_config(path.value());
  if (!loaded.ok()) {
    explain(session, loaded.error());
    return std::nullopt;
  }
  for (const auto& warning : loaded.value().warnings) std::cerr << "warning: " << warning << "\n";
  if (const auto checked = check_parts(loaded.value()); !checked.ok()) {
    explain(session, checked.error());
    return std::nullopt;
  }
  for (const auto& doubt : doubts_of_parts(loaded.value(), SystemClock().now_ms()))
    std::cerr << "warning: " << doubt << "\n";
  return std::move(loaded).value();
}

void in_store(Session& session, const Config& config, const Store::Work& work) {
  const auto opened = open_or_explain(session, config);
  if (!opened) return;
  if (const auto done = opened->store->write(work); !done.ok()) explain(session, done.error());
}

void answer_lines(Session& session, const std::string& path,
                  const std::function<std::string(std::string_view line)>& answer) {
  std::ios::sync_with_stdio(false);
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) {
      std::cerr << "Cannot read " << path << ".\n";
      session.exit_code = 1;
      return;
    }
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string line;
  while (std::getline(in, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::cout << answer(line) << '\n';
  }
  std::cout.flush();
}

}  // namespace tl::server::cli
