// SPDX-License-Identifier: Apache-2.0
#include "server/http/csv_table.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;
using Cells = std::vector<std::pair<std::string, std::string>>;

std::string text_of(const OrderedJson& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

// Formulas begin with one of these; campaign names come from anybody's links.
std::string harmless(std::string text) {
  constexpr std::string_view kFormula = "=+-@\t\r";
  if (!text.empty() && kFormula.find(text.front()) != std::string_view::npos) text.insert(0, "'");
  return text;
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string cell = "\"";
  for (const char c : text) cell += c == '"' ? std::string("\"\"") : std::string(1, c);
  return cell + "\"";
}

void flatten(const std::string& prefix, const OrderedJson& value, Cells& cells) {
  if (value.is_object()) {
    for (const auto& [name, inner] : value.items())
      flatten(prefix.empty() ? name : prefix + "." + name, inner, cells);
  } else if (value.is_array()) {
    std::string joined;
    for (const auto& item : value) joined += (joined.empty() ? "" : " > ") + text_of(item);
    cells.emplace_back(prefix, harmless(std::move(joined)));
  } else {
    cells.emplace_back(prefix, value.is_string() ? harmless(text_of(value)) : text_of(value));
  }
}

}  // namespace

std::string csv_table(const OrderedJson& rows) {
  std::vector<std::string> names;
  std::vector<Cells> lines;
  for (const auto& row : rows) {
    Cells& cells = lines.emplace_back();
    flatten("", row, cells);
    for (const auto& [name, text] : cells)
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  std::string csv;
  for (const auto& name : names) csv += (csv.empty() ? "" : ",") + quoted(name);
  csv += "\r\n";
  for (const auto& cells : lines) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i > 0) csv += ',';
      for (const auto& [name, text] : cells)
        if (name == names[i]) csv += quoted(text);
    }
    csv += "\r\n";
  }
  return csv;
}

}  // namespace tl::server::http
