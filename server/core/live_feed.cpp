// SPDX-License-Identifier: Apache-2.0

#include "server/core/live_feed.hpp"

#include <algorithm>
#include <chrono>

namespace tl::server {
namespace {

constexpr std::size_t kKeptEntries = 500;
constexpr std::int64_t kWatchedMs = 10 * 60'000;

}  // namespace

bool LiveFeed::is_watched(std::string_view site_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = channels_.find(site_id);
  return found != channels_.end() && clock_.now_ms() - found->second.watched_ms < kWatchedMs;
}

void LiveFeed::publish(std::string_view site_id, std::string json) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = channels_.find(site_id);
    if (found == channels_.end()) return;
    auto& entries = found->second.entries;
    if (clock_.now_ms() - found->second.watched_ms >= kWatchedMs) {
      channels_.erase(found);
      has_channels_ = !channels_.empty();
      return;
    }
    entries.push_back({++last_number_, std::move(json)});
    if (entries.size() > kKeptEntries) entries.pop_front();
  }
  changed_.notify_all();
}

std::vector<LiveFeed::Entry> LiveFeed::wait(std::string_view site_id, std::uint64_t after,
                                            std::int64_t timeout_ms) {
  std::unique_lock lock(mutex_);
  auto& channel = channels_[std::string(site_id)];
  channel.watched_ms = clock_.now_ms();
  has_channels_ = true;
  std::vector<Entry> fresh;
  const auto collect = [&] {
    const auto found = channels_.find(site_id);
    if (found != channels_.end())
      for (const auto& entry : found->second.entries)
        if (entry.number > after) fresh.push_back(entry);
    return !fresh.empty() || is_closed_;
  };
  changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), collect);
  return fresh;
}

bool LiveFeed::is_closed() const {
  const std::lock_guard lock(mutex_);
  return is_closed_;
}

void LiveFeed::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  changed_.notify_all();
}

}  // namespace tl::server
