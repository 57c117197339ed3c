// SPDX-License-Identifier: Apache-2.0
// Slows down guessing: failed logins are counted for each account name (known or not) and for each
// address; the sixth for an account and the twenty-first from an address wait, twice as long with
// every further one, 15 minutes at most. A success clears the account's count, never the address's;
// a quiet hour clears both. In memory, bounded. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tl::server {

class LoginThrottle {
 public:
  // 0 when this attempt may go on, and then it counts as failed until succeeded() says otherwise;
  // else how long to wait.
  std::int64_t take(std::string_view account, std::string_view address, std::int64_t now_ms);
  void succeeded(std::string_view account, std::string_view address);

 private:
  struct Count {
    int failures = 0;
    std::int64_t last_ms = 0;
  };
  using Counts = std::unordered_map<std::string, Count>;
  static std::int64_t wait_of(const Counts& counts, const std::string& name, int free_attempts,
                              std::int64_t now_ms);
  static void add(Counts& counts, const std::string& name, std::int64_t now_ms);

  std::mutex mutex_;
  Counts accounts_, addresses_;
};

}  // namespace tl::server
