// SPDX-License-Identifier: Apache-2.0
// Time and entropy as interfaces: the real ones are made in main, tests bring their own.
#pragma once

#include "throughline/hash.hpp"

#include <cstddef>
#include <cstdint>

namespace tl::server {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::int64_t now_ms() const = 0;  // UTC, wall clock
};

class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual void fill(std::uint8_t* bytes, std::size_t count) = 0;  // cryptographic
  Id128 id() {
    Id128 fresh;
    fill(fresh.bytes.data(), fresh.bytes.size());
    return fresh;
  }
};

}  // namespace tl::server
