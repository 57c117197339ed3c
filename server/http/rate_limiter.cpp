// SPDX-License-Identifier: Apache-2.0
// At r requests in n milliseconds a bucket gains exactly r n-ths of a request per millisecond, so
// counted in n-ths no rounding is lost.

#include "server/http/rate_limiter.hpp"

#include "server/http/client_address.hpp"

#include <algorithm>
#include <functional>
#include <vector>

namespace tl::server::http {
namespace {

std::uint64_t address_key(std::string_view ip) {
  const auto address = IpAddress::parse(ip);
  if (!address) return std::hash<std::string_view>{}(ip);
  const auto& bytes = address->bytes();
  const std::size_t used = address->is_v4() ? 16 : 8;
  return std::hash<std::string_view>{}(
      std::string_view(reinterpret_cast<const char*>(bytes.data()), used));
}

}  // namespace

std::int64_t RateLimiter::take(std::string_view ip, std::int64_t now_ms, std::uint32_t cost) {
  if (count_ == 0) return 0;
  const std::int64_t full = count_ * burst_ms_;
  const auto key = address_key(ip);
  auto& shard = shards_[key % kShards];
  const std::lock_guard lock(shard.mutex);
  auto found = shard.buckets.find(key);
  if (found == shard.buckets.end()) {
    if (shard.buckets.size() >= kMaxAddresses / kShards) make_room(shard, now_ms);
    found = shard.buckets.emplace(key, Bucket{full, now_ms}).first;
  }
  auto& bucket = found->second;
  // A clock that went back gains nothing.
  const auto elapsed_ms = std::clamp<std::int64_t>(now_ms - bucket.seen_ms, 0, burst_ms_);
  bucket.level = std::min(full, bucket.level + elapsed_ms * count_);
  bucket.seen_ms = now_ms;
  const std::int64_t wanted = std::min<std::int64_t>(full, std::int64_t{cost} * per_ms_);
  if (bucket.level >= wanted) {
    bucket.level -= wanted;
    return 0;
  }
  return (wanted - bucket.level + count_ - 1) / count_;
}

void RateLimiter::make_room(Shard& shard, std::int64_t now_ms) const {
  std::erase_if(shard.buckets,
                [&](const auto& entry) { return now_ms - entry.second.seen_ms >= burst_ms_; });
  // Still full of addresses seen just now: drop the older half at once, so that a flood
  // pays for this walk once in a while and not with every request.
  if (shard.buckets.size() < kMaxAddresses / kShards) return;
  std::vector<std::int64_t> times;
  times.reserve(shard.buckets.size());
  for (const auto& [key, bucket] : shard.buckets) times.push_back(bucket.seen_ms);
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  const auto cut = *middle;
  std::size_t to_drop = shard.buckets.size() / 2;
  std::erase_if(shard.buckets, [&](const auto& entry) {
    if (to_drop == 0 || entry.second.seen_ms > cut) return false;
    --to_drop;
    return true;
  });
}

std::size_t RateLimiter::remembered() const {
  std::size_t total = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    total += shard.buckets.size();
  }
  return total;
}

}  // namespace tl::server::http
