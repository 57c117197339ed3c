// SPDX-License-Identifier: Apache-2.0

#include "server/core/maintenance.hpp"

#include "server/core/local_day.hpp"
#include "server/core/report_calendar.hpp"
#include "server/core/retention.hpp"
#include "server/core/training.hpp"

#include <algorithm>
#include <chrono>

namespace tl::server {
namespace {

constexpr auto kEvery = std::chrono::minutes(1);
constexpr std::uint32_t kExpiredARound = 500;  // of each kind; the intake waits meanwhile
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

Outcome<void> Maintenance::seal_days(std::int64_t now_ms) {
  for (const auto& site : sites_()) {
    const int day =
        add_days(local_day(now_ms, site->timezone), -static_cast<int>(site->seal_after_days) - 1);
    int& sealed = sealed_[site->id];
    if (day <= sealed) continue;
    TL_CHECK(store_.write([&](Tables& tables) -> Outcome<void> {
      TL_TRY(is_new, tables.rollups().seal_days(site->id, day));
      static_cast<void>(is_new);
      return {};
    }));
    sealed = day;
  }
  return {};
}

Outcome<void> Maintenance::train_models(std::int64_t now_ms) {
  for (const auto& site : sites_()) {
    const int yesterday = add_days(local_day(now_ms, site->timezone), -1);
    int& learned = learned_[site->id];
    if (yesterday <= learned) continue;
    TL_CHECK(store_.read([&](Tables& tables) -> Outcome<void> {
      TL_TRY(newest, tables.trainings().newest(site->id));
      for (const auto& model : newest) learned = std::max(learned, model.to_day);
      return {};
    }));
    if (yesterday > learned) {
      const auto done = train(store_, *site, now_ms);
      if (!done.ok()) return done.error();
    }
    learned = yesterday;
  }
  return {};
}

Outcome<void> Maintenance::run_once() {
  const auto now = clock_.now_ms();
  TL_CHECK(seal_days(now));
  TL_CHECK(train_models(now));
  for (const auto& site : sites_())
    TL_CHECK(store_.write([&](Tables& tables) -> Outcome<void> {
      TL_TRY(expired, remove_expired(tables, *site, now, kExpiredARound));
      static_cast<void>(expired);
      return {};
    }));
  return store_.write([now](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.operations().delete_old_rejects(now - kKeepRejectsMs));
    return tables.events().delete_expired_contexts(now);
  });
}

}  // namespace tl::server
