// SPDX-License-Identifier: Apache-2.0
// Paths as numbers, equal ones once, with their counts. Below 64 bytes a path for paths of a dozen
// steps: 32 of counts, one byte a step, 10 to 15 of hash table. Memory grows by blocks, never by
// copying.
// A path's code is one byte a step for channel numbers below 255, else 255 and two bytes.
#pragma once

#include "models/exact_sum.hpp"
#include "server/attribute/text_hash.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace tl::server::attribute {

inline constexpr std::uint32_t kMaxChannels = 65535;
inline constexpr std::size_t kMaxPathCode = 128 * 1024;  // bytes of one path

// Appends a channel number to a path's code.
inline void append_step(std::uint32_t channel, std::vector<char>& code) {
  if (channel < 255) {
    code.push_back(static_cast<char>(channel));
    return;
  }
  code.push_back(static_cast<char>(255));
  code.push_back(static_cast<char>(channel & 255));
  code.push_back(static_cast<char>(channel >> 8));
}

class PathTable {
 public:
  struct Counts {
    std::uint64_t conversions = 0, nulls = 0;
    double value = 0;
    double value_rest = 0;  // what rounding the sum to `value` lost
  };

  // Ask the processor to fetch what add() will look at, one after the other with time between.
  void prefetch_slot(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[home(tag_of(hash))]);
  }
  void prefetch_entry(std::uint64_t hash) const {
    if (const Entry* entry = first_with(tag_of(hash))) __builtin_prefetch(entry);
  }
  void prefetch_code(std::uint64_t hash) const {
    if (const Entry* entry = first_with(tag_of(hash))) __builtin_prefetch(address_of(entry->place));
  }
  // `hash` is text_hash(code); code.size() <= kMaxPathCode. false when there are more paths or
  // bytes than 32 bits can number.
  bool add(std::string_view code, std::uint64_t hash, const Counts& counts);

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
  struct Entry {
    std::uint64_t conversions, nulls;
    double value;  // with what rounding lost, so that the order of rows does not show
    float value_rest;
    std::uint32_t place;  // of the code, in units of two bytes
  };
  static_assert(sizeof(Entry) == 32);
  struct Slot {
    std::uint32_t tag = 0, entry_plus_one = 0;
  };

  static constexpr std::size_t kEntryBlock = 1 << 13;  // entries
  static constexpr std::size_t kCodeBlock = 1 << 18;   // bytes

  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }
  [[nodiscard]] std::size_t home(std::uint32_t tag) const {
    return static_cast<std::size_t>((std::uint64_t{tag} * slots_.size()) >> 32);
  }
  [[nodiscard]] Entry& entry_at(std::size_t index) const {
    return entries_[index / kEntryBlock][index % kEntryBlock];
  }
  // An entry that may have this hash.
  [[nodiscard]] const Entry* first_with(std::uint32_t tag) const {
    if (slots_.empty()) return nullptr;
    std::size_t at = home(tag);
    while (slots_[at].entry_plus_one != 0 && slots_[at].tag != tag)
      at = at + 1 == slots_.size() ? 0 : at + 1;
    return slots_[at].entry_plus_one == 0 ? nullptr : &entry_at(slots_[at].entry_plus_one - 1);
  }
  [[nodiscard]] const char* address_of(std::uint32_t place) const {
    const std::size_t offset = std::size_t{place} * 2;
    return codes_[offset / kCodeBlock].get() + offset % kCodeBlock;
  }
  [[nodiscard]] std::string_view code_at(std::uint32_t place) const;
  std::uint32_t keep_code(std::string_view code);
  void grow();

  std::vector<std::unique_ptr<Entry[]>> entries_;
  std::vector<std::unique_ptr<char[]>> codes_;
  std::size_t code_end_ = kCodeBlock;  // in the last block
  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace tl::server::attribute
