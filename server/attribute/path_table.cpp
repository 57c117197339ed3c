// SPDX-License-Identifier: Apache-2.0
// The hash table keeps 32 bits of hash beside each entry's number and puts them in their order
// (home = hash * buckets / 2^32), so growing is one pass over both tables without touching a path.
#include "server/attribute/path_table.hpp"

#include <bit>
#include <utility>

namespace tl::server::attribute {
namespace {

// A code is kept behind its length: one byte below 255, else 255 and four bytes.
constexpr std::size_t kLongLength = 5;
constexpr unsigned char kLong = 255;

std::uint32_t tag_of(std::string_view code) {
  std::uint64_t hash = code.size();
  const char* at = code.data();
  std::size_t left = code.size();
  for (; left > kWordBytes; left -= kWordBytes, at += kWordBytes)
    hash = mix_words(hash, word_at(at));
  hash = mix_words(hash, first_bytes(word_at(at), left));
  return static_cast<std::uint32_t>(mix_words(hash, left) >> 32) | 1;  // 0 is a free slot
}

}  // namespace

bool PathTable::add(std::span<Row> rows) {
  for (Row& row : rows) {
    row.tag = tag_of(row.code);
    __builtin_prefetch(&buckets_[home(row.tag)]);
  }
  for (Row& row : rows) {
    row.entry = first_with(row.tag);
    if (row.entry != kNoEntry) __builtin_prefetch(&entry_at(row.entry));
  }
  for (const Row& row : rows)
    if (row.entry != kNoEntry) __builtin_prefetch(address_of(entry_at(row.entry).place));

  for (const Row& row : rows) {
    Entry* entry = row.entry == kNoEntry ? nullptr : &entry_at(row.entry);
    if (entry == nullptr || !is_of(*entry, row.code)) entry = entry_of(row.code, row.tag);
    if (entry == nullptr) return false;
    entry->conversions += row.counts.conversions;
    entry->nulls += row.counts.nulls;
    models::ExactSum value;
    value.add(entry->value);
    value.add(double{entry->value_rest});
    value.add(row.counts.value);
    const double rounded = value.value();
    value.add(-rounded);
    entry->value = rounded;
    entry->value_rest = static_cast<float>(value.value());
  }
  return true;
}

std::uint32_t PathTable::first_with(std::uint32_t tag) const {
  for (std::size_t at = home(tag);; at = after(at)) {
    const TagBucket& bucket = buckets_[at];
    const unsigned found = bucket.slots_with(tag);
    if (found != 0) return bucket.entries[std::countr_zero(found)];
    if (!bucket.is_full()) return kNoEntry;
  }
}

PathTable::Entry* PathTable::entry_of(std::string_view code, std::uint32_t tag) {
  for (std::size_t at = home(tag);; at = after(at)) {
    const TagBucket& bucket = buckets_[at];
    for (unsigned found = bucket.slots_with(tag); found != 0; found &= found - 1) {
      Entry& entry = entry_at(bucket.entries[std::countr_zero(found)]);
      if (is_of(entry, code)) return &entry;
    }
    if (!bucket.is_full()) break;
  }
  if (size_ == kNoEntry) return nullptr;
  if (codes_.size() >= (std::uint64_t{2} << 32) / kCodeBlock) return nullptr;
  if (size_ >= bucket_count_ * TagBucket::kSlots / 20 * 17) grow();
  if (size_ % kEntryBlock == 0) entries_.push_back(reinterpret_cast<Entry*>(new_block()));
  put(tag, static_cast<std::uint32_t>(size_));
  Entry& entry = entry_at(size_++);
  entry = {0, 0, 0, 0, keep_code(code)};
  return &entry;
}

bool PathTable::is_of(const Entry& entry, std::string_view code) const {
  const std::string_view kept = code_at(entry.place);
  if (kept.size() != code.size()) return false;
  if (code.size() > kWordBytes) return kept == code;
  return first_bytes(word_at(kept.data()) ^ word_at(code.data()), code.size()) == 0;
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
  if (code_end_ + head + code.size() + kWordBytes > kCodeBlock) {
    codes_.push_back(new_block());
    code_end_ = 0;
  }
  const std::size_t offset = (codes_.size() - 1) * kCodeBlock + code_end_;
  char* const at = codes_.back() + code_end_;
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

char* PathTable::new_block() {
  if (page_end_ == kLargePage) {
    pages_.push_back(make_large_array<char>(kLargePage));
    page_end_ = 0;
  }
  char* const block = pages_.back().get() + page_end_;
  page_end_ += kCodeBlock;
  return block;
}

void PathTable::put(std::uint32_t tag, std::uint32_t entry) {
  std::size_t at = home(tag);
  while (buckets_[at].is_full()) at = after(at);
  buckets_[at].put(tag, entry);
}

void PathTable::empty_buckets() {
  buckets_ = make_large_array<TagBucket>(bucket_count_);
  std::uninitialized_fill_n(buckets_.get(), bucket_count_, TagBucket{});
}

void PathTable::grow() {
  const auto old = std::move(buckets_);
  const std::span from(old.get(), bucket_count_);
  bucket_count_ = bucket_count_ / 2 * 3;
  empty_buckets();
  for (const TagBucket& bucket : from)
    for (std::size_t i = 0; i < TagBucket::kSlots && bucket.tags[i] != 0; ++i)
      put(bucket.tags[i], bucket.entries[i]);
}

std::size_t PathTable::bytes() const {
  return pages_.size() * kLargePage + bucket_count_ * sizeof(TagBucket);
}

}  // namespace tl::server::attribute
