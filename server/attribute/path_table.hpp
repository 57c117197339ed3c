// SPDX-License-Identifier: Apache-2.0
// Paths as numbers, equal ones once, with their counts. Below 64 bytes a path for paths of a dozen
// steps: 32 of counts, one byte a step, 10 to 15 of hash table. Memory grows by blocks of large
// pages, never by copying. A path's code is one byte a step for channel numbers below 255, else 255
// and two bytes.
#pragma once

#include "models/exact_sum.hpp"
#include "server/attribute/large_array.hpp"
#include "server/attribute/tag_bucket.hpp"
#include "server/attribute/text_hash.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace tl::server::attribute {

inline constexpr std::uint32_t kMaxChannels = 65535;
inline constexpr std::size_t kMaxPathCode = 128 * 1024;  // bytes of one path
inline constexpr std::size_t kMaxStepCode = 3;           // bytes of one step

// Writes a channel number of a path's code and returns where the next one goes.
inline char* write_step(std::uint32_t channel, char* code) {
  if (channel < 255) {
    *code = static_cast<char>(channel);
    return code + 1;
  }
  code[0] = static_cast<char>(255);
  code[1] = static_cast<char>(channel & 255);
  code[2] = static_cast<char>(channel >> 8);
  return code + kMaxStepCode;
}

class PathTable {
 public:
  struct Counts {
    std::uint64_t conversions = 0, nulls = 0;
    double value = 0;
    double value_rest = 0;  // what rounding the sum to `value` lost
  };
  struct Row {
    std::string_view code;  // at most kMaxPathCode bytes, and kWordBytes more are readable
    Counts counts;
    // Of add(): the hash, and the entry that may be the path's.
    std::uint32_t tag = 0, entry = 0;
  };

  PathTable() { empty_buckets(); }

  // Adds a hundred rows or so: while one is looked at, the processor fetches what the next ones
  // need. false when there are more paths or bytes than 32 bits can number.
  bool add(std::span<Row> rows);

  [[nodiscard]] std::size_t size() const { return size_; }
  // Bytes of memory held.
  [[nodiscard]] std::size_t bytes() const;

  // Calls visit(span of channel numbers, counts) for each path, in the order of their arrival.
  // `numbers` maps the channel numbers of the codes.
  template <class Visit>
  void for_each(std::span<const std::uint32_t> numbers, Visit&& visit) const {
    std::vector<std::uint32_t> path;
    for (std::size_t i = 0; i < size_; ++i) {
      const Entry& entry = entry_at(i);
      const std::string_view code = code_at(entry.place);
      path.resize(code.size());
      std::size_t steps = 0;
      for (std::size_t at = 0; at < code.size(); ++at) {
        std::uint32_t channel = static_cast<unsigned char>(code[at]);
        if (channel == 255) {
          channel = static_cast<unsigned char>(code[at + 1]) |
                    std::uint32_t{static_cast<unsigned char>(code[at + 2])} << 8;
          at += 2;
        }
        path[steps++] = numbers[channel];
      }
      visit(std::span<const std::uint32_t>(path.data(), steps),
            Counts{entry.conversions, entry.nulls, entry.value, double{entry.value_rest}});
    }
  }

 private:
  struct alignas(32) Entry {  // within a line of the cache
    std::uint64_t conversions, nulls;
    double value;  // with what rounding lost, so that the order of rows does not show
    float value_rest;
    std::uint32_t place;  // of the code, in units of two bytes
  };
  static_assert(sizeof(Entry) == 32);
  static constexpr std::uint32_t kNoEntry = ~std::uint32_t{0};
  static constexpr std::size_t kCodeBlock = kLargePage / 8;               // bytes
  static constexpr std::size_t kEntryBlock = kCodeBlock / sizeof(Entry);  // entries

  [[nodiscard]] std::size_t home(std::uint32_t tag) const {
    return static_cast<std::size_t>((std::uint64_t{tag} * bucket_count_) >> 32);
  }
  [[nodiscard]] std::size_t after(std::size_t bucket) const {
    return bucket + 1 == bucket_count_ ? 0 : bucket + 1;
  }
  [[nodiscard]] Entry& entry_at(std::size_t index) const {
    return entries_[index / kEntryBlock][index % kEntryBlock];
  }
  // kNoEntry: there is none.
  [[nodiscard]] std::uint32_t first_with(std::uint32_t tag) const;
  [[nodiscard]] const char* address_of(std::uint32_t place) const {
    const std::size_t offset = std::size_t{place} * 2;
    return codes_[offset / kCodeBlock] + offset % kCodeBlock;
  }
  [[nodiscard]] std::string_view code_at(std::uint32_t place) const;
  [[nodiscard]] bool is_of(const Entry& entry, std::string_view code) const;
  // Of this path, a new one where there is none; null: the table is full.
  Entry* entry_of(std::string_view code, std::uint32_t tag);
  std::uint32_t keep_code(std::string_view code);
  // Of kCodeBlock bytes.
  char* new_block();
  void put(std::uint32_t tag, std::uint32_t entry);
  void empty_buckets();
  void grow();

  std::vector<LargeArray<char>> pages_;  // blocks of both kinds, as they come
  std::size_t page_end_ = kLargePage;    // of what is taken of the last page
  std::vector<Entry*> entries_;
  std::vector<char*> codes_;
  std::size_t code_end_ = kCodeBlock;  // in the last block
  std::size_t bucket_count_ = 128;
  LargeArray<TagBucket> buckets_;
  std::size_t size_ = 0;
};

}  // namespace tl::server::attribute
