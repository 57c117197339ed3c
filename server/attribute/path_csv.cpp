// SPDX-License-Identifier: Apache-2.0
// One pass: memchr finds line ends, commas and ">", names become numbers, and a path goes to its
// table a few rows later, when the processor has fetched the place. Fields with quotes take a
// slower way through a buffer. With several threads the text is cut at line ends outside quotes,
// which a count of the quotes before tells.
#include "server/attribute/path_csv.hpp"

#include "server/attribute/decimal.hpp"
#include "server/attribute/mark_scanner.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <thread>

namespace tl::server::attribute {
namespace {

enum Column : std::size_t { kPath, kConversions, kValue, kNull, kColumns };
constexpr std::string_view kColumnNames[kColumns] = {"path", "total_conversions",
                                                     "total_conversion_value", "total_null"};

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes fields off the front of a text, one record after the other.
class Records {
 public:
  explicit Records(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  [[nodiscard]] bool is_done() const { return at_ == end_; }
  [[nodiscard]] const char* at() const { return at_; }

  // To the next record; it has at least one field. Its line ends here or at a break inside quotes.
  void open() {
    const void* const found = std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_));
    line_end_ = found == nullptr ? end_ : static_cast<const char*>(found);
    has_field_ = true;
  }
  [[nodiscard]] bool has_field() const { return has_field_; }

  // false: quotes are wrong. `room` holds a quoted field.
  bool next(std::string_view& field, std::string& room) {
    if (at_ != end_ && *at_ == '"') return next_quoted(field, room);
    const void* const found = std::memchr(at_, ',', static_cast<std::size_t>(line_end_ - at_));
    has_field_ = found != nullptr;
    const char* const stop = has_field_ ? static_cast<const char*>(found) : line_end_;
    field = {at_, static_cast<std::size_t>(stop - at_)};
    if (!has_field_ && !field.empty() && field.back() == '\r') field.remove_suffix(1);
    at_ = has_field_ ? stop + 1 : stop;
    return true;
  }
  // Over whatever is left of the record.
  void close() {
    at_ = line_end_ == end_ ? end_ : line_end_ + 1;
    has_field_ = false;
  }

 private:
  bool next_quoted(std::string_view& field, std::string& room) {
    room.clear();
    for (++at_;;) {
      const void* const found = std::memchr(at_, '"', static_cast<std::size_t>(end_ - at_));
      if (found == nullptr) {
        line_end_ = end_;
        return false;
      }
      const char* const quote = static_cast<const char*>(found);
      room.append(at_, quote);
      at_ = quote + 1;
      if (at_ == end_ || *at_ != '"') break;
      room += '"';
      ++at_;
    }
    field = room;
    if (line_end_ < at_) {
      const void* const found = std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_));
      line_end_ = found == nullptr ? end_ : static_cast<const char*>(found);
    }
    if (at_ != end_ && *at_ == ',') {
      ++at_;
      return true;
    }
    has_field_ = false;
    if (at_ != line_end_ && *at_ == '\r') ++at_;
    return at_ == line_end_;
  }

  const char* at_;
  const char* end_;
  const char* line_end_ = nullptr;
  bool has_field_ = false;
};

struct Header {
  std::vector<std::size_t> column_of_field;  // kColumns: passed over
  std::string_view rest;                     // of the text
  std::string problem;
};

Header read_header(std::string_view text) {
  Header header;
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  Records records(text);
  std::array<bool, kColumns> is_there{};
  std::string room;
  if (!records.is_done()) records.open();
  while (records.has_field()) {
    std::string_view field;
    if (!records.next(field, room)) header.problem = "the quotes of the first line are not closed";
    if (!header.problem.empty()) return header;
    const std::string_view name = trim_blanks(field);
    const auto column = static_cast<std::size_t>(
        std::find(std::begin(kColumnNames), std::end(kColumnNames), name) - kColumnNames);
    if (column < kColumns && is_there[column])
      header.problem = "column " + std::string(name) + " is there twice";
    if (column < kColumns) is_there[column] = true;
    header.column_of_field.push_back(column);
  }
  if (!records.is_done()) records.close();
  for (std::size_t column = 0; column < kColumns; ++column)
    if (!is_there[column] && header.problem.empty())
      header.problem = "column " + std::string(kColumnNames[column]) +
                       " is missing; the first line names path, total_conversions, "
                       "total_conversion_value and total_null";
  header.rest = text.substr(static_cast<std::size_t>(records.at() - text.data()));
  return header;
}

