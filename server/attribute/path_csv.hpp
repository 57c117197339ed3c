// SPDX-License-Identifier: Apache-2.0
// Reads a CSV of paths into a table of numbers:
//   path,total_conversions,total_conversion_value,total_null
//   email > paid_search > email,12,480.50,3
// RFC 4180: fields may be quoted, a quote inside is doubled, quoted text may hold line breaks; LF
// or CRLF; a byte order mark is skipped. Columns are found by their names in the first line, others
// are passed over, empty lines too. Steps are separated by " > "; an empty path is counted apart.
// Nothing is used of a file with a bad line.
#pragma once

#include "server/attribute/channel_names.hpp"
#include "server/attribute/path_rows.hpp"
#include "server/attribute/path_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server::attribute {

// What one thread has read.
struct PathPart {
  ChannelNames channels;
  PathTable paths;
  std::uint64_t rows = 0;
};

struct BadLine {
  std::size_t line = 0;  // from 1, as an editor counts
  std::string message;
};

struct PathFile {
  std::vector<PathPart> parts;
  std::vector<BadLine> bad_lines;  // the first ones; empty: the file is good
  std::size_t bad_line_count = 0;  // all
};

// `threads` >= 1. The answer of later steps does not depend on it.
PathFile read_paths(std::string_view text, unsigned threads);

}  // namespace tl::server::attribute
