// SPDX-License-Identifier: Apache-2.0
// Requests per address: a token bucket each. It holds ten seconds' worth of requests, a minute's of
// forms.
// IPv6 addresses count by their /64 (one household). Memory is bounded: at most kMaxAddresses are
// remembered; beyond that, buckets that are full again go first, then the older half, so a flood of
// addresses can make the limiter forget but never grow. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace tl::server::http {

class RateLimiter {
 public:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kMaxAddresses = 64 * 1024;

  // `count` in each `per_ms`; a bucket holds what `burst_ms` give. 0: off.
  RateLimiter(std::uint32_t count, std::int64_t per_ms, std::int64_t burst_ms)
      : count_(count), per_ms_(per_ms), burst_ms_(burst_ms) {}
  static RateLimiter per_second(std::uint32_t count) { return {count, 1000, 10'000}; }
  static RateLimiter per_minute(std::uint32_t count) { return {count, 60'000, 60'000}; }
  // 0 when the request may pass, else after how many milliseconds one more may. A dear one counts
  // as `cost` requests, at most as a full bucket.
  std::int64_t take(std::string_view ip, std::int64_t now_ms, std::uint32_t cost = 1);
  [[nodiscard]] std::size_t remembered() const;

 private:
  struct Bucket {
    std::int64_t level = 0;  // in per_ms_-ths of a request
    std::int64_t seen_ms = 0;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::uint64_t, Bucket> buckets;
  };
  void make_room(Shard& shard, std::int64_t now_ms) const;

  std::int64_t count_, per_ms_, burst_ms_;
  std::array<Shard, kShards> shards_;
};

struct RateLimiters {
  RateLimiter requests, forms;
};

}  // namespace tl::server::http
