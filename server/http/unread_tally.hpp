// SPDX-License-Identifier: Apache-2.0
// Counts evidence that was refused without being read, or that names nothing here. A flood of it
// must not wait for the disk: whoever comes while a count is written only adds to the next one.
#pragma once

#include "server/core/ports/store.hpp"
#include "server/http/exchange.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace tl::server::http {

// Thread-safe. What is not written at once is written with what comes next, with /metrics, with the
// next round of maintenance or in the end.
class UnreadTally {
 public:
  explicit UnreadTally(Store& store) : store_(store) {}
  ~UnreadTally() { write(); }
  UnreadTally(const UnreadTally&) = delete;
  UnreadTally& operator=(const UnreadTally&) = delete;

  // `counter`: its name in the store, of that site; "": of none.
  void add(const std::string& site_id, const std::string& counter);
  // One write at most, none while another thread writes: so no caller waits as long as others add.
  void write();
  // A route's keep_unread that counts alone, of no site. Borrows this.
  std::function<void(const Request&, const ServerError&)> counting(std::string counter);

 private:
  using Counts = std::map<std::pair<std::string, std::string>, std::int64_t>;

  Store& store_;
  std::mutex mutex_;  // of all that follows
  Counts waiting_;
  bool is_writing_ = false;
};

}  // namespace tl::server::http
