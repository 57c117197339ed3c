// SPDX-License-Identifier: Apache-2.0
// Opening in the right order: migrate alone, then readers, writer and checkpointer.

#include "server/store/sqlite/sqlite_store.hpp"

#include "server/store/sqlite/migrations.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace tl::server::sqlite {
namespace {

constexpr std::size_t kReaders = 4;

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<Connection> migrated, const std::string& path,
                         const SecretBox& box)
    : path_(path),
      connection_(std::move(migrated)),
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

// VACUUM INTO takes one snapshot (sqlite.org/lang_vacuum.html) and fills an empty file, which is
// made here so that nobody else may read it.
Outcome<void> SqliteStore::copy_to(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0)
    return fail(ErrorKind::unavailable, "store_unavailable",
                "cannot make the file " + path +
                    "; it may exist already, or the folder may not be "
                    "written");
  ::close(file);
  return attempt([&] {
    Connection connection(path_, Connection::Use::writing);
    SQLite::Statement copy(connection.database(), "VACUUM INTO ?");
    copy.bind(1, path);
    copy.exec();
  });
}

Outcome<void> SqliteStore::probe() {
  return write([](Tables& tables) { return tables.operations().count("", "probe", 1); });
}

}  // namespace tl::server::sqlite