class PartReader {
 public:
  PartReader(const Header& header, std::string_view text, PathPart& part)
      : header_(header), text_(text), part_(part) {}

  void read() {
    MarkScanner marks(text_);
    const char* start = text_.data();
    const char* const end = start + text_.size();
    while (start != end) {
      problem_.clear();
      const char* next = read_plain(start, marks);
      if (next == nullptr) {
        Records record({start, static_cast<std::size_t>(end - start)});
        record.open();
        read_quoted(record);
        record.close();
        next = record.at();
        marks.seek(next);
      }
      if (!problem_.empty()) {
        ++bad_count_;
        if (bad_.size() < kShownBadLines) bad_.push_back({start, problem_});
      }
      start = next;
    }
    flush();
  }

  struct Bad {
    const char* at;
    std::string message;
  };
  [[nodiscard]] const std::vector<Bad>& bad() const { return bad_; }
  [[nodiscard]] std::size_t bad_count() const { return bad_count_; }

 private:
  struct Waiting {
    std::vector<char> code;
    std::uint64_t hash = 0;
    PathTable::Counts counts;
  };
  static constexpr std::size_t kWaiting = 16;

  // The record at `start`; returns where the next one is, or null when there is a quote in it.
  const char* read_plain(const char* start, MarkScanner& marks) {
    begin_row();
    const char* field = start;
    const char* step = start;
    const char* const text_end = text_.data() + text_.size();
    for (;;) {
      const char* const mark = marks.next();
      const char kind = mark == text_end ? '\n' : *mark;
      if (kind == '"') return nullptr;
      if (kind == '>') {
        if (column() == kPath && mark - step >= 1 && mark[-1] == ' ' && mark + 1 != text_end &&
            mark[1] == ' ' && problem_.empty()) {
          append_name({step, static_cast<std::size_t>(mark - 1 - step)}, waiting().code);
          step = mark + 2;
          has_steps_ = true;
        }
        continue;
      }
      const char* stop = mark;
      if (kind == '\n' && stop != field && stop[-1] == '\r') --stop;
      const char* const next = mark == text_end ? text_end : mark + 1;
      if (kind == '\n' && stop == start) return next;  // an empty line
      if (column() == kPath)
        end_path({step, static_cast<std::size_t>(std::max(step, stop) - step)});
      else
        read_field(column(), {field, static_cast<std::size_t>(stop - field)});
      ++field_;
      if (kind == '\n') {
        end_row();
        return next;
      }
      field = step = mark + 1;
    }
  }

  void read_quoted(Records& records) {
    begin_row();
    while (records.has_field()) {
      std::string_view field;
      if (!records.next(field, room_)) {
        problem_ = "a quoted field is not closed, or text follows its closing quote";
        return;
      }
      if (column() == kPath)
        read_path(field);
      else
        read_field(column(), field);
      ++field_;
    }
    end_row();
  }

  Waiting& waiting() { return waiting_[waiting_count_]; }
  // Of the field that is being read.
  [[nodiscard]] Column column() const {
    return field_ < header_.column_of_field.size()
               ? static_cast<Column>(header_.column_of_field[field_])
               : kColumns;
  }

  void begin_row() {
    waiting().code.clear();
    field_ = 0;
    has_steps_ = false;
  }

  void end_row() {
    if (!problem_.empty()) return;
    if (field_ != header_.column_of_field.size()) {
      problem_ = "has " + std::to_string(field_) + " fields where the first line has " +
                 std::to_string(header_.column_of_field.size());
      return;
    }
    ++part_.rows;
    Waiting& row = waiting();
    row.hash = text_hash({row.code.data(), row.code.size()});
    part_.paths.prefetch_slot(row.hash);
    if (++waiting_count_ == kWaiting) flush();
  }

