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

Outcome<bool> wants_csv(const Request& request) {
  const auto format = request.query_value("format");
  if (format.empty() || format == "json") return false;
  if (format == "csv") return true;
  return invalid("bad_format", "format=" + std::string(format) + " must be json or csv");
}

std::vector<std::string> csv_columns(const OrderedJson& row) {
  Cells cells;
  flatten("", row, cells);
  std::vector<std::string> columns;
  for (auto& [name, text] : cells) columns.push_back(std::move(name));
  return columns;
}

std::string csv_header(const std::vector<std::string>& columns) {
  std::string line;
  for (const auto& name : columns) line += (line.empty() ? "" : ",") + quoted(name);
  return line + "\r\n";
}

std::string csv_lines(const OrderedJson& rows, const std::vector<std::string>& columns) {
  std::string lines;
  for (const auto& row : rows) {
    Cells cells;
    flatten("", row, cells);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) lines += ',';
      for (const auto& [name, text] : cells)
        if (name == columns[i]) lines += quoted(text);
    }
    lines += "\r\n";
  }
  return lines;
}

std::string csv_table(const OrderedJson& rows) {
  std::vector<std::string> columns;
  for (const auto& row : rows)
    for (auto& name : csv_columns(row))
      if (std::find(columns.begin(), columns.end(), name) == columns.end())
        columns.push_back(std::move(name));
  return csv_header(columns) + csv_lines(rows, columns);
}

}  // namespace tl::server::http
