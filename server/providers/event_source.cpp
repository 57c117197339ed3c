// SPDX-License-Identifier: Apache-2.0
#include "server/providers/event_source.hpp"

#include "server/core/text/ascii.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tl::server {
namespace {

using nlohmann::json;

constexpr std::string_view kRoot = "root:", kHeader = "header:";

std::string unescaped(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool is_escape = token[i] == '~' && i + 1 < token.size();
    if (is_escape && (token[i + 1] == '0' || token[i + 1] == '1'))
      text += token[++i] == '0' ? '~' : '/';
    else
      text += token[i];
  }
  return text;
}

const json* child_of(const json& value, const std::string& token) {
  if (value.is_object()) {
    const auto found = value.find(token);
    return found == value.end() ? nullptr : &*found;
  }
  std::int64_t index = 0;
  if (!value.is_array() || !parse_decimal(token, index)) return nullptr;
  return static_cast<std::size_t>(index) < value.size() ? &value[static_cast<std::size_t>(index)]
                                                        : nullptr;
}

std::string text_of_value(const json* value) {
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  return value->is_number() || value->is_boolean() ? value->dump() : std::string{};
}

std::string filled(const EventPlace& place, std::string_view pattern) {
  std::string text;
  while (!pattern.empty()) {
    const auto open = pattern.find('{');
    text += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = pattern.find('}', open);
    if (close == std::string_view::npos) return {};
    const std::string part = text_of(place, pattern.substr(open + 1, close - open - 1));
    if (part.empty()) return {};
    text += part;
    pattern.remove_prefix(close + 1);
  }
  return text;
}

}  // namespace

const json* value_at(const json& value, std::string_view pointer) {
  const json* here = &value;
  if (pointer == "/") pointer = {};
  while (!pointer.empty()) {
    if (pointer.front() != '/') return nullptr;
    pointer.remove_prefix(1);
    const auto slash = pointer.find('/');
    here = child_of(*here, unescaped(pointer.substr(0, slash)));
    if (here == nullptr || here->is_null()) return nullptr;
    pointer = slash == std::string_view::npos ? std::string_view{} : pointer.substr(slash);
  }
  return here;
}

const json* pointed_at(const EventPlace& place, std::string_view source) {
  if (source.starts_with(kRoot)) return value_at(place.root, source.substr(kRoot.size()));
  return source.starts_with('/') ? value_at(place.event, source) : nullptr;
}

std::string text_of(const EventPlace& place, std::string_view source) {
  if (source.starts_with('=')) return std::string(source.substr(1));
  if (source.find('{') != std::string_view::npos) return filled(place, source);
  if (source.starts_with(kHeader)) {
    const std::string* value = place.request.header(source.substr(kHeader.size()));
    return value == nullptr ? std::string{} : std::string(trim(*value));
  }
  return text_of_value(pointed_at(place, source));
}

std::string first_text_of(const EventPlace& place, const Sources& sources) {
  for (const auto& source : sources)
    if (auto text = text_of(place, source); !text.empty()) return text;
  return {};
}

bool is_one_of(std::string_view text, const std::vector<std::string>& values) {
  return std::any_of(values.begin(), values.end(), [text](std::string_view value) {
    return value.ends_with('*') ? text.starts_with(value.substr(0, value.size() - 1))
                                : text == value;
  });
}

bool holds(const EventPlace& place, std::string_view condition) {
  const auto equals = condition.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return !text_of(place, trim(condition)).empty();
  const bool is_negated = condition[equals - 1] == '!';
  const std::string text =
      text_of(place, trim(condition.substr(0, is_negated ? equals - 1 : equals)));
  std::vector<std::string> values;
  for (std::string_view rest = condition.substr(equals + 1);;) {
    const auto bar = rest.find('|');
    values.emplace_back(trim(rest.substr(0, bar)));
    if (bar == std::string_view::npos) break;
    rest.remove_prefix(bar + 1);
  }
  return is_one_of(text, values) != is_negated;
}

bool all_hold(const EventPlace& place, const std::vector<std::string>& conditions) {
  return std::all_of(conditions.begin(), conditions.end(),
                     [&place](const auto& condition) { return holds(place, condition); });
}

}  // namespace tl::server
