// SPDX-License-Identifier: Apache-2.0
// The one thread that writes. Group commit: it takes whatever is queued (no linger: a lone work is
// committed at once), opens one transaction, runs each work in its own savepoint, commits once (one
// fsync), and only then wakes the waiters. A work that fails is rolled back alone; when the commit
// fails every work of the group fails.
#pragma once

#include "server/core/ports/store.hpp"
#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/tables.hpp"

#include <condition_variable>
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

 private:
  struct Job {
    const Store::Work* work = nullptr;
    Outcome<void> outcome;
    bool is_done = false;
    std::mutex mutex;
    std::condition_variable done;
  };

  void loop();
  void commit_group(const std::vector<Job*>& group);
  void run_one(Job& job);
  static void wake(const std::vector<Job*>& group);

  Connection& connection_;
  SqliteTables& tables_;
  std::mutex mutex_;
  std::condition_variable has_work_;
  std::vector<Job*> queue_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace tl::server::sqlite
