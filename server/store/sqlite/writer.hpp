// SPDX-License-Identifier: Apache-2.0
// The one thread that writes. Group commit: it takes whatever is queued (no linger: a lone work is
// committed at once), opens one transaction, runs the works one after the other, commits once (one
// fsync), and only then wakes the waiters. When a work fails after it has written, the transaction
// is rolled back and the group runs again, now each work in a savepoint of its own: failing is
// rare, and a savepoint makes SQLite copy every page that a work touches. When the commit fails
// every work of the group fails. How many works a group has is bounded by how many threads may call
// run().
#pragma once

#include "server/core/ports/store.hpp"
#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/tables.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace tl::server::sqlite {

class Writer {
 public:
  // Takes over the connection: nobody else may use it until the writer is destroyed.
  Writer(Connection& connection, SqliteTables& tables);
  ~Writer();  // finishes what is queued
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Blocks until the group of this work is on disk. Errors: the work's, unavailable.
  Outcome<void> run(const Store::Work& work);
  // Works that wait for a group to begin.
  [[nodiscard]] std::size_t queued() const;
  // Pages in the write-ahead log since it last started over, after the last commit.
  [[nodiscard]] int log_pages() const { return log_pages_; }
  // Runs `between` between two groups, while nothing is being written; at once when idle. Returns
  // without waiting for it; a request made before the last one was run replaces that.
  void between_groups(void (*between)(Connection&));

 private:
  struct Job {
    const Store::Work* work = nullptr;
    Outcome<void> outcome;
  };
  using Group = std::vector<Job*>;

  void loop();
  void commit_group(const Group& group);
  bool run_plain(const Group& group);
  void run_in_savepoints(const Group& group);
  void ensure_transaction() const;

  Connection& connection_;
  SqliteTables& tables_;
  mutable std::mutex mutex_;
  std::condition_variable has_work_;
  Group queue_;
  std::uint32_t collecting_ = 1;  // number of the group that queue_ will be
  // Number of the last group that is done, one word for even and one for odd numbers: a group's
  // waiters sleep on theirs and are all woken by one system call, those of the next group are not.
  std::array<std::atomic<std::uint32_t>, 2> done_{};
  void (*between_)(Connection&) = nullptr;
  std::atomic<int> log_pages_{0};
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace tl::server::sqlite
