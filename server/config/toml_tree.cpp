// SPDX-License-Identifier: Apache-2.0
// Parsed by toml++ (TOML 1.0) without exceptions. Dates and decimals are no kind of ours: no key
// takes them, and the message for them is the same as for any wrong kind.

#include "server/config/toml_tree.hpp"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace tl::server {
namespace {

TomlNode convert(const toml::node& node) {
  TomlNode out;
  out.line = static_cast<int>(node.source().begin.line);
  if (const auto* text = node.as_string()) {
    out.kind = TomlNode::Kind::text;
    out.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    out.kind = TomlNode::Kind::integer;
    out.integer = integer->get();
  } else if (const auto* boolean = node.as_boolean()) {
    out.kind = TomlNode::Kind::boolean;
    out.boolean = boolean->get();
  } else if (const auto* list = node.as_array()) {
    out.kind = TomlNode::Kind::list;
    for (const auto& item : *list) out.items.push_back(convert(item));
  } else if (const auto* table = node.as_table()) {
    out.kind = TomlNode::Kind::table;
    for (const auto& [key, value] : *table) {
      out.children.push_back({std::string(key.str()), convert(value)});
      // A table that only holds sub-tables has no place of its own.
      auto& made = out.children.back().node;
      if (made.line == 0) made.line = static_cast<int>(key.source().begin.line);
    }
  }
  return out;
}

}  // namespace

const TomlNode* TomlNode::child(std::string_view name) const {
  for (const auto& [key, value] : children)
    if (key == name) return &value;
  return nullptr;
}

std::string_view kind_name(TomlNode::Kind kind) {
  switch (kind) {
    case TomlNode::Kind::text:
      return "text in quotes";
    case TomlNode::Kind::integer:
      return "a whole number";
    case TomlNode::Kind::boolean:
      return "true or false";
    case TomlNode::Kind::list:
      return "a list";
    case TomlNode::Kind::table:
      return "a table";
    case TomlNode::Kind::other:
      break;
  }
  return "a date or a decimal number";
}

Outcome<TomlNode> parse_toml(std::string_view text, std::string_view name) {
  const auto parsed = toml::parse(text);
  if (parsed) return convert(parsed.table());
  const auto& error = parsed.error();
  return invalid("bad_toml", std::string(name) + ":" + std::to_string(error.source().begin.line) +
                                 ": no valid TOML: " + std::string(error.description()) + ".");
}

}  // namespace tl::server
