// SPDX-License-Identifier: Apache-2.0
// Where a value comes from: written in the file, "env:NAME", "file:PATH" (one trailing line break
// is dropped), or an overriding environment variable THROUGHLINE_SECTION_KEY.
#pragma once

#include "server/config/key.hpp"
#include "server/config/toml_tree.hpp"
#include "server/core/outcome.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tl::server {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();
// The names of all variables that are set.
std::vector<std::string> process_variables();

class ValueSource {
 public:
  // `folder`: where relative file: paths start (the configuration's own). `variables`: what the
  // environment holds, for unused_overrides().
  ValueSource(Environment environment, std::filesystem::path folder,
              std::vector<std::string> variables = {})
      : environment_(std::move(environment)),
        folder_(std::move(folder)),
        variables_(std::move(variables)) {}

  // The text behind "env:" or "file:", or the text itself. Errors: invalid (bad_config) with a
  // sentence that names the variable or file, never its content.
  [[nodiscard]] Outcome<std::string> resolve(const std::string& written) const;
  // A value of the same kind as `like`. Errors: invalid (bad_config), "must be … , not …".
  [[nodiscard]] Outcome<Value> read(const TomlNode& node, const Value& like) const;
  // Lists are separated by commas.
  [[nodiscard]] Outcome<Value> from_text(const std::string& text, const Value& like) const;
  // Of THROUGHLINE_<PATH>, upper case, everything else an underscore; none when unset.
  [[nodiscard]] std::optional<std::string> override_of(std::string_view path) const;
  // As messages name that variable: "THROUGHLINE_SERVER_LISTEN in the environment".
  static std::string override_place(std::string_view path);
  // Variables named like an override that nobody has asked for, each with the nearest name that
  // somebody has ("" when none is near). To be asked when everything is read.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> unused_overrides() const;

 private:
  [[nodiscard]] std::optional<std::string> ask(const std::string& variable) const;

  Environment environment_;
  std::filesystem::path folder_;
  std::vector<std::string> variables_;
  mutable std::set<std::string> asked_;
};

}  // namespace tl::server
