// SPDX-License-Identifier: Apache-2.0
// Opening in the right order: migrate alone, then readers, writer and checkpointer.

#include "server/store/sqlite/sqlite_store.hpp"

#include "server/store/sqlite/migrations.hpp"

namespace tl::server::sqlite {
namespace {

constexpr std::size_t kReaders = 4;

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<Connection> migrated, const std::string& path,
                         const SecretBox& box)
    : connection_(std::move(migrated)),
      tables_(*connection_, box),
      readers_(path, box, kReaders),
      writer_(*connection_, tables_),
      checkpointer_(path, writer_) {}

Outcome<std::unique_ptr<Store>> SqliteStore::open(const std::string& path, const SecretBox& box,
                                                  std::int64_t now_ms) {
  try {
    auto connection = std::make_unique<Connection>(path, Connection::Use::writing);
    TL_CHECK(migrate(*connection, all_migrations(), now_ms));
    std::unique_ptr<Store> store = std::make_unique<SqliteStore>(std::move(connection), path, box);
    return store;
  } catch (const SQLite::Exception& cause) {
    return fail(ErrorKind::unavailable, "store_unavailable",
                "cannot open the database " + path + " (" + cause.what() +
                    "); check that its folder exists and may be written");
  }
}

Outcome<void> SqliteStore::probe() {
  return write([](Tables& tables) { return tables.operations().count("", "probe", 1); });
}

}  // namespace tl::server::sqlite
