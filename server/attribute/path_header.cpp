// SPDX-License-Identifier: Apache-2.0
#include "server/attribute/path_header.hpp"

#include "server/attribute/csv_records.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace tl::server::attribute {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"path", "total_conversions",
                                                    "total_conversion_value", "total_null"};

}  // namespace

std::string_view path_column_name(PathColumn column) {
  return kNames[static_cast<std::size_t>(column)];
}

PathHeader read_path_header(std::string_view text) {
  PathHeader header;
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  CsvRecords records(text);
  std::string room;
  if (!records.is_done()) records.open();
  while (records.has_field()) {
    std::string_view field;
    if (!records.next(field, room)) header.problem = "the quotes of the first line are not closed";
    if (!header.problem.empty()) return header;
    const std::string_view name = trim_blanks(field);
    const auto column = static_cast<PathColumn>(
        std::distance(kNames.begin(), std::find(kNames.begin(), kNames.end(), name)));
    if (column != PathColumn::other &&
        std::find(header.columns.begin(), header.columns.end(), column) != header.columns.end())
      header.problem = "column " + std::string(name) + " is there twice";
    header.columns.push_back(column);
  }
  if (!records.is_done()) records.close();
  for (std::size_t i = 0; i < kNames.size() && header.problem.empty(); ++i)
    if (std::find(header.columns.begin(), header.columns.end(), static_cast<PathColumn>(i)) ==
        header.columns.end())
      header.problem = "column " + std::string(kNames[i]) +
                       " is missing; the first line names path, total_conversions, "
                       "total_conversion_value and total_null";
  header.rest = text.substr(static_cast<std::size_t>(records.at() - text.data()));
  return header;
}

}  // namespace tl::server::attribute
