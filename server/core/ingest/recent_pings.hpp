// SPDX-License-Identifier: Apache-2.0
// Remembers coarse events by (page nonce, sequence) for at least 10 minutes, in memory only:
// without consent nothing that could tell pages apart is stored. Bounded: when a window is full the
// older one is forgotten early. Thread-safe.
#pragma once

#include "throughline/hash.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

namespace tl::server {

class RecentPings {
 public:
  // true when it was not there yet.
  bool add(std::string_view site_id, const Id128& page_nonce, std::uint32_t seq,
           std::int64_t now_ms);
  // Undoes add(): the store could not keep the event.
  void forget(std::string_view site_id, const Id128& page_nonce, std::uint32_t seq);

 private:
  std::mutex mutex_;
  std::unordered_set<std::string> current_, previous_;
  std::int64_t began_ms_ = 0;
};

}  // namespace tl::server
