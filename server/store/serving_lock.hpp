// SPDX-License-Identifier: Apache-2.0
// One serving process a store: two would send each other's deliveries by their own configuration.
// Commands such as rebuild and audit may run beside the server; they do not take it.
#pragma once

#include "server/core/outcome.hpp"

#include <string_view>
#include <utility>

namespace tl::server {

// Held while it lives; the system lets go of it when the process ends, however it ends.
class ServingLock {
 public:
  ServingLock() = default;  // holds nothing
  // Errors: conflict (store_in_use) while another server serves from the store, unavailable
  // (store_unavailable) when the lock's file, PATH.serving beside the database, cannot be made.
  static Outcome<ServingLock> take(std::string_view store_url);
  ServingLock(ServingLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ServingLock& operator=(ServingLock&&) = delete;
  ~ServingLock();

 private:
  explicit ServingLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace tl::server
