// SPDX-License-Identifier: Apache-2.0
// Moves the write-ahead log into the database file on a thread and connection of its own, so that
// no acknowledgement waits for it. A checkpoint beside the writer never ends up with an empty log,
// for the writer has gone on meanwhile; so when only a little is left the writer itself copies that
// between two groups, and then starts the log over at its beginning. The log stays small, which
// keeps reading quick, and its blocks are written again instead of new ones.
#pragma once

#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/writer.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace tl::server::sqlite {

class Checkpointer {
 public:
  // The writer is used until the checkpointer is destroyed. Throws SQLite::Exception.
  Checkpointer(const std::string& path, Writer& writer);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

 private:
  void loop();
  void checkpoint();

  Connection connection_;
  Writer& writer_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace tl::server::sqlite
