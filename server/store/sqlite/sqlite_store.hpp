// SPDX-License-Identifier: Apache-2.0
// The embedded store: one writer, several readers, a checkpointer, on one database file.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/ports/store.hpp"
#include "server/store/sqlite/checkpointer.hpp"
#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/reader_pool.hpp"
#include "server/store/sqlite/tables.hpp"
#include "server/store/sqlite/writer.hpp"

#include <memory>
#include <string>

namespace tl::server::sqlite {

// Errors: conflict (store_in_use), unavailable.
Outcome<void> check_alone(const std::string& path);

class SqliteStore : public Store {
 public:
  // Opens or creates the file and migrates it. Keeps a reference to `box`.
  // Errors: unavailable (store_unavailable), conflict (store_is_newer, migration_changed).
  static Outcome<std::unique_ptr<Store>> open(const std::string& path, const SecretBox& box,
                                              std::int64_t now_ms);

  Outcome<void> write(const Work& work) override { return writer_.run(work); }
  Outcome<void> read(const Work& work) override { return readers_.run(work); }
  Outcome<void> copy_to(const std::string& path) override;
  Outcome<void> forget_overwritten() override;
  Outcome<void> forget_if_asked() override;
  Outcome<void> probe() override;
  [[nodiscard]] std::size_t queued_writes() const override { return writer_.queued(); }

  // For open(): throws SQLite::Exception.
  SqliteStore(std::unique_ptr<Connection> migrated, const std::string& path, const SecretBox& box);

 private:
  const std::string path_;
  std::unique_ptr<Connection> connection_;
  SqliteTables tables_;
  ReaderPool readers_;
  Writer writer_;
  Checkpointer checkpointer_;  // last: stops first, for it uses the writer
};

}  // namespace tl::server::sqlite
