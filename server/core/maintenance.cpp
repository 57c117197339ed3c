// SPDX-License-Identifier: Apache-2.0

#include "server/core/maintenance.hpp"

#include "server/core/attribution/trained_splits.hpp"
#include "server/core/attribution/training.hpp"
#include "server/core/privacy/expired_people.hpp"
#include "server/core/privacy/retention.hpp"
#include "server/core/reports/local_day.hpp"
#include "server/core/reports/report_calendar.hpp"

#include <algorithm>
#include <chrono>

namespace tl::server {
namespace {

constexpr auto kEvery = std::chrono::minutes(1);
// Of each kind; the intake waits during a write and gets its turn between them.
constexpr std::uint32_t kExpiredAWrite = 50;
constexpr int kExpiredWritesARound = 10;
constexpr std::size_t kPeopleARound = 50;  // in one write
constexpr std::int64_t kKeepRejectsMs = 14LL * 24 * 3600 * 1000;

}  // namespace

void Maintenance::start() {
  stop_ = std::stop_source();
  thread_ = std::thread([this, stop = stop_.get_token()] {
    while (!stop.stop_requested()) {
      const auto done = run_once();
      if (stop.stop_requested()) return;  // what it broke off is no failure
      if (!done.ok() && report_) report_(done.error());
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, kEvery, [] { return false; });
    }
  });
}

void Maintenance::request_stop() {
  stop_.request_stop();
}

void Maintenance::stop() {
  request_stop();
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
    if (yesterday <= learned_[site->id]) continue;
    int learned = 0;
    TL_CHECK(store_.read([&](Tables& tables) -> Outcome<void> {
      TL_TRY(newest, tables.trainings().newest(site->id));
      for (const auto& model : newest) learned = std::max(learned, model.to_day);
      return {};
    }));
    if (yesterday > learned) {
      TL_TRY(trained, train(store_, *site, now_ms, stop_.get_token()));
      static_cast<void>(trained);
    } else {  // of the last run, which may have been stopped in the middle
      TL_TRY(split, finish_splits(store_, *site, stop_.get_token()));
      static_cast<void>(split);
    }
    learned_[site->id] = yesterday;
  }
  return {};
}

Outcome<void> Maintenance::clear_people(std::int64_t now_ms) {
  for (const auto& site : sites_()) {
    const int day = local_day(now_ms, site->timezone);
    if (cleared_[site->id] == day || stop_.stop_requested()) continue;
    TL_TRY(cleared, remove_expired_people(services_, *site, now_ms, kPeopleARound));
    if (cleared.is_done) cleared_[site->id] = day;
  }
  return {};
}

Outcome<void> Maintenance::run_once() {
  const auto now = clock_.now_ms();
  if (write_waiting_) write_waiting_();
  TL_CHECK(seal_days(now));
  TL_CHECK(train_models(now));
  for (const auto& site : sites_()) {
    bool is_done = false;
    for (int i = 0; !is_done && i < kExpiredWritesARound && !stop_.stop_requested(); ++i)
      TL_CHECK(store_.write([&](Tables& tables) -> Outcome<void> {
        TL_TRY(expired, remove_expired(tables, *site, now, kExpiredAWrite));
        is_done = std::all_of(expired.begin(), expired.end(),
                              [](const auto& kind) { return kind.rows < kExpiredAWrite; });
        return {};
      }));
  }
  TL_CHECK(store_.write([now](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.operations().delete_old_rejects(now - kKeepRejectsMs));
    return tables.events().delete_expired_contexts(now);
  }));
  TL_CHECK(clear_people(now));
  return store_.forget_if_asked();
}

}  // namespace tl::server
