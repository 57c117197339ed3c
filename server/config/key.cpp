// SPDX-License-Identifier: Apache-2.0
// Kinds in words and values in TOML notation.

#include "server/config/key.hpp"

#include <algorithm>

namespace tl::server {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (c == '\n')
      out += "\\n";
    else
      out.push_back(c);
  }
  return out + "\"";
}

}  // namespace

std::string value_kind(const Value& value) {
  static constexpr const char* kKinds[] = {"text", "whole number", "true or false", "list of texts",
                                           "list of whole numbers"};
  return kKinds[value.index()];
}

std::string write_toml(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return quoted(*text);
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  std::string out = "[";
  const auto add = [&](const std::string& item) { out += (out.size() > 1 ? ", " : "") + item; };
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value))
    for (const auto& item : *texts) add(quoted(item));
  if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&value))
    for (const auto item : *numbers) add(std::to_string(item));
  return out + "]";
}

std::function<std::string(const Value&)> between(std::int64_t least, std::int64_t most) {
  return [least, most](const Value& value) -> std::string {
    const auto number = std::get<std::int64_t>(value);
    if (number >= least && number <= most) return "";
    return "must be from " + std::to_string(least) + " to " + std::to_string(most);
  };
}

std::function<std::string(const Value&)> one_of(std::vector<std::string> choices) {
  return [choices = std::move(choices)](const Value& value) -> std::string {
    const auto& text = std::get<std::string>(value);
    if (std::find(choices.begin(), choices.end(), text) != choices.end()) return "";
    std::string list;
    for (const auto& choice : choices) list += (list.empty() ? "" : ", ") + quoted(choice);
    return "must be one of " + list;
  };
}

}  // namespace tl::server
