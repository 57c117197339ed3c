// SPDX-License-Identifier: Apache-2.0
#include "server/core/text/delimited_lines.hpp"

#include "throughline/text.hpp"

#include <algorithm>

namespace tl::server {
namespace {

DelimitedText split(std::string_view text, char delimiter) {
  DelimitedText found;
  DelimitedLine line{1, {}};
  std::string cell;
  std::uint32_t number = 1, opened = 1;
  bool is_quoted = false, was_quoted = false;
  const auto end_cell = [&] {
    line.cells.push_back(was_quoted ? cell : std::string(trim(cell)));
    cell.clear();
    was_quoted = false;
  };
  const auto end_line = [&] {
    end_cell();
    const bool is_empty = std::all_of(line.cells.begin(), line.cells.end(),
                                      [](const std::string& part) { return part.empty(); });
    if (!is_empty) found.lines.push_back(std::move(line));
    line = {number, {}};
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_break = c == '\n' || (c == '\r' && !(i + 1 < text.size() && text[i + 1] == '\n'));
    if (is_break) ++number;
    if (is_quoted) {
      if (c != '"') {
        cell += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        cell += '"';
        ++i;
      } else {
        is_quoted = false;
      }
    } else if (c == '"' && !was_quoted && trim(cell).empty()) {
      cell.clear();
      is_quoted = was_quoted = true;
      opened = number;
    } else if (c == delimiter) {
      end_cell();
    } else if (is_break) {
      end_line();
    } else if (was_quoted) {
      if (c != ' ' && c != '\t' && c != '\r' && !found.bad_quote) found.bad_quote = opened;
    } else if (c != '\r') {
      cell += c;
    }
  }
  if (is_quoted && !found.bad_quote) found.bad_quote = opened;
  if (!cell.empty() || !line.cells.empty()) end_line();
  return found;
}

}  // namespace

DelimitedText read_delimited(std::string_view text) {
  DelimitedText best;
  std::size_t most = 0;
  for (const char delimiter : {'\t', ';', ','}) {
    auto found = split(text, delimiter);
    // Lines that have as many cells as the widest ones.
    std::size_t widest = 0, count = 0;
    for (const auto& line : found.lines) widest = std::max(widest, line.cells.size());
    for (const auto& line : found.lines) count += line.cells.size() == widest ? 1U : 0U;
    const std::size_t score = widest > 1 ? count * widest : 0;
    if (best.lines.empty() || score > most) {
      best = std::move(found);
      most = score;
    }
  }
  return best;
}

}  // namespace tl::server
