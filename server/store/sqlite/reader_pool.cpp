// SPDX-License-Identifier: Apache-2.0
// Lending and taking back.

#include "server/store/sqlite/reader_pool.hpp"

namespace tl::server::sqlite {

ReaderPool::ReaderPool(const std::string& path, const SecretBox& box, std::size_t connections) {
  for (std::size_t i = 0; i < connections; ++i) {
    readers_.push_back(std::make_unique<Reader>(path, box));
    idle_.push_back(readers_.back().get());
  }
}

ReaderPool::Loan::Loan(ReaderPool& pool) : pool_(pool) {
  std::unique_lock lock(pool_.mutex_);
  pool_.has_idle_.wait(lock, [&] { return !pool_.idle_.empty(); });
  reader_ = pool_.idle_.back();
  pool_.idle_.pop_back();
}

ReaderPool::Loan::~Loan() {
  {
    const std::lock_guard lock(pool_.mutex_);
    pool_.idle_.push_back(reader_);
  }
  pool_.has_idle_.notify_one();
}

Outcome<void> ReaderPool::run(const Store::Work& work) {
  Loan loan(*this);
  Connection& connection = loan.reader().connection;
  TL_CHECK(attempt([&] { connection.query("BEGIN").run(); }));
  Outcome<void> outcome = work(loan.reader().tables);
  // A snapshot has nothing to commit; ending it lets checkpoints pass.
  TL_CHECK(attempt([&] {
    if (connection.is_in_transaction()) connection.query("COMMIT").run();
  }));
  return outcome;
}

}  // namespace tl::server::sqlite
