// SPDX-License-Identifier: Apache-2.0
// What has to happen without anybody asking: idle sessions end, what may not be kept any longer
// goes (rejects after 14 days, expired session contexts). One thread, once a minute, a bounded
// piece of work per store write so that it never holds up the intake.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace tl::server {

class Maintenance {
 public:
  using Sites = std::function<std::vector<std::shared_ptr<const SiteConfig>>()>;
  using Report = std::function<void(const ServerError& error)>;
  // Keeps references to store and clock.
  Maintenance(Store& store, const Clock& clock, Sites sites, Report report)
      : store_(store), clock_(clock), sites_(std::move(sites)), report_(std::move(report)) {}
  ~Maintenance() { stop(); }
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;

  void start();
  void stop();
  // One round of everything. Errors: unavailable.
  Outcome<void> run_once();

 private:
  Outcome<void> close_idle_sessions(const SiteConfig& site);

  Store& store_;
  const Clock& clock_;
  Sites sites_;
  Report report_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace tl::server
