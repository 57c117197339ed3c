// SPDX-License-Identifier: Apache-2.0
// A session that saw no event for the site's timeout ended with its last one. Where the page said
// goodbye (page_leave) or a purchase ended it, that stands already.

#include "server/core/maintenance.hpp"

#include <chrono>

namespace tl::server {
namespace {

constexpr auto kEvery = std::chrono::minutes(1);
constexpr std::uint32_t kSessionsPerWrite = 500;
constexpr std::int64_t kKeepRejectsMs = 14LL * 24 * 3600 * 1000;

}  // namespace

void Maintenance::start() {
  is_stopping_ = false;
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!is_stopping_) {
      lock.unlock();
      if (const auto done = run_once(); !done.ok() && report_) report_(done.error());
      lock.lock();
      changed_.wait_for(lock, kEvery, [this] { return is_stopping_; });
    }
  });
}

void Maintenance::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Outcome<void> Maintenance::close_idle_sessions(const SiteConfig& site) {
  const auto idle_before_ms = clock_.now_ms() - site.session.timeout_ms;
  for (std::size_t closed = kSessionsPerWrite; closed == kSessionsPerWrite;) {
    closed = 0;
    const auto closed_some = store_.write([&](Tables& tables) -> Outcome<void> {
      TL_TRY(sessions, tables.events().idle_sessions(site.id, idle_before_ms, kSessionsPerWrite));
      for (auto& session : sessions) {
        session.ended_ms = session.last_ms;
        session.end_reason = "timeout";
        TL_CHECK(tables.events().put_session(session));
      }
      closed = sessions.size();
      return {};
    });
    if (!closed_some.ok()) return closed_some.error();
  }
  return {};
}

Outcome<void> Maintenance::run_once() {
  for (const auto& site : sites_()) TL_CHECK(close_idle_sessions(*site));
  const auto now = clock_.now_ms();
  return store_.write([now](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.operations().delete_old_rejects(now - kKeepRejectsMs));
    return tables.events().delete_expired_contexts(now);
  });
}

}  // namespace tl::server
