// SPDX-License-Identifier: Apache-2.0
#include "server/attribute/path_rows.hpp"

#include "server/attribute/decimal.hpp"
#include "server/attribute/short_decimal.hpp"

#include <algorithm>

namespace tl::server::attribute {
namespace {

constexpr std::uint64_t kMostCounted = 1'000'000'000'000'000'000;  // so that no sum overflows
constexpr const char* kFullTable = "more different paths than one table holds";

std::string_view between(const char* start, const char* stop) {
  return {start, static_cast<std::size_t>(stop - start)};
}

// Of a plain row.
bool read_count(std::string_view field, std::uint64_t& count) {
  return (field.size() - 1 < kWordBytes &&
          read_short_count(word_at(field.data()), field.size(), count)) ||
         parse_count(trim_blanks(field), count);
}
bool read_amount(std::string_view field, double& amount) {
  return (field.size() - 1 < kWordBytes &&
          read_short_amount(word_at(field.data()), field.size(), amount)) ||
         parse_amount(trim_blanks(field), amount);
}

// Nothing but blanks is a path without steps.
bool is_blank(std::string_view path) {
  return trim_blanks(path).empty();
}

// Plain rows are read by words that reach over the ends of their fields, so the last rows are not
// read as such.
std::string_view plain_part(std::string_view text) {
  const std::size_t readable = text.size() - std::min(text.size(), kWordBytes);
  const std::size_t line_end = text.substr(0, readable).rfind('\n');
  return text.substr(0, line_end == text.npos ? 0 : line_end + 1);
}

bool is_separator(const char* at) {
  constexpr std::uint64_t kBlankBracketBlank = 0x203E20;
  return first_bytes(word_at(at), 3) == kBlankBracketBlank;
}

}  // namespace

void PathRows::read() {
  const std::string_view plain = plain_part(text_);
  const char* const plain_end = plain.data() + plain.size();
  MarkScanner marks(plain);
  const char* start = plain.data();
  while (start < plain_end) {
    const char* next = read_plain(start, marks);
    if (next == nullptr) {
      next = read_any(start);
      if (next < plain_end) marks.seek(next);
    }
    start = next;
  }
  while (start != end_) start = read_any(start);
  if (!batch_.flush()) refuse_rest(kFullTable);
}

const char* PathRows::read_plain(const char* start, MarkScanner& marks) {
  char* const code = batch_.room();
  char* code_end = code;
  const auto add_step = [&, limit = code + kMaxPathCode](std::string_view name) {
    if (name.empty() || code_end > limit) return false;
    const std::uint32_t channel = channels_.number_of_lent(name);
    code_end = write_step(channel, code_end);
    return channel < kMaxChannels;
  };
  PathTable::Counts counts;
  const char* field = start;
  const char* mark = nullptr;
  const PathColumn* const columns_end = header_.columns.data() + header_.columns.size();
  for (const PathColumn* column = header_.columns.data(); column != columns_end; ++column) {
    const char* step = field;
    for (mark = marks.next(); *mark == '>'; mark = marks.next()) {
      if (*column != PathColumn::path || mark == step || !is_separator(mark - 1)) continue;
      if (!add_step(between(step, mark - 1))) return nullptr;
      step = mark + 2;
    }
    const char* stop = mark;
    if (*mark != ',') {
      if (*mark == '"' || column + 1 != columns_end) return nullptr;
      if (stop != field && stop[-1] == '\r') --stop;
    }
    bool is_good = true;
    switch (*column) {
      case PathColumn::path: {
        const std::string_view name = between(step, std::max(step, stop));
        is_good = (step == field && is_blank(name)) || add_step(name);
        break;
      }
      case PathColumn::conversions:
        is_good = read_count(between(field, stop), counts.conversions);
        break;
      case PathColumn::nulls:
        is_good = read_count(between(field, stop), counts.nulls);
        break;
      case PathColumn::value:
        is_good = read_amount(between(field, stop), counts.value);
        break;
      case PathColumn::other:
        break;
    }
    if (!is_good) return nullptr;
    field = mark + 1;
  }
  const auto size = static_cast<std::size_t>(code_end - code);
  if (*mark != '\n' || size > kMaxPathCode) return nullptr;
  push(size, counts);
  return mark + 1;
}

const char* PathRows::read_any(const char* start) {
  const char* const line = start != end_ && *start == '\r' ? start + 1 : start;
  if (line == end_) return end_;
  if (*line == '\n') return line + 1;
  CsvRecords record(between(start, end_));
  record.open();
  std::string problem = read_fields(record);
  record.close();
  if (!problem.empty()) refuse(start, std::move(problem));
  return record.at();
}

std::string PathRows::read_fields(CsvRecords& record) {
  std::string problem;
  std::size_t fields = 0, size = 0;
  PathTable::Counts counts;
  const auto refused = [](PathColumn column, std::string_view field, const char* expected) {
    return std::string(path_column_name(column)) + " must be " + expected + ", not \"" +
           std::string(field.substr(0, 40)) + "\"";
  };
  for (; record.has_field(); ++fields) {
    std::string_view field;
    if (!record.next(field, room_))
      return "a quoted field is not closed, or text follows its closing quote";
    const PathColumn column =
        fields < header_.columns.size() ? header_.columns[fields] : PathColumn::other;
    if (!problem.empty()) continue;
    const std::string_view number = trim_blanks(field);
    constexpr const char* kCount = "a whole number of at most 18 digits, not negative";
    switch (column) {
      case PathColumn::path:
        problem = read_path(field, size);
        break;
      case PathColumn::conversions:
        if (!parse_count(number, counts.conversions)) problem = refused(column, field, kCount);
        break;
      case PathColumn::nulls:
        if (!parse_count(number, counts.nulls)) problem = refused(column, field, kCount);
        break;
      case PathColumn::value:
        if (!parse_amount(number, counts.value)) problem = refused(column, field, "a number");
        break;
      case PathColumn::other:
        break;
    }
  }
  if (problem.empty() && fields != header_.columns.size())
    problem = "has " + std::to_string(fields) + " fields where the first line has " +
              std::to_string(header_.columns.size());
  if (problem.empty()) push(size, counts);
  return problem;
}

std::string PathRows::read_path(std::string_view path, std::size_t& size) {
  constexpr std::string_view kSeparator = " > ";
  bool has_steps = false;
  for (std::size_t at = path.find(kSeparator); at != path.npos; at = path.find(kSeparator)) {
    std::string problem = add_step(path.substr(0, at), size);
    if (!problem.empty()) return problem;
    path.remove_prefix(at + kSeparator.size());
    has_steps = true;
  }
  return has_steps || !is_blank(path) ? add_step(path, size) : std::string();
}

std::string PathRows::add_step(std::string_view name, std::size_t& size) {
  if (name.empty()) return "path has an empty step";
  char* const code = batch_.room();
  const std::uint32_t channel = channels_.number_of(name);
  if (channel >= kMaxChannels) return "more than " + std::to_string(kMaxChannels) + " channels";
  size = static_cast<std::size_t>(write_step(channel, code + size) - code);
  return size > kMaxPathCode ? "path is too long" : std::string();
}

void PathRows::push(std::size_t size, const PathTable::Counts& counts) {
  ++good_count_;
  counted_ += counts.conversions + counts.nulls;
  if (counted_ > kMostCounted) refuse_rest("more than 10^18 conversions and others");
  if (!batch_.push(size, counts)) refuse_rest(kFullTable);
}

void PathRows::refuse(const char* at, std::string message) {
  ++bad_count_;
  if (bad_.size() < kShownBadLines) bad_.push_back({at, std::move(message)});
}

void PathRows::refuse_rest(const char* message) {
  if (!is_full_) refuse(end_, message);
  is_full_ = true;
}

}  // namespace tl::server::attribute
