// SPDX-License-Identifier: Apache-2.0
// A TOML document as a small tree with line numbers; the only file that knows the TOML library is
// toml_tree.cpp.
#pragma once

#include "server/core/outcome.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

struct TomlEntry;

struct TomlNode {
  enum class Kind : std::uint8_t { text, integer, boolean, list, table, other };
  Kind kind = Kind::other;
  int line = 0;
  std::string text;
  std::int64_t integer = 0;
  bool boolean = false;
  std::vector<TomlNode> items;      // list
  std::vector<TomlEntry> children;  // table, as ordered by the library

  [[nodiscard]] const TomlNode* child(std::string_view name) const;
};

struct TomlEntry {
  std::string name;
  TomlNode node;
};

std::string_view kind_name(TomlNode::Kind kind);  // "a list", for sentences
// `name` appears in messages. Errors: invalid (bad_toml) with "name:line: …".
Outcome<TomlNode> parse_toml(std::string_view text, std::string_view name);

}  // namespace tl::server
