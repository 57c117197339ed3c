// SPDX-License-Identifier: Apache-2.0
// Wall clock in UTC milliseconds; entropy from OpenSSL's DRBG (seeded by the kernel).

#include "server/system_sources.hpp"

#include <openssl/rand.h>

#include <chrono>
#include <cstdlib>

namespace tl::server {

std::int64_t SystemClock::now_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void SystemEntropy::fill(std::uint8_t* bytes, std::size_t count) {
  if (RAND_bytes(bytes, static_cast<int>(count)) != 1) std::abort();
}

}  // namespace tl::server
