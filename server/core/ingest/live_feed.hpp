// SPDX-License-Identifier: Apache-2.0
// What just arrived, for the people who watch: the newest entries of each watched site, in memory,
// numbered. Nothing is kept for a site that nobody has watched for ten minutes, so that the intake
// pays nothing. Thread-safe.
#pragma once

#include "server/core/clock.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

class LiveFeed {
 public:
  explicit LiveFeed(const Clock& clock);

  struct Entry {
    std::uint64_t number = 0;  // rising, also when the server was started anew
    std::string json;
  };

  // Whether any site may be watched: what an intake asks first, without a lock.
  [[nodiscard]] bool is_anybody_there() const { return has_channels_.load(); }
  [[nodiscard]] bool is_watched(std::string_view site_id) const;
  void publish(std::string_view site_id, std::string json);
  // Entries after that number, waiting for the first one at most `timeout_ms`; empty when there was
  // none or the feed was closed. Marks the site as watched.
  std::vector<Entry> wait(std::string_view site_id, std::uint64_t after, std::int64_t timeout_ms);
  // The number up to which entries are gone for whoever has seen them up to `after`; none when all
  // are still there.
  [[nodiscard]] std::optional<std::uint64_t> gap_after(std::string_view site_id,
                                                       std::uint64_t after) const;
  [[nodiscard]] bool is_closed() const;
  void close();  // everybody who waits returns

 private:
  struct Channel {
    std::deque<Entry> entries;
    std::int64_t watched_ms = 0;
    std::uint64_t gone = 0;  // entries up to this number are not kept
  };

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Channel, std::less<>> channels_;
  std::uint64_t last_number_ = 0;
  std::atomic<bool> has_channels_{false};
  bool is_closed_ = false;
};

}  // namespace tl::server
