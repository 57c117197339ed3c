// SPDX-License-Identifier: Apache-2.0
#include "server/http/unread_tally.hpp"

namespace tl::server::http {

void UnreadTally::add(const std::string& site_id, const std::string& counter) {
  {
    const std::lock_guard lock(mutex_);
    ++waiting_[{site_id, counter}];
  }
  write();
}

void UnreadTally::write() {
  Counts counts;
  {
    const std::lock_guard lock(mutex_);
    if (is_writing_ || waiting_.empty()) return;
    is_writing_ = true;
    counts.swap(waiting_);
  }
  const auto written = store_.write([&](Tables& tables) -> Outcome<void> {
    for (const auto& [name, count] : counts)
      TL_CHECK(tables.operations().count(name.first, name.second, count));
    return {};
  });
  const std::lock_guard lock(mutex_);
  is_writing_ = false;
  if (!written.ok())
    for (const auto& [name, count] : counts) waiting_[name] += count;
}

std::function<void(const Request&, const ServerError&)> UnreadTally::counting(std::string counter) {
  return [this, counter = std::move(counter)](const Request&, const ServerError&) {
    add("", counter);
  };
}

}  // namespace tl::server::http
