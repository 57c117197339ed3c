// SPDX-License-Identifier: Apache-2.0
// The first line of a CSV of paths: which field of a row is what.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server::attribute {

enum class PathColumn : std::uint8_t { path, conversions, value, nulls, other };

std::string_view path_column_name(PathColumn column);  // not of other

struct PathHeader {
  std::vector<PathColumn> columns;  // one a field; other ones are passed over
  std::string_view rest;            // of the text
  std::string problem;              // empty: there is none
};
PathHeader read_path_header(std::string_view text);

}  // namespace tl::server::attribute
