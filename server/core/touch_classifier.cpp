// SPDX-License-Identifier: Apache-2.0
// The key joins with a byte that no field holds: decoding turns control characters into blanks.

#include "server/core/touch_classifier.hpp"

#include <memory>
#include <mutex>

namespace tl::server {
namespace {

constexpr std::size_t kMaxTouches = 8192;

std::string key_of(const Touch& touch) {
  std::string key(1, touch.is_internal ? '1' : '0');
  for (std::size_t i = 0; i < touch.click_id_count; ++i)
    key += static_cast<char>(touch.click_ids[i].param);
  for (const auto field :
       {touch.source, touch.medium, touch.campaign, touch.referrer_host, touch.referrer_path}) {
    key += '\x1f';
    key += field;
  }
  return key;
}

}  // namespace

TouchClass TouchClassifier::classify(const Touch& touch) {
  std::string key = key_of(touch);
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
  }
  const auto buffer = std::make_unique_for_overwrite<char[]>(kTouchArenaBytes);
  Out arena(buffer.get(), kTouchArenaBytes);
  const Classification found = tl::classify(touch, all_hosts(), arena);
  TouchClass made{found.channel, std::string(found.source), std::string(found.medium)};
  const std::unique_lock lock(mutex_);
  if (known_.size() >= kMaxTouches) known_.clear();
  known_.emplace(std::move(key), made);
  return made;
}

}  // namespace tl::server
