// SPDX-License-Identifier: Apache-2.0
#include "server/core/outbox/outbox.hpp"

#include "server/core/outbox/delivery_schedule.hpp"

#include <algorithm>
#include <chrono>

namespace tl::server {
namespace {

// Without a wake a lane looks once a second; with the store out of order it waits as long.
constexpr std::int64_t kIdleLookMs = kSecondMs;
constexpr std::int64_t kBodyLifeMs = 7 * kDayMs;

}  // namespace

void Outbox::start(const std::vector<std::shared_ptr<const SiteConfig>>& sites) {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = false;
  }
  for (const auto& site : sites)
    for (const auto& destination : site->destinations)
      lanes_.push_back(std::make_unique<DeliveryLane>(parts_, site->id, destination.name));
  for (auto& lane : lanes_) threads_.emplace_back([this, &lane = *lane] { run(lane); });
}

void Outbox::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  lanes_.clear();
}

void Outbox::wake() {
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  changed_.notify_all();
}

void Outbox::run(DeliveryLane& lane) {
  bool store_fails = false;
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    const std::uint64_t seen = wakes_;
    lock.unlock();
    const auto round = lane.run_once();
    housekeep();
    lock.lock();
    if (round.ok() && round.value().did_work) continue;

    if (!round.ok() && !store_fails && parts_.report)
      parts_.report("store_unavailable", lane.name(), round.error().detail);
    store_fails = !round.ok();
    std::int64_t wait_ms = kIdleLookMs;
    if (round.ok() && round.value().next_ms)
      wait_ms =
          std::clamp<std::int64_t>(*round.value().next_ms - parts_.clock.now_ms(), 1, wait_ms);
    // A failing store is not asked more often because somebody else writes to it.
    changed_.wait_for(lock, std::chrono::milliseconds(wait_ms),
                      [&] { return is_stopping_ || (!store_fails && wakes_ != seen); });
  }
}

// Once an hour, by whichever lane comes first.
void Outbox::housekeep() {
  const std::int64_t now = parts_.clock.now_ms();
  {
    const std::lock_guard lock(mutex_);
    if (now - housekept_ms_ < kHourMs) return;
    housekept_ms_ = now;
  }
  const auto scrubbed = parts_.store.write(
      [&](Tables& tables) { return tables.outbox().scrub_old_bodies(now - kBodyLifeMs); });
  if (!scrubbed.ok() && parts_.report)
    parts_.report("store_unavailable", "housekeeping", scrubbed.error().detail);
}

}  // namespace tl::server
