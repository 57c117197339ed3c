// SPDX-License-Identifier: Apache-2.0
// Counts evidence that was refused before its body was read, and so is no site's. A flood of it
// must not wait for the disk: whoever comes while a count is written only adds to the next one.
#pragma once

#include "server/core/ports/store.hpp"
#include "server/http/exchange.hpp"

#include <atomic>
#include <cstdint>
#include <string>

namespace tl::server::http {

// Thread-safe. What could not be written is written with what comes next.
class UnreadTally {
 public:
  // `counter`: its name in the store, of no site.
  UnreadTally(Store& store, std::string counter) : store_(store), counter_(std::move(counter)) {}
  void add();

 private:
  Store& store_;
  std::string counter_;
  std::atomic<std::int64_t> waiting_{0};
  std::atomic<bool> is_writing_{false};
};

// A route's keep_unread that counts alone.
std::function<void(const Request&, const ServerError&)> count_unread(Store& store,
                                                                     std::string counter);

}  // namespace tl::server::http
