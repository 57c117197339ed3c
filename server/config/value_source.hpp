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
#include <string>
#include <string_view>

namespace tl::server {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

class ValueSource {
 public:
  // `folder`: where relative file: paths start (the configuration's own).
  ValueSource(Environment environment, std::filesystem::path folder)
      : environment_(std::move(environment)), folder_(std::move(folder)) {}

  // The text behind "env:" or "file:", or the text itself. Errors: invalid (bad_config) with a
  // sentence that names the variable or file, never its content.
  [[nodiscard]] Outcome<std::string> resolve(const std::string& written) const;
  // A value of the same kind as `like`. Errors: invalid (bad_config), "must be … , not …".
  [[nodiscard]] Outcome<Value> read(const TomlNode& node, const Value& like) const;
  // Lists are separated by commas.
  [[nodiscard]] Outcome<Value> from_text(const std::string& text, const Value& like) const;
  // Of THROUGHLINE_<PATH>, upper case, everything else an underscore; none when unset.
  [[nodiscard]] std::optional<std::string> override_of(std::string_view path) const;
  static std::string override_name(std::string_view path);

 private:
  Environment environment_;
  std::filesystem::path folder_;
};

}  // namespace tl::server