  void read_field(Column column, std::string_view field) {
    if (!problem_.empty()) return;
    PathTable::Counts& counts = waiting().counts;
    if (column == kConversions) read_count(column, field, counts.conversions);
    if (column == kNull) read_count(column, field, counts.nulls);
    if (column == kValue && !parse_amount(trim_blanks(field), counts.value))
      refuse(column, field, "a number");
  }

  void read_count(Column column, std::string_view field, std::uint64_t& count) {
    if (!parse_count(trim_blanks(field), count))
      refuse(column, field, "a whole number of at most 18 digits, not negative");
  }

  void refuse(Column column, std::string_view field, const char* expected) {
    problem_ = std::string(kColumnNames[column]) + " must be " + expected + ", not \"" +
               std::string(field.substr(0, 40)) + "\"";
  }

  // " > " separates steps; any other ">" is part of a name.
  void read_path(std::string_view path) {
    for (std::size_t at = path.find('>'); at != std::string_view::npos; at = path.find('>', at)) {
      if (at > 0 && path[at - 1] == ' ' && at + 1 < path.size() && path[at + 1] == ' ') {
        append_name(path.substr(0, at - 1), waiting().code);
        path.remove_prefix(at + 2);
        has_steps_ = true;
        at = 0;
      } else {
        ++at;
      }
    }
    end_path(path);
  }

  // The last step; nothing at all is a path without steps.
  void end_path(std::string_view step) {
    if (has_steps_ || !trim_blanks(step).empty()) append_name(step, waiting().code);
  }

  void append_name(std::string_view name, std::vector<char>& code) {
    if (!problem_.empty()) return;
    if (name.empty()) {
      problem_ = "path has an empty step";
      return;
    }
    const std::uint32_t channel = part_.channels.number_of(name);
    append_step(channel, code);
    if (channel >= kMaxChannels)
      problem_ = "more than " + std::to_string(kMaxChannels) + " channels";
    if (code.size() > kMaxPathCode) problem_ = "path is too long";
  }

  void flush() {
    const auto rows = std::span(waiting_).first(waiting_count_);
    for (const Waiting& row : rows) part_.paths.prefetch_entry(row.hash);
    for (const Waiting& row : rows) part_.paths.prefetch_code(row.hash);
    for (const Waiting& row : rows)
      if (!part_.paths.add({row.code.data(), row.code.size()}, row.hash, row.counts) &&
          bad_count_++ == 0)
        bad_.push_back({text_.data() + text_.size(), "more different paths than one table holds"});
    waiting_count_ = 0;
  }

  const Header& header_;
  std::string_view text_;
  PathPart& part_;
  std::array<Waiting, kWaiting> waiting_;
  std::size_t waiting_count_ = 0;
  std::size_t field_ = 0;   // of the record that is being read
  bool has_steps_ = false;  // its path has a separator
  std::string room_, problem_;
  std::vector<Bad> bad_;
  std::size_t bad_count_ = 0;
};

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
  const Header header = read_header(text);
  if (!header.problem.empty()) {
    file.bad_lines.push_back({1, header.problem});
    file.bad_line_count = 1;
    return file;
  }
  const auto pieces = cut(header.rest, threads);
  file.parts = std::vector<PathPart>(pieces.size());
  std::vector<PartReader> readers;
  readers.reserve(pieces.size());
  for (std::size_t i = 0; i < pieces.size(); ++i)
    readers.emplace_back(header, pieces[i], file.parts[i]);
  std::vector<std::thread> workers;
  for (std::size_t i = 1; i < readers.size(); ++i)
    workers.emplace_back([&readers, i] { readers[i].read(); });
  readers[0].read();
  for (auto& worker : workers) worker.join();

  std::size_t line = 1;
  const char* counted = text.data();
  for (const auto& reader : readers) {
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
