// SPDX-License-Identifier: Apache-2.0
// Reads rows of a CSV of paths into a table. Most rows are plain: no quote and nothing wrong; they
// are read in one pass over the marks of the text. What is not is read again, field by field, and
// tells what is wrong.
#pragma once

#include "server/attribute/channel_names.hpp"
#include "server/attribute/csv_records.hpp"
#include "server/attribute/mark_scanner.hpp"
#include "server/attribute/path_batch.hpp"
#include "server/attribute/path_header.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server::attribute {

inline constexpr std::size_t kShownBadLines = 20;

class PathRows {
 public:
  struct Bad {
    const char* at;  // where its row starts
    std::string message;
  };

  // All are borrowed.
  PathRows(const PathHeader& header, std::string_view text, ChannelNames& channels,
           PathTable& paths)
      : header_(header),
        text_(text),
        end_(text.data() + text.size()),
        channels_(channels),
        batch_(paths) {}

  void read();

  [[nodiscard]] std::uint64_t good_count() const { return good_count_; }
  [[nodiscard]] std::size_t bad_count() const { return bad_count_; }
  [[nodiscard]] const std::vector<Bad>& bad() const { return bad_; }  // the first ones

 private:
  // The row at `start`; returns where the next one is, or null when this one is not plain.
  const char* read_plain(const char* start, MarkScanner& marks);
  const char* read_any(const char* start);
  // These tell what is wrong; empty: nothing is.
  std::string read_fields(CsvRecords& record);
  std::string read_path(std::string_view path, std::size_t& size);
  std::string add_step(std::string_view name, std::size_t& size);

  void push(std::size_t size, const PathTable::Counts& counts);
  void refuse(const char* at, std::string message);
  void refuse_rest(const char* message);

  const PathHeader& header_;
  const std::string_view text_;
  const char* const end_;
  ChannelNames& channels_;
  PathBatch batch_;
  bool is_full_ = false;
  std::string room_;
  std::uint64_t good_count_ = 0, counted_ = 0;
  std::size_t bad_count_ = 0;
  std::vector<Bad> bad_;
};

}  // namespace tl::server::attribute
