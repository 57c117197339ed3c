// SPDX-License-Identifier: Apache-2.0
// read_user_agent(), remembered: visitors share few user agents. Bounded; when it is full it starts
// over. Thread-safe; a known one costs a hash of its text.
#pragma once

#include "server/core/classify/user_agent.hpp"

#include <functional>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tl::server {

class AgentReader {
 public:
  std::shared_ptr<const UserAgent> read(std::string_view text, const ClientHints& hints);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  std::shared_mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const UserAgent>, Hash, std::equal_to<>> known_;
};

}  // namespace tl::server
