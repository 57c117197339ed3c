// SPDX-License-Identifier: Apache-2.0
#include "server/attribute/csv_records.hpp"

#include <cstring>

namespace tl::server::attribute {
namespace {

// null: there is none.
const char* find(const char* from, const char* end, char wanted) {
  return static_cast<const char*>(std::memchr(from, wanted, static_cast<std::size_t>(end - from)));
}

}  // namespace

void CsvRecords::open() {
  line_end_ = line_end();
  has_field_ = true;
}

bool CsvRecords::next(std::string_view& field, std::string& room) {
  if (at_ != end_ && *at_ == '"') return next_quoted(field, room);
  const char* const comma = find(at_, line_end_, ',');
  has_field_ = comma != nullptr;
  const char* const stop = has_field_ ? comma : line_end_;
  field = {at_, static_cast<std::size_t>(stop - at_)};
  if (!has_field_ && !field.empty() && field.back() == '\r') field.remove_suffix(1);
  at_ = has_field_ ? stop + 1 : stop;
  return true;
}

void CsvRecords::close() {
  at_ = line_end_ == end_ ? end_ : line_end_ + 1;
  has_field_ = false;
}

bool CsvRecords::next_quoted(std::string_view& field, std::string& room) {
  room.clear();
  for (++at_;;) {
    const char* const quote = find(at_, end_, '"');
    if (quote == nullptr) {
      line_end_ = end_;
      return false;
    }
    room.append(at_, quote);
    at_ = quote + 1;
    if (at_ == end_ || *at_ != '"') break;
    room += '"';
    ++at_;
  }
  field = room;
  if (line_end_ < at_) line_end_ = line_end();
  if (at_ != end_ && *at_ == ',') {
    ++at_;
    return true;
  }
  has_field_ = false;
  if (at_ != line_end_ && *at_ == '\r') ++at_;
  return at_ == line_end_;
}

const char* CsvRecords::line_end() const {
  const char* const found = find(at_, end_, '\n');
  return found == nullptr ? end_ : found;
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace tl::server::attribute
