// SPDX-License-Identifier: Apache-2.0

#include "server/core/access/login_throttle.hpp"

#include <algorithm>

namespace tl::server {
namespace {

constexpr int kFreeForAccount = 5, kFreeForAddress = 20;
constexpr std::int64_t kFirstWaitMs = 2'000, kLongestWaitMs = 15 * 60'000, kForgetMs = 3'600'000;
constexpr std::size_t kMaxRemembered = 50'000;

}  // namespace

std::int64_t LoginThrottle::wait_of(const Counts& counts, const std::string& name,
                                    int free_attempts, std::int64_t now_ms) {
  const auto found = counts.find(name);
  if (found == counts.end() || now_ms - found->second.last_ms >= kForgetMs) return 0;
  const int over = found->second.failures - free_attempts;
  if (over < 0) return 0;
  const auto wait = std::min(kFirstWaitMs << std::min(over, 20), kLongestWaitMs);
  return std::max<std::int64_t>(found->second.last_ms + wait - now_ms, 0);
}

void LoginThrottle::add(Counts& counts, const std::string& name, std::int64_t now_ms) {
  if (counts.size() >= kMaxRemembered) {
    std::erase_if(counts,
                  [&](const auto& entry) { return now_ms - entry.second.last_ms >= kForgetMs; });
    if (counts.size() >= kMaxRemembered) counts.clear();
  }
  auto& count = counts[name];
  if (now_ms - count.last_ms >= kForgetMs) count.failures = 0;
  ++count.failures;
  count.last_ms = now_ms;
}

std::int64_t LoginThrottle::take(std::string_view account, std::string_view address,
                                 std::int64_t now_ms) {
  const std::string account_name(account), address_name(address);
  const std::lock_guard lock(mutex_);
  const auto wait = std::max(wait_of(accounts_, account_name, kFreeForAccount, now_ms),
                             wait_of(addresses_, address_name, kFreeForAddress, now_ms));
  if (wait > 0) return wait;
  add(accounts_, account_name, now_ms);
  add(addresses_, address_name, now_ms);
  return 0;
}

void LoginThrottle::succeeded(std::string_view account, std::string_view address) {
  const std::lock_guard lock(mutex_);
  accounts_.erase(std::string(account));
  const auto found = addresses_.find(std::string(address));
  if (found != addresses_.end() && found->second.failures > 0) --found->second.failures;
}

}  // namespace tl::server
