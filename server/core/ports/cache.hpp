// SPDX-License-Identifier: Apache-2.0
// What may be lost: answers that are costly to make and may be a minute old. Keys begin with the
// site's id and a slash. Implementations are thread-safe and bounded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

class Cache {
 public:
  virtual ~Cache() = default;
  virtual std::optional<std::string> get(const std::string& key, std::int64_t now_ms) = 0;
  virtual void put(const std::string& key, std::string value, std::int64_t until_ms) = 0;
  // Everything whose key begins so.
  virtual void forget(std::string_view prefix) = 0;
};

}  // namespace tl::server
