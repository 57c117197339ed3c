// SPDX-License-Identifier: Apache-2.0
// Opening in the right order: migrate alone, then readers, writer and checkpointer.

#include "server/store/sqlite/sqlite_store.hpp"

#include "server/store/sqlite/migrations.hpp"

#include <sqlite3.h>

#include <chrono>
#include <fcntl.h>
#include <thread>
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

// Only the last connection can leave WAL (sqlite.org/wal.html): the others hold a shared lock. The
// next to open the file goes back to it.
Outcome<void> check_alone(const std::string& path) {
  constexpr int kWaitMs = 200;
  try {
    SQLite::Database database(path, SQLite::OPEN_READWRITE, kWaitMs);
    SQLite::Statement(database, "PRAGMA journal_mode = DELETE").executeStep();
    return {};
  } catch (const SQLite::Exception& cause) {
    if (cause.getErrorCode() != SQLITE_BUSY && cause.getErrorCode() != SQLITE_LOCKED)
      return store_unavailable(cause);
    return fail(ErrorKind::conflict, "store_in_use",
                "the store " + path + " is open somewhere else; stop the server first");
  }
}

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

// Overwritten rows are zeroes in their pages (secure_delete), but the log still has the pages as
// they were, until it is copied and cut to nothing. That waits for readers of older snapshots; new
// ones may come meanwhile, and a log that somebody else copies is refused at once, whatever the
// busy timeout; so it is tried again, after a pause.
Outcome<void> SqliteStore::forget_overwritten() {
  constexpr auto kPatience = std::chrono::seconds(20);
  constexpr auto kPause = std::chrono::milliseconds(50);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  return attempt([&] {
    Connection connection(path_, Connection::Use::writing);
    sqlite3* const database = connection.database().getHandle();
    for (;;) {
      const int code = sqlite3_wal_checkpoint_v2(database, nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                                 nullptr, nullptr);
      if (code == SQLITE_OK) return;
      if (code != SQLITE_BUSY || std::chrono::steady_clock::now() > until)
        throw SQLite::Exception(database, code);
      std::this_thread::sleep_for(kPause);
    }
  });
}

Outcome<void> SqliteStore::forget_if_asked() {
  if (!connection_->take_forgetting()) return {};
  auto done = forget_overwritten();
  if (!done.ok()) connection_->ask_to_forget();
  return done;
}

Outcome<void> SqliteStore::probe() {
  return write([](Tables& tables) { return tables.operations().count("", "probe", 1); });
}

}  // namespace tl::server::sqlite
