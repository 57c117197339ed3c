// SPDX-License-Identifier: Apache-2.0
// Connections for reading: each work gets one to itself, inside a transaction, so that everything
// it reads is one snapshot. WAL readers never wait for the writer.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/ports/store.hpp"
#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/tables.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tl::server::sqlite {

class ReaderPool {
 public:
  // Opens them one by one, when all that are open are lent: `connections` at most.
  ReaderPool(std::string path, const SecretBox& box, std::size_t connections);
  // Errors: the work's, unavailable.
  Outcome<void> run(const Store::Work& work);

 private:
  struct Reader {
    Reader(const std::string& path, const SecretBox& box)
        : connection(path, Connection::Use::reading), tables(connection, box) {}
    Connection connection;
    SqliteTables tables;
  };
  // Borrowed until it goes out of scope. Throws SQLite::Exception.
  class Loan {
   public:
    explicit Loan(ReaderPool& pool) : pool_(pool), reader_(pool.borrow()) {}
    ~Loan() { pool_.give_back(std::move(reader_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    Reader& reader() { return *reader_; }

   private:
    ReaderPool& pool_;
    std::unique_ptr<Reader> reader_;
  };
  std::unique_ptr<Reader> borrow();
  void give_back(std::unique_ptr<Reader> reader);

  const std::string path_;
  const SecretBox& box_;
  std::mutex mutex_;
  std::condition_variable has_idle_;
  std::vector<std::unique_ptr<Reader>> idle_;
  std::size_t unopened_;
};

}  // namespace tl::server::sqlite
