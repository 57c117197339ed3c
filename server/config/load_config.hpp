// SPDX-License-Identifier: Apache-2.0
// From a TOML file to a checked Config. All problems are told at once, each with file, line and,
// for a mistyped name, the nearest valid one. What only a destination, a provider or the store can
// judge is checked by App, which asks place() for where it stands.
#pragma once

#include "server/config/value_source.hpp"
#include "server/core/config.hpp"
#include "server/core/outcome.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

struct LoadedConfig {
  Config config;
  std::string name;                   // of the file
  std::vector<std::string> warnings;  // sentences with file and line
  // "site.demo.destination.meta" → "throughline.toml:57", or the variable that overrides it.
  std::map<std::string, std::string> places;

  // The file's name when the path is unknown.
  [[nodiscard]] std::string place(const std::string& path) const;
};

// The given path, else throughline.toml here, else /etc/throughline/throughline.toml.
// Errors: not_found (config_not_found).
Outcome<std::string> find_config(const std::string& given);
// Errors: not_found (config_not_found), invalid (bad_toml, bad_config): one problem a line.
Outcome<LoadedConfig> load_config(const std::string& path);
Outcome<LoadedConfig> parse_config(std::string_view text, const std::string& name,
                                   const ValueSource& source);

}  // namespace tl::server
