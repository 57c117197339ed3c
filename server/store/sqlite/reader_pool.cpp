// SPDX-License-Identifier: Apache-2.0
// Lending and taking back.

#include "server/store/sqlite/reader_pool.hpp"

#include <optional>
#include <utility>

namespace tl::server::sqlite {

ReaderPool::ReaderPool(std::string path, const SecretBox& box, std::size_t connections)
    : path_(std::move(path)), box_(box), unopened_(connections) {}

std::unique_ptr<ReaderPool::Reader> ReaderPool::borrow() {
  std::unique_lock lock(mutex_);
  has_idle_.wait(lock, [&] { return !idle_.empty() || unopened_ > 0; });
  if (!idle_.empty()) {
    auto reader = std::move(idle_.back());
    idle_.pop_back();
    return reader;
  }
  --unopened_;
  lock.unlock();
  try {
    return std::make_unique<Reader>(path_, box_);
  } catch (...) {
    lock.lock();
    ++unopened_;
    lock.unlock();
    has_idle_.notify_one();
    throw;
  }
}

void ReaderPool::give_back(std::unique_ptr<Reader> reader) {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(reader));
  }
  has_idle_.notify_one();
}

Outcome<void> ReaderPool::run(const Store::Work& work) {
  std::optional<Loan> loan;
  TL_CHECK(attempt([&] { loan.emplace(*this); }));
  Connection& connection = loan->reader().connection;
  TL_CHECK(attempt([&] { connection.query("BEGIN").run(); }));
  Outcome<void> outcome = work(loan->reader().tables);
  // A snapshot has nothing to commit; ending it lets checkpoints pass.
  TL_CHECK(attempt([&] {
    if (connection.is_in_transaction()) connection.query("COMMIT").run();
  }));
  return outcome;
}

}  // namespace tl::server::sqlite
