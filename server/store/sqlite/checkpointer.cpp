// SPDX-License-Identifier: Apache-2.0
// sqlite.org/wal.html and c3ref/wal_checkpoint_v2.html: PASSIVE copies what readers permit and
// stops nobody; once everything is copied the next writer starts the log over.

#include "server/store/sqlite/checkpointer.hpp"

#include <sqlite3.h>

#include <chrono>

namespace tl::server::sqlite {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(50);
constexpr int kWorthwhilePages = 2048;  // 8 MiB
constexpr int kLittlePages = 512;       // what the writer may be held up for
constexpr int kMostPages = 8192;        // 32 MiB: from here on it is held up for what is left
constexpr int kRounds = 4;

// How many pages of the log are in the database now. Failures (busy, disk) leave the log as it is.
int copy_log(Connection& connection) {
  int pages = 0, copied = 0;
  sqlite3_wal_checkpoint_v2(connection.database().getHandle(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                            &pages, &copied);
  return copied;
}

}  // namespace

Checkpointer::Checkpointer(const std::string& path, Writer& writer)
    : connection_(path, Connection::Use::writing), writer_(writer), thread_([this] { loop(); }) {}

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

// Each round copies what was written during the one before, so what is left shrinks, unless the
// writer is quicker than the copying.
void Checkpointer::checkpoint() {
  if (writer_.log_pages() < kWorthwhilePages) return;
  for (int round = 0; round < kRounds; ++round) {
    const int copied = copy_log(connection_), pages = writer_.log_pages();
    if (pages - copied > kLittlePages && pages < kMostPages) continue;
    writer_.between_groups([](Connection& connection) { copy_log(connection); });
    return;
  }
}

}  // namespace tl::server::sqlite
