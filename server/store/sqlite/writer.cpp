// SPDX-License-Identifier: Apache-2.0
// A job lives on its waiter's stack: the writer has set everything in it before it announces the
// group, and does not look at it again.

#include "server/store/sqlite/writer.hpp"

#include <climits>
#include <sqlite3.h>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace tl::server::sqlite {
namespace {

// std::atomic::wait() first yields a few times, which costs more than the sleep: a commit takes
// long.
void sleep_while(std::atomic<std::uint32_t>& word, std::uint32_t value) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}
void wake_all(std::atomic<std::uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}
static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

}  // namespace

Writer::Writer(Connection& connection, SqliteTables& tables)
    : connection_(connection), tables_(tables) {
  const auto keep_pages = [](void* pages, sqlite3*, const char*, int count) {
    *static_cast<std::atomic<int>*>(pages) = count;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(connection_.database().getHandle(), keep_pages, &log_pages_);
  thread_ = std::thread([this] { loop(); });
}

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
  std::uint32_t number = 0;
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_)
      return fail(ErrorKind::unavailable, "store_unavailable",
                  "the server is shutting down; send it again later");
    is_first = queue_.empty();
    queue_.push_back(&job);
    number = collecting_;
  }
  if (is_first) has_work_.notify_one();
  // Numbers only grow: who wakes up late and finds a later group's knows as well.
  std::atomic<std::uint32_t>& done = done_[number % 2];
  for (std::uint32_t seen = done.load(std::memory_order_acquire);
       static_cast<std::int32_t>(seen - number) < 0; seen = done.load(std::memory_order_acquire))
    sleep_while(done, seen);
  return std::move(job.outcome);
}

std::size_t Writer::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Writer::between_groups(void (*between)(Connection&)) {
  {
    const std::lock_guard lock(mutex_);
    between_ = between;
  }
  has_work_.notify_one();
}

void Writer::loop() {
  Group group;
  for (;;) {
    void (*between)(Connection&) = nullptr;
    std::uint32_t number = 0;
    group.clear();
    {
      std::unique_lock lock(mutex_);
      has_work_.wait(lock, [&] { return !queue_.empty() || between_ != nullptr || is_stopping_; });
      between = std::exchange(between_, nullptr);
      if (!queue_.empty()) {
        group.swap(queue_);
        number = collecting_++;
      } else if (between == nullptr) {
        return;
      }
    }
    if (between != nullptr) between(connection_);
    if (group.empty()) continue;
    commit_group(group);
    std::atomic<std::uint32_t>& done = done_[number % 2];
    done.store(number, std::memory_order_release);
    wake_all(done);
  }
}

void Writer::commit_group(const Group& group) {
  const auto committed = attempt([&] {
    connection_.query("BEGIN IMMEDIATE").run();
    if (!run_plain(group)) {
      connection_.query("ROLLBACK").run();
      tables_.sums().cut({});
      connection_.query("BEGIN IMMEDIATE").run();
      run_in_savepoints(group);
    }
    tables_.sums().write(connection_);
    connection_.query("COMMIT").run();
  });
  if (committed.ok()) return;
  tables_.sums().cut({});
  if (connection_.is_in_transaction()) (void)attempt([&] { connection_.query("ROLLBACK").run(); });
  for (Job* job : group) job->outcome = committed.error();
}

// Disk full and I/O errors roll the whole transaction back: nobody of the group may be told
// otherwise, and nothing may run outside of a transaction.
void Writer::ensure_transaction() const {
  if (!connection_.is_in_transaction()) throw SQLite::Exception("the transaction was rolled back");
}

// False when a work failed that had written something.
bool Writer::run_plain(const Group& group) {
  sqlite3* const database = connection_.database().getHandle();
  for (Job* job : group) {
    const int changes_before = sqlite3_total_changes(database);
    const GroupSums::Mark sums_before = tables_.sums().mark();
    job->outcome = (*job->work)(tables_);
    ensure_transaction();
    if (!job->outcome.ok() &&
        (sqlite3_total_changes(database) != changes_before || tables_.sums().mark() != sums_before))
      return false;
  }
  return true;
}

void Writer::run_in_savepoints(const Group& group) {
  for (Job* job : group) {
    const GroupSums::Mark sums_before = tables_.sums().mark();
    connection_.query("SAVEPOINT work").run();
    job->outcome = (*job->work)(tables_);
    ensure_transaction();
    if (!job->outcome.ok()) {
      connection_.query("ROLLBACK TO work").run();
      tables_.sums().cut(sums_before);
    }
    connection_.query("RELEASE work").run();
  }
}

}  // namespace tl::server::sqlite
