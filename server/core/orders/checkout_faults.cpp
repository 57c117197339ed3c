// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/checkout_faults.hpp"

#include "server/core/durations.hpp"

namespace tl::server {
namespace {

constexpr std::int64_t kTellEveryMs = 5 * kMinuteMs;

}  // namespace

void CheckoutFaults::failed(const std::string& site_id, const std::string& provider,
                            const ServerError& error, std::int64_t now_ms) {
  CheckoutFault told;
  {
    const std::lock_guard lock(mutex_);
    auto& fault = standing_[{site_id, provider}];
    if (fault.count++ == 0) fault.since_ms = now_ms;
    fault.provider = provider;
    fault.error = error;
    const auto [last, is_first] = told_ms_.try_emplace({site_id, provider, error.code}, now_ms);
    if (!is_first && now_ms - last->second < kTellEveryMs) return;
    last->second = now_ms;
    told = fault;
  }
  if (tell_) tell_(site_id, told);
}

void CheckoutFaults::succeeded(const std::string& site_id, const std::string& provider) {
  const std::lock_guard lock(mutex_);
  standing_.erase({site_id, provider});
}

std::vector<CheckoutFault> CheckoutFaults::of(const std::string& site_id) const {
  const std::lock_guard lock(mutex_);
  std::vector<CheckoutFault> faults;
  for (const auto& [key, fault] : standing_)
    if (key.first == site_id) faults.push_back(fault);
  return faults;
}

}  // namespace tl::server
