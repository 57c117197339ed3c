// SPDX-License-Identifier: Apache-2.0
// What has to happen without anybody asking: what may not be kept any longer goes (rejects after 14
// days, expired session contexts). One thread, once a minute.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace tl::server {

class Maintenance {
 public:
  using Report = std::function<void(const ServerError& error)>;
  // Keeps references to store and clock.
  Maintenance(Store& store, const Clock& clock, Report report)
      : store_(store), clock_(clock), report_(std::move(report)) {}
  ~Maintenance() { stop(); }
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;

  void start();
  void stop();
  // One round of everything. Errors: unavailable.
  Outcome<void> run_once();

 private:
  Store& store_;
  const Clock& clock_;
  Report report_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace tl::server
