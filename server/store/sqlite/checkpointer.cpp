// SPDX-License-Identifier: Apache-2.0
// sqlite.org/wal.html and c3ref/wal_checkpoint_v2.html: PASSIVE copies what readers permit; once
// everything is copied the next writer starts the log over.

#include "server/store/sqlite/checkpointer.hpp"

#include <sqlite3.h>

#include <chrono>
#include <filesystem>
#include <system_error>

namespace tl::server::sqlite {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(200);
constexpr std::uintmax_t kWorthwhileBytes = 4 * 1024 * 1024;
constexpr std::uintmax_t kLargeBytes = 64 * 1024 * 1024;

}  // namespace

Checkpointer::Checkpointer(const std::string& path)
    : wal_path_(path + "-wal"),
      connection_(path, Connection::Use::writing),
      thread_([this] { loop(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stop_.notify_one();
  thread_.join();
}

void Checkpointer::loop() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, kInterval, [&] { return is_stopping_; })) {
    lock.unlock();
    checkpoint();
    lock.lock();
  }
}

void Checkpointer::checkpoint() {
  std::error_code missing;
  const std::uintmax_t bytes = std::filesystem::file_size(wal_path_, missing);
  if (missing || bytes < kWorthwhileBytes) return;
  sqlite3* database = connection_.database().getHandle();
  // Failures (busy, disk) leave the log as it is; the next round tries again.
  sqlite3_wal_checkpoint_v2(database, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (bytes >= kLargeBytes)
    sqlite3_wal_checkpoint_v2(database, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
}

}  // namespace tl::server::sqlite
