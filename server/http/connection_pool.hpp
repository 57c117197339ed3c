// SPDX-License-Identifier: Apache-2.0
// Threads for connections, one each. As many as connections are allowed, made when first needed and
// kept, so no request ever waits behind an idle connection. Stacks are small: 2,048 idle threads
// cost address space, hardly memory. When 75 % of them are taken, each new connection ends the one
// that has been idle longest; while connections wait for a thread, so does every one that falls
// idle.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <pthread.h>
#include <vector>

namespace tl::server::http {

// Connections between two requests. Waiting ends at once when end_all() or end_oldest() picks one.
class IdleConnections {
 public:
  // RAII: idle from construction to destruction. Not idle at all (is_closing()) once end_all() was
  // called.
  class Stay {
   public:
    Stay(IdleConnections& owner, int descriptor);
    ~Stay();
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;
    [[nodiscard]] bool is_closing() const { return is_closing_; }

   private:
    IdleConnections& owner_;
    std::list<int>::iterator place_;
    bool is_closing_;
  };
  void end_oldest();
  void end_all();  // and every later one
  [[nodiscard]] std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::list<int> descriptors_;  // oldest first
  bool is_closing_ = false;
};

class ConnectionPool {
 public:
  ConnectionPool(std::size_t limit, IdleConnections& idle);
  ~ConnectionPool();
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  // false: the limit is reached and so is the short queue for threads that are about to be free.
  bool enqueue(std::function<void()> work);
  // Finishes what is queued and running, then joins.
  void shutdown();

  [[nodiscard]] std::size_t open() const { return open_.load(); }
  [[nodiscard]] std::uint64_t refused() const { return refused_.load(); }
  [[nodiscard]] std::uint64_t cut() const { return cut_.load(); }
  // Connections wait and no further thread may be made for them.
  [[nodiscard]] bool is_starved() const { return waiting_.load() > 0 && made_.load() >= limit_; }
  [[nodiscard]] bool is_busy() const { return open_.load() * 4 >= limit_ * 3; }

 private:
  static void* run(void* self);
  void serve();
  bool start_thread();

  const std::size_t limit_;
  IdleConnections& idle_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  std::vector<pthread_t> threads_;
  std::size_t free_threads_ = 0;
  bool is_stopping_ = false;
  std::atomic<std::size_t> open_{0}, waiting_{0}, made_{0};
  std::atomic<std::uint64_t> refused_{0}, cut_{0};
};

}  // namespace tl::server::http
