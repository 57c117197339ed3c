// SPDX-License-Identifier: Apache-2.0
// Takes fields off the front of a text, one record after the other, by RFC 4180.
#pragma once

#include <string>
#include <string_view>

namespace tl::server::attribute {

class CsvRecords {
 public:
  explicit CsvRecords(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  [[nodiscard]] bool is_done() const { return at_ == end_; }
  [[nodiscard]] const char* at() const { return at_; }

  // To the next record; it has at least one field. Its line ends here or at a break inside quotes.
  void open();
  [[nodiscard]] bool has_field() const { return has_field_; }
  // false: quotes are wrong. `room` holds a quoted field.
  bool next(std::string_view& field, std::string& room);
  // Over whatever is left of the record.
  void close();

 private:
  bool next_quoted(std::string_view& field, std::string& room);
  [[nodiscard]] const char* line_end() const;  // from here on

  const char* at_;
  const char* end_;
  const char* line_end_ = nullptr;
  bool has_field_ = false;
};

// Without the blanks and tabs around it.
std::string_view trim_blanks(std::string_view text);

}  // namespace tl::server::attribute
