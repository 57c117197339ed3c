// SPDX-License-Identifier: Apache-2.0
// With several threads the text is cut at line ends outside quotes, which a count of the quotes
// before tells; unless one of them stands within a name, which only reading in one go can tell.
#include "server/attribute/path_csv.hpp"

#include <algorithm>
#include <thread>

namespace tl::server::attribute {
namespace {

// Up to `count` pieces of about the same size, each of whole records.
std::vector<std::string_view> cut(std::string_view text, unsigned count) {
  constexpr std::size_t kSmallest = 1 << 20;
  std::vector<std::string_view> pieces;
  bool is_quoted = false;
  std::size_t start = 0, counted = 0;
  for (unsigned i = 1; i < count; ++i) {
    std::size_t stop = std::max(start, text.size() / count * i);
    if (stop < start + kSmallest) continue;
    const auto quotes = std::count(text.begin() + static_cast<std::ptrdiff_t>(counted),
                                   text.begin() + static_cast<std::ptrdiff_t>(stop), '"');
    is_quoted = is_quoted != (quotes % 2 == 1);
    for (; stop < text.size() && (is_quoted || text[stop] != '\n'); ++stop)
      if (text[stop] == '"') is_quoted = !is_quoted;
    if (stop == text.size()) break;
    ++stop;
    pieces.push_back(text.substr(start, stop - start));
    start = counted = stop;
  }
  pieces.push_back(text.substr(start));
  return pieces;
}

}  // namespace

PathFile read_paths(std::string_view text, unsigned threads) {
  PathFile file;
  const PathHeader header = read_path_header(text);
  if (!header.problem.empty()) {
    file.bad_lines.push_back({1, header.problem});
    file.bad_line_count = 1;
    return file;
  }
  const auto pieces = cut(header.rest, threads);
  file.parts = std::vector<PathPart>(pieces.size());
  std::vector<PathRows> readers;
  readers.reserve(pieces.size());
  for (std::size_t i = 0; i < pieces.size(); ++i)
    readers.emplace_back(header, pieces[i], file.parts[i].channels, file.parts[i].paths);
  std::vector<std::thread> workers;
  for (std::size_t i = 1; i < readers.size(); ++i)
    workers.emplace_back([&readers, i] { readers[i].read(); });
  readers[0].read();
  for (auto& worker : workers) worker.join();

  const auto has_bad = [](const PathRows& reader) { return reader.bad_count() > 0; };
  if (readers.size() > 1 && std::any_of(readers.begin(), readers.end(), has_bad))
    return read_paths(text, 1);

  std::size_t line = 1;
  const char* counted = text.data();
  for (std::size_t i = 0; i < readers.size(); ++i) {
    const PathRows& reader = readers[i];
    file.parts[i].rows = reader.good_count();
    file.bad_line_count += reader.bad_count();
    for (const auto& bad : reader.bad()) {
      if (file.bad_lines.size() == kShownBadLines) break;
      line += static_cast<std::size_t>(std::count(counted, bad.at, '\n'));
      counted = bad.at;
      file.bad_lines.push_back({line, bad.message});
    }
  }
  return file;
}

}  // namespace tl::server::attribute
