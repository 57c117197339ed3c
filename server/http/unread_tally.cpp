// SPDX-License-Identifier: Apache-2.0
#include "server/http/unread_tally.hpp"

#include <memory>
#include <utility>

namespace tl::server::http {

void UnreadTally::add() {
  waiting_.fetch_add(1);
  // Again after writing: others may have added while nobody but this thread would write.
  while (waiting_.load() > 0 && !is_writing_.exchange(true)) {
    const auto count = waiting_.exchange(0);
    const auto written = store_.write(
        [&](Tables& tables) { return tables.operations().count("", counter_, count); });
    if (!written.ok()) waiting_.fetch_add(count);
    is_writing_.store(false);
    if (!written.ok()) return;
  }
}

std::function<void(const Request&, const ServerError&)> count_unread(Store& store,
                                                                     std::string counter) {
  return [tally = std::make_shared<UnreadTally>(store, std::move(counter))](
             const Request&, const ServerError&) { tally->add(); };
}

}  // namespace tl::server::http
