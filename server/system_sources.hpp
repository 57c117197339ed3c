// SPDX-License-Identifier: Apache-2.0
// The real clock and entropy, made once in App. Tests bring their own.
#pragma once

#include "server/core/clock.hpp"

namespace tl::server {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ms() const override;
};

// OpenSSL's generator. Aborts the process when the system gives no randomness: nothing may go on
// with guessable ids and nonces.
class SystemEntropy final : public Entropy {
 public:
  void fill(std::uint8_t* bytes, std::size_t count) override;
};

}  // namespace tl::server
