// SPDX-License-Identifier: Apache-2.0
// A number or switch may also be written as text ("env:PORT"), so it is read from the text then.

#include "server/config/value_source.hpp"

#include "server/core/text/nearest_name.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace tl::server {
namespace {

constexpr std::array<std::string_view, 5> kSections = {"THROUGHLINE_SERVER_", "THROUGHLINE_STORE_",
                                                       "THROUGHLINE_CACHE_", "THROUGHLINE_GEO_",
                                                       "THROUGHLINE_SITE_"};
constexpr std::string_view kEnv = "env:", kFile = "file:";

bool is_reference(std::string_view text) {
  return text.starts_with(kEnv) || text.starts_with(kFile);
}

ServerError wrong(std::string sentence) {
  return invalid("bad_config", std::move(sentence));
}

std::string must_be(const Value& like) {
  const bool has_article =
      !std::holds_alternative<std::string>(like) && !std::holds_alternative<bool>(like);
  return (has_article ? "must be a " : "must be ") + value_kind(like);
}

bool read_integer(std::string_view text, std::int64_t& number) {
  const bool is_negative = text.starts_with('-');
  if (!parse_decimal(is_negative ? text.substr(1) : text, number)) return false;
  if (is_negative) number = -number;
  return true;
}

std::string override_name(std::string_view path) {
  std::string name = "THROUGHLINE_";
  for (const char c : path) {
    if (c >= 'a' && c <= 'z')
      name.push_back(static_cast<char>(c - 'a' + 'A'));
    else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
      name.push_back(c);
    else
      name.push_back('_');
  }
  return name;
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

std::vector<std::string> process_variables() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    names.emplace_back(variable.substr(0, variable.find('=')));
  }
  return names;
}

Outcome<std::string> ValueSource::resolve(const std::string& written) const {
  if (written.starts_with(kEnv)) {
    const auto name = written.substr(kEnv.size());
    const auto value = environment_(name);
    if (!value) return wrong("refers to the environment variable " + name + ", which is not set");
    return *value;
  }
  if (written.starts_with(kFile)) {
    const std::filesystem::path path = folder_ / written.substr(kFile.size());
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    if (!file || !(content << file.rdbuf()))
      return wrong("refers to the file " + path.string() + ", which cannot be read or is empty");
    auto text = content.str();
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return text;
  }
  return written;
}

Outcome<Value> ValueSource::from_text(const std::string& text, const Value& like) const {
  const auto not_a = [&] { return wrong(must_be(like)); };
  if (std::holds_alternative<std::string>(like)) return Value(text);
  if (std::holds_alternative<bool>(like)) {
    if (text == "true" || text == "1") return Value(true);
    if (text == "false" || text == "0") return Value(false);
    return not_a();
  }
  if (std::holds_alternative<std::int64_t>(like)) {
    std::int64_t number = 0;
    if (!read_integer(trim(text), number)) return not_a();
    return Value(number);
  }
  std::vector<std::string> texts;
  std::vector<std::int64_t> numbers;
  for (std::string_view rest = text; !rest.empty();) {
    const auto comma = rest.find(',');
    const auto item = trim(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    std::int64_t number = 0;
    if (std::holds_alternative<std::vector<std::int64_t>>(like)) {
      if (!read_integer(item, number)) return not_a();
      numbers.push_back(number);
    } else if (!item.empty()) {
      texts.emplace_back(item);
    }
  }
  if (std::holds_alternative<std::vector<std::int64_t>>(like)) return Value(std::move(numbers));
  return Value(std::move(texts));
}

Outcome<Value> ValueSource::read(const TomlNode& node, const Value& like) const {
  const auto refused = [&] {
    return wrong(must_be(like) + ", not " + std::string(kind_name(node.kind)));
  };
  if (node.kind == TomlNode::Kind::text) {
    if (std::holds_alternative<std::string>(like) || is_reference(node.text)) {
      TL_TRY(text, resolve(node.text));
      return from_text(text, like);
    }
    return refused();
  }
  if (node.kind == TomlNode::Kind::integer && std::holds_alternative<std::int64_t>(like))
    return Value(node.integer);
  if (node.kind == TomlNode::Kind::boolean && std::holds_alternative<bool>(like))
    return Value(node.boolean);
  if (node.kind != TomlNode::Kind::list) return refused();
  if (std::holds_alternative<std::vector<std::string>>(like)) {
    std::vector<std::string> texts;
    for (const auto& item : node.items) {
      if (item.kind != TomlNode::Kind::text) return refused();
      TL_TRY(text, resolve(item.text));
      texts.push_back(std::move(text));
    }
    return Value(std::move(texts));
  }
  if (std::holds_alternative<std::vector<std::int64_t>>(like)) {
    std::vector<std::int64_t> numbers;
    for (const auto& item : node.items) {
      if (item.kind != TomlNode::Kind::integer) return refused();
      numbers.push_back(item.integer);
    }
    return Value(std::move(numbers));
  }
  return refused();
}

std::string ValueSource::override_place(std::string_view path) {
  return override_name(path) + " in the environment";
}

std::optional<std::string> ValueSource::override_of(std::string_view path) const {
  return ask(override_name(path));
}

std::optional<std::string> ValueSource::ask(const std::string& variable) const {
  asked_.insert(variable);
  return environment_(variable);
}

std::vector<std::pair<std::string, std::string>> ValueSource::unused_overrides() const {
  const std::vector<std::string> valid(asked_.begin(), asked_.end());
  std::vector<std::pair<std::string, std::string>> unused;
  for (const auto& variable : variables_) {
    const bool is_override =
        std::any_of(kSections.begin(), kSections.end(),
                    [&](std::string_view section) { return variable.starts_with(section); });
    if (is_override && asked_.count(variable) == 0)
      unused.emplace_back(variable, nearest_name(variable, valid));
  }
  return unused;
}

}  // namespace tl::server
