// SPDX-License-Identifier: Apache-2.0
// The hash table keeps 32 bits of hash beside each entry's number and puts them in their order
// (home = hash * slots / 2^32), so growing is one pass over both tables without touching a path.
#include "server/attribute/path_table.hpp"

#include <limits>

namespace tl::server::attribute {
namespace {

// A code is kept behind its length: one byte below 255, else 255 and four bytes.
constexpr std::size_t kLongLength = 5;
constexpr unsigned char kLong = 255;

}  // namespace

bool PathTable::add(std::string_view code, std::uint64_t hash, const Counts& counts) {
  if (size_ >= slots_.size() / 20 * 17) grow();
  const std::uint32_t tag = tag_of(hash);
  std::size_t at = home(tag);
  Entry* entry = nullptr;
  for (; slots_[at].entry_plus_one != 0; at = at + 1 == slots_.size() ? 0 : at + 1) {
    if (slots_[at].tag != tag) continue;
    entry = &entry_at(slots_[at].entry_plus_one - 1);
    if (code_at(entry->place) == code) break;
    entry = nullptr;
  }
  if (entry == nullptr) {
    if (size_ == std::numeric_limits<std::uint32_t>::max() - 1) return false;
    if (codes_.size() >= (std::uint64_t{2} << 32) / kCodeBlock) return false;
    if (size_ % kEntryBlock == 0) entries_.push_back(std::make_unique<Entry[]>(kEntryBlock));
    entry = &entry_at(size_++);
    *entry = {0, 0, 0, 0, keep_code(code)};
    slots_[at] = {tag, static_cast<std::uint32_t>(size_)};
  }
  entry->conversions += counts.conversions;
  entry->nulls += counts.nulls;
  models::ExactSum value;
  value.add(entry->value);
  value.add(double{entry->value_rest});
  value.add(counts.value);
  const double rounded = value.value();
  value.add(-rounded);
  entry->value = rounded;
  entry->value_rest = static_cast<float>(value.value());
  return true;
}

std::string_view PathTable::code_at(std::uint32_t place) const {
  const char* const at = address_of(place);
  const auto length = static_cast<unsigned char>(*at);
  if (length != kLong) return {at + 1, length};
  std::uint32_t bytes = 0;
  std::memcpy(&bytes, at + 1, sizeof bytes);
  return {at + kLongLength, bytes};
}

std::uint32_t PathTable::keep_code(std::string_view code) {
  const std::size_t head = code.size() < kLong ? 1 : kLongLength;
  if (code_end_ + head + code.size() > kCodeBlock) {
    codes_.push_back(std::make_unique<char[]>(kCodeBlock));
    code_end_ = 0;
  }
  const std::size_t offset = (codes_.size() - 1) * kCodeBlock + code_end_;
  char* const at = codes_.back().get() + code_end_;
  if (head == 1) {
    *at = static_cast<char>(code.size());
  } else {
    const auto bytes = static_cast<std::uint32_t>(code.size());
    *at = static_cast<char>(kLong);
    std::memcpy(at + 1, &bytes, sizeof bytes);
  }
  std::memcpy(at + head, code.data(), code.size());
  code_end_ += (head + code.size() + 1) / 2 * 2;
  return static_cast<std::uint32_t>(offset / 2);
}

void PathTable::grow() {
  std::vector<Slot> old(slots_.size() < 1024 ? 1024 : slots_.size() / 2 * 3);
  slots_.swap(old);
  for (const Slot& slot : old) {
    if (slot.entry_plus_one == 0) continue;
    std::size_t at = home(slot.tag);
    while (slots_[at].entry_plus_one != 0) at = at + 1 == slots_.size() ? 0 : at + 1;
    slots_[at] = slot;
  }
}

std::size_t PathTable::bytes() const {
  return entries_.size() * kEntryBlock * sizeof(Entry) + codes_.size() * kCodeBlock +
         slots_.capacity() * sizeof(Slot);
}

}  // namespace tl::server::attribute
