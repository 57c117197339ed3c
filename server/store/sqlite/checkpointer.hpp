// SPDX-License-Identifier: Apache-2.0
// Moves the write-ahead log into the database file on a thread and connection of its own, so that
// no acknowledgement waits for it. PASSIVE while the log is of ordinary size (it stops nobody);
// TRUNCATE, which holds writers up for a moment, when it has grown large.
#pragma once

#include "server/core/outcome.hpp"
#include "server/store/sqlite/connection.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace tl::server::sqlite {

class Checkpointer {
 public:
  // Throws SQLite::Exception.
  explicit Checkpointer(const std::string& path);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

 private:
  void loop();
  void checkpoint();

  std::string wal_path_;
  Connection connection_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace tl::server::sqlite
