// SPDX-License-Identifier: Apache-2.0
// The key joins with a byte that no header holds.

#include "server/core/classify/agent_reader.hpp"

#include <mutex>

namespace tl::server {
namespace {

constexpr std::size_t kMaxAgents = 4096;  // about 2 MB

std::string key_of(std::string_view text, const ClientHints& hints) {
  std::string key(text);
  for (const auto* hint :
       {&hints.brands, &hints.platform, &hints.platform_version, &hints.mobile}) {
    key += '\n';
    key += *hint;
  }
  return key;
}

}  // namespace

std::shared_ptr<const UserAgent> AgentReader::read(std::string_view text,
                                                   const ClientHints& hints) {
  text = text.substr(0, kMaxAgentBytes);
  const std::string made_key = hints.empty() ? std::string() : key_of(text, hints);
  const std::string_view key = hints.empty() ? text : std::string_view(made_key);
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
  }
  auto made = std::make_shared<const UserAgent>(read_user_agent(text, hints));
  const std::unique_lock lock(mutex_);
  if (known_.size() >= kMaxAgents) known_.clear();
  known_.emplace(std::string(key), made);
  return made;
}

}  // namespace tl::server
