// SPDX-License-Identifier: Apache-2.0
// What has to happen without anybody asking: what may not be kept any longer goes (rejects after 14
// days, expired session contexts, and by the site's rules: retention.hpp), days of reports are
// published (site.seal_after_days), what only the process knows is written, the store's files
// forget what was withdrawn or removed since the last time, and every night the models learn from
// the day that has ended. Once a day nobody is left of whom contacts may not be kept. One thread,
// once a minute.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/privacy/erasure.hpp"

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tl::server {

class Maintenance {
 public:
  using Sites = std::function<std::vector<std::shared_ptr<const SiteConfig>>()>;
  using Report = std::function<void(const ServerError& error)>;
  // Keeps the references. `write_waiting`: what other parts left for a quiet moment.
  Maintenance(const ErasureServices& services, Sites sites, Report report,
              std::function<void()> write_waiting = {})
      : services_(services),
        store_(services.store),
        clock_(services.clock),
        sites_(std::move(sites)),
        report_(std::move(report)),
        write_waiting_(std::move(write_waiting)) {}
  ~Maintenance() { stop(); }
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;

  void start();
  void request_stop();  // breaks off what takes long, between two of its transactions
  void stop();          // the same, and waits until it has
  // One round of everything. Errors: unavailable.
  Outcome<void> run_once();

 private:
  Outcome<void> seal_days(std::int64_t now_ms);
  Outcome<void> train_models(std::int64_t now_ms);
  Outcome<void> clear_people(std::int64_t now_ms);

  ErasureServices services_;
  Store& store_;
  const Clock& clock_;
  Sites sites_;
  Report report_;
  std::function<void()> write_waiting_;
  std::map<std::string, int> sealed_;   // what this process has sealed already
  std::map<std::string, int> learned_;  // and the last day that models have learned from
  std::map<std::string, int> cleared_;  // the day on which nobody was left to be forgotten
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace tl::server
