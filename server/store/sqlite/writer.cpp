// SPDX-License-Identifier: Apache-2.0
// A group is bounded, so that one commit stays short and the first waiter is not held up by the
// last one.

#include "server/store/sqlite/writer.hpp"

#include <algorithm>

namespace tl::server::sqlite {
namespace {

constexpr std::size_t kMaxGroup = 512;

}  // namespace

Writer::Writer(Connection& connection, SqliteTables& tables)
    : connection_(connection), tables_(tables), thread_([this] { loop(); }) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  has_work_.notify_one();
  thread_.join();
}

Outcome<void> Writer::run(const Store::Work& work) {
  Job job;
  job.work = &work;
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_)
      return fail(ErrorKind::unavailable, "store_unavailable",
                  "the server is shutting down; send it again later");
    queue_.push_back(&job);
  }
  has_work_.notify_one();
  std::unique_lock lock(job.mutex);
  job.done.wait(lock, [&] { return job.is_done; });
  return job.outcome;
}

void Writer::loop() {
  std::vector<Job*> group;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      has_work_.wait(lock, [&] { return !queue_.empty() || is_stopping_; });
      if (queue_.empty()) return;
      const auto end =
          queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), kMaxGroup));
      group.assign(queue_.begin(), end);
      queue_.erase(queue_.begin(), end);
    }
    commit_group(group);
    wake(group);
  }
}

void Writer::commit_group(const std::vector<Job*>& group) {
  const auto committed = attempt([&] {
    connection_.query("BEGIN IMMEDIATE").run();
    for (Job* job : group) {
      run_one(*job);
      // Disk full and I/O errors roll the whole transaction back: nobody of the group may be told
      // otherwise, and nothing may run outside of a transaction.
      if (!connection_.is_in_transaction())
        throw SQLite::Exception("the transaction was rolled back");
    }
    connection_.query("COMMIT").run();
  });
  if (committed.ok()) return;
  if (connection_.is_in_transaction()) (void)attempt([&] { connection_.query("ROLLBACK").run(); });
  for (Job* job : group) job->outcome = committed.error();
}

void Writer::run_one(Job& job) {
  connection_.query("SAVEPOINT work").run();
  job.outcome = (*job.work)(tables_);
  if (!job.outcome.ok() && connection_.is_in_transaction())
    connection_.query("ROLLBACK TO work").run();
  if (connection_.is_in_transaction()) connection_.query("RELEASE work").run();
}

void Writer::wake(const std::vector<Job*>& group) {
  for (Job* job : group) {
    // Notified under the lock: the job lives on the waiter's stack and is gone once it is unlocked.
    const std::lock_guard lock(job->mutex);
    job->is_done = true;
    job->done.notify_one();
  }
}

}  // namespace tl::server::sqlite
