// SPDX-License-Identifier: Apache-2.0

#include "server/core/ingest/live_feed.hpp"

#include <algorithm>
#include <chrono>

namespace tl::server {
namespace {

constexpr std::size_t kKeptEntries = 500;
constexpr std::int64_t kWatchedMs = 10 * 60'000;

}  // namespace

// Numbers of an earlier run are smaller than any of this one's, whatever it told.
LiveFeed::LiveFeed(const Clock& clock)
    : clock_(clock), last_number_(static_cast<std::uint64_t>(clock.now_ms()) * 1000) {}

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
    if (entries.size() > kKeptEntries) {
      found->second.gone = entries.front().number;
      entries.pop_front();
    }
  }
  changed_.notify_all();
}

std::vector<LiveFeed::Entry> LiveFeed::wait(std::string_view site_id, std::uint64_t after,
                                            std::int64_t timeout_ms) {
  std::unique_lock lock(mutex_);
  auto& channel = channels_[std::string(site_id)];
  const auto now = clock_.now_ms();
  if (now - channel.watched_ms >= kWatchedMs) {  // what came meanwhile was not kept
    channel.entries.clear();
    channel.gone = ++last_number_;
  }
  channel.watched_ms = now;
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

std::optional<std::uint64_t> LiveFeed::gap_after(std::string_view site_id,
                                                 std::uint64_t after) const {
  const std::lock_guard lock(mutex_);
  const auto found = channels_.find(site_id);
  if (found == channels_.end() || after >= found->second.gone) return {};
  return found->second.gone;
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
