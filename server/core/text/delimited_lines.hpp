// SPDX-License-Identifier: Apache-2.0
// CSV and its kin (RFC 4180): cells between commas, semicolons or tabs, quoted where they hold any
// of these; a quoted cell may run over several lines. Lines end by LF, CR LF or CR.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

struct DelimitedLine {
  std::uint32_t number = 0;        // of its first line in the file, from 1
  std::vector<std::string> cells;  // trimmed of blanks around
};

struct DelimitedText {
  std::vector<DelimitedLine> lines;  // without the empty ones
  // Where the first quoted cell begins that has no end, or an end amid its text: what follows
  // cannot be told apart.
  std::optional<std::uint32_t> bad_quote;
};

// The delimiter is the one that most lines agree on.
DelimitedText read_delimited(std::string_view text);

}  // namespace tl::server
