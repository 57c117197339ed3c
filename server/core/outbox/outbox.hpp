// SPDX-License-Identifier: Apache-2.0
// The outbox: one lane with its own thread for every site and destination, so that a dead
// destination delays no other. Idle lanes sleep until they are woken or something is due.
#pragma once

#include "server/core/outbox/delivery_lane.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace tl::server {

class Outbox {
 public:
  // Keeps references; everything in `parts` must outlive it.
  explicit Outbox(OutboxParts parts) : parts_(std::move(parts)) {}
  ~Outbox() { stop(); }
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // Opens the lanes of these sites. After a changed configuration: stop(), then start() again.
  void start(const std::vector<std::shared_ptr<const SiteConfig>>& sites);
  // Returns when every lane has settled what it had sent. What waits stays in the store.
  void stop();
  // After a commit that may have enqueued something. Cheap, from any thread; a lost call costs a
  // second.
  void wake();

 private:
  void run(DeliveryLane& lane);
  void housekeep();

  OutboxParts parts_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t wakes_ = 0;  // guarded by mutex_
  bool is_stopping_ = false;
  std::int64_t housekept_ms_ = 0;  // guarded by mutex_
  std::vector<std::unique_ptr<DeliveryLane>> lanes_;
  std::vector<std::thread> threads_;
};

}  // namespace tl::server
