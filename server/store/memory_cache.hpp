// SPDX-License-Identifier: Apache-2.0
// The cache of one process ([cache] url = "memory:"): at most 32 MiB; what expires first goes
// first.
#pragma once

#include "server/core/ports/cache.hpp"

#include <map>
#include <mutex>
#include <string>

namespace tl::server {

class MemoryCache final : public Cache {
 public:
  explicit MemoryCache(std::size_t most_bytes = std::size_t{32} * 1024 * 1024)
      : most_bytes_(most_bytes) {}
  std::optional<std::string> get(const std::string& key, std::int64_t now_ms) override;
  void put(const std::string& key, std::string value, std::int64_t until_ms) override;
  void forget(std::string_view prefix) override;

 private:
  struct Entry {
    std::string value;
    std::int64_t until_ms = 0;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;
  Entries::iterator drop(Entries::iterator entry);

  const std::size_t most_bytes_;
  std::mutex mutex_;
  Entries entries_;
  std::size_t bytes_ = 0;
};

}  // namespace tl::server
