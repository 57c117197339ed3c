// SPDX-License-Identifier: Apache-2.0
// Two windows of ten minutes: an entry lives for one to two of them.

#include "server/core/ingest/recent_pings.hpp"

#include <utility>

namespace tl::server {
namespace {

constexpr std::int64_t kWindowMs = 10 * 60 * 1000;
constexpr std::size_t kMaxPings = 100'000;

std::string key_of(std::string_view site_id, const Id128& page_nonce, std::uint32_t seq) {
  std::string key(reinterpret_cast<const char*>(page_nonce.bytes.data()), page_nonce.bytes.size());
  key += std::to_string(seq);
  key += ':';
  key += site_id;
  return key;
}

}  // namespace

bool RecentPings::add(std::string_view site_id, const Id128& page_nonce, std::uint32_t seq,
                      std::int64_t now_ms) {
  auto key = key_of(site_id, page_nonce, seq);
  const std::lock_guard lock(mutex_);
  if (now_ms - began_ms_ >= kWindowMs || current_.size() >= kMaxPings) {
    previous_ = std::exchange(current_, {});
    if (now_ms - began_ms_ >= 2 * kWindowMs) previous_.clear();
    began_ms_ = now_ms;
  }
  if (previous_.contains(key)) return false;
  return current_.insert(std::move(key)).second;
}

void RecentPings::forget(std::string_view site_id, const Id128& page_nonce, std::uint32_t seq) {
  const auto key = key_of(site_id, page_nonce, seq);
  const std::lock_guard lock(mutex_);
  current_.erase(key);
  previous_.erase(key);
}

}  // namespace tl::server
