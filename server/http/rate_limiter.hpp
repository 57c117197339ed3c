// SPDX-License-Identifier: Apache-2.0
// Requests per address: a token bucket each, refilled at `per_second`, holding ten seconds' worth.
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

  explicit RateLimiter(std::uint32_t per_second) : per_second_(per_second) {}  // 0: off
  // 0 when the request may pass, else after how many milliseconds one more may. A dear one counts
  // as `cost` requests, at most as ten seconds' worth.
  std::int64_t take(std::string_view ip, std::int64_t now_ms, std::uint32_t cost = 1);
  [[nodiscard]] std::size_t remembered() const;

 private:
  struct Bucket {
    std::int64_t level_milli = 0;  // thousandths of a request
    std::int64_t seen_ms = 0;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::uint64_t, Bucket> buckets;
  };
  void make_room(Shard& shard, std::int64_t now_ms) const;

  std::uint32_t per_second_;
  std::array<Shard, kShards> shards_;
};

}  // namespace tl::server::http
