// SPDX-License-Identifier: Apache-2.0
#include "server/store/memory_cache.hpp"

#include <algorithm>

namespace tl::server {

MemoryCache::Entries::iterator MemoryCache::drop(Entries::iterator entry) {
  bytes_ -= entry->first.size() + entry->second.value.size();
  return entries_.erase(entry);
}

std::optional<std::string> MemoryCache::get(const std::string& key, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  if (found->second.until_ms > now_ms) return found->second.value;
  drop(found);
  return std::nullopt;
}

void MemoryCache::put(const std::string& key, std::string value, std::int64_t until_ms) {
  const std::lock_guard lock(mutex_);
  if (const auto found = entries_.find(key); found != entries_.end()) drop(found);
  const std::size_t size = key.size() + value.size();
  if (size > most_bytes_) return;
  while (bytes_ + size > most_bytes_)
    drop(std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
      return a.second.until_ms < b.second.until_ms;
    }));
  bytes_ += size;
  entries_.emplace(key, Entry{std::move(value), until_ms});
}

void MemoryCache::forget(std::string_view prefix) {
  const std::lock_guard lock(mutex_);
  for (auto entry = entries_.lower_bound(prefix);
       entry != entries_.end() && entry->first.starts_with(prefix);)
    entry = drop(entry);
}

}  // namespace tl::server
