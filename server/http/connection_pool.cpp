// SPDX-License-Identifier: Apache-2.0
// An idle connection is ended by shutting down its reading side: its thread wakes from poll() and
// reads the end of the stream, exactly as if the peer had closed.

#include "server/http/connection_pool.hpp"

#include <algorithm>
#include <sys/socket.h>

namespace tl::server::http {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kStackBytes =
    4 * 1024 * 1024;  // instrumented frames are several times larger
#else
constexpr std::size_t kStackBytes =
    512 * 1024;  // committed by the page, a handler uses some 30 KiB
#endif
constexpr std::size_t kQueueBeyondLimit = 64;

}  // namespace

IdleConnections::Stay::Stay(IdleConnections& owner, int descriptor) : owner_(owner) {
  const std::lock_guard lock(owner_.mutex_);
  place_ = owner_.descriptors_.insert(owner_.descriptors_.end(), descriptor);
  is_closing_ = owner_.is_closing_;
}

IdleConnections::Stay::~Stay() {
  const std::lock_guard lock(owner_.mutex_);
  owner_.descriptors_.erase(place_);
}

void IdleConnections::end_oldest() {
  const std::lock_guard lock(mutex_);
  if (descriptors_.empty()) return;
  ::shutdown(descriptors_.front(), SHUT_RD);
  // To the back, so that the next call picks another one even if this one's thread is slow to wake.
  descriptors_.splice(descriptors_.end(), descriptors_, descriptors_.begin());
}

void IdleConnections::end_all() {
  const std::lock_guard lock(mutex_);
  is_closing_ = true;
  for (const int descriptor : descriptors_) ::shutdown(descriptor, SHUT_RD);
}

std::size_t IdleConnections::size() const {
  const std::lock_guard lock(mutex_);
  return descriptors_.size();
}

ConnectionPool::ConnectionPool(std::size_t limit, IdleConnections& idle)
    : limit_(std::max<std::size_t>(limit, 1)), idle_(idle) {}

ConnectionPool::~ConnectionPool() {
  shutdown();
}

bool ConnectionPool::start_thread() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_t thread{};
  const bool started = pthread_create(&thread, &attributes, &ConnectionPool::run, this) == 0;
  pthread_attr_destroy(&attributes);
  if (started) {
    threads_.push_back(thread);
    made_.fetch_add(1);
  }
  return started;
}

bool ConnectionPool::enqueue(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= free_threads_ && threads_.size() < limit_ && !is_stopping_) start_thread();
    const bool has_thread = !threads_.empty();
    if (is_stopping_ || !has_thread || open_.load() >= limit_ + kQueueBeyondLimit) {
      refused_.fetch_add(1);
      return false;
    }
    queue_.push_back(std::move(work));
    waiting_.fetch_add(1);
    open_.fetch_add(1);
  }
  wake_.notify_one();
  if (is_busy()) {
    cut_.fetch_add(1);
    idle_.end_oldest();
  }
  return true;
}

void* ConnectionPool::run(void* self) {
  static_cast<ConnectionPool*>(self)->serve();
  return nullptr;
}

void ConnectionPool::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++free_threads_;
    wake_.wait(lock, [this] { return !queue_.empty() || is_stopping_; });
    --free_threads_;
    if (queue_.empty()) return;
    auto work = std::move(queue_.front());
    queue_.pop_front();
    waiting_.fetch_sub(1);
    lock.unlock();
    work();
    work = nullptr;
    open_.fetch_sub(1);
    lock.lock();
  }
}

void ConnectionPool::shutdown() {
  std::vector<pthread_t> threads;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    threads.swap(threads_);
  }
  wake_.notify_all();
  for (const auto thread : threads) pthread_join(thread, nullptr);
}

}  // namespace tl::server::http
