// SPDX-License-Identifier: Apache-2.0
// The key joins with a byte that no field holds: decoding turns control characters into blanks.

#include "server/core/classify/touch_classifier.hpp"

#include <memory>
#include <mutex>

namespace tl::server {
namespace {

constexpr std::size_t kMaxTouches = 8192;

// The binding names every member: one that joins ChannelEvidence does not compile without its place
// here.
std::string key_of(const ChannelEvidence& evidence) {
  const auto& [source, medium, campaign, referrer_host, referrer_path, clicks, click_count,
               is_internal, has_page] = evidence;
  std::string key{is_internal ? '1' : '0', has_page ? '1' : '0'};
  for (std::size_t i = 0; i < click_count; ++i) key += static_cast<char>(clicks[i]);
  for (const auto field : {source, medium, campaign, referrer_host, referrer_path}) {
    key += '\x1f';
    key += field;
  }
  return key;
}

}  // namespace

TouchClass TouchClassifier::classify(const Touch& touch) {
  const ChannelEvidence evidence(touch);
  std::string key = key_of(evidence);
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
  }
  const auto buffer = std::make_unique_for_overwrite<char[]>(kTouchArenaBytes);
  Out arena(buffer.get(), kTouchArenaBytes);
  const Classification found = tl::classify(evidence, all_hosts(), arena);
  TouchClass made{found.channel, std::string(found.source), std::string(found.medium)};
  const std::unique_lock lock(mutex_);
  if (known_.size() >= kMaxTouches) known_.clear();
  known_.emplace(std::move(key), made);
  return made;
}

}  // namespace tl::server
