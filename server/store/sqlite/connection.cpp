// SPDX-License-Identifier: Apache-2.0
// Pragmas (sqlite.org/pragma.html): WAL with synchronous=FULL makes a commit durable with one
// fsync; checkpoints belong to the Checkpointer; temp_store keeps savepoint journals in memory;
// secure_delete overwrites what an erasure removes.

#include "server/store/sqlite/connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace tl::server::sqlite {
namespace {

constexpr int kBusyTimeoutMs = 10'000;

// SQLite would create the file readable for everybody; WAL and shared-memory files inherit its
// mode. O_EXCL, because a file that exists must not be opened here at all: closing any descriptor
// of it drops this process's POSIX locks, and another process (`key add`) that then closes the
// database believes itself alone and deletes the WAL under us (sqlite.org/howtocorrupt.html, 2.2).
const std::string& create_private(const std::string& path) {
  std::error_code ignored;  // opening reports what matters
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
  return path;
}

}  // namespace

Query::~Query() {
  // A copied or borrowed value must not outlive the query inside the statement.
  statement_.tryReset();
  try {
    statement_.clearBindings();
  } catch (const SQLite::Exception&) {  // cannot fail on a reset statement; destructors stay silent
  }
}

int Query::run() {
  return statement_.exec();
}

void Query::put_bytes(const void* bytes, std::size_t size) {
  // A null pointer would bind NULL instead of an empty blob.
  statement_.bindNoCopy(++bound_, size == 0 ? "" : bytes, static_cast<int>(size));
}

void Query::get(int column, std::string& text) const {
  const SQLite::Column value = statement_.getColumn(column);
  const void* bytes = value.getBlob();
  text.assign(static_cast<const char*>(bytes),
              bytes == nullptr ? 0 : static_cast<std::size_t>(value.size()));
}

void Query::get_bytes(int column, std::uint8_t* bytes, std::size_t size) const {
  const SQLite::Column value = statement_.getColumn(column);
  const void* stored = value.getBlob();
  if (stored == nullptr || static_cast<std::size_t>(value.size()) != size)
    throw SQLite::Exception("column " + std::string(value.getName()) + " holds " +
                                std::to_string(value.size()) + " bytes instead of " +
                                std::to_string(size),
                            SQLITE_CORRUPT);
  std::memcpy(bytes, stored, size);
}

std::int64_t Query::number(int column) const {
  return statement_.getColumn(column).getInt64();
}
bool Query::is_null(int column) const {
  return statement_.isColumnNull(column);
}

Connection::Connection(const std::string& path, Use use)
    : database_(use == Use::writing ? create_private(path) : path,
                SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, kBusyTimeoutMs) {
  if (use == Use::writing) execute("PRAGMA journal_mode = WAL");
  execute(
      "PRAGMA synchronous = FULL;"
      "PRAGMA wal_autocheckpoint = 0;"
      "PRAGMA secure_delete = ON;"
      "PRAGMA temp_store = MEMORY;"
      "PRAGMA mmap_size = 268435456;"
      "PRAGMA cache_size = -16384;"
      "PRAGMA foreign_keys = OFF");
  if (use == Use::reading) execute("PRAGMA query_only = ON");
}

Query Connection::query(Sql sql) {
  auto& statement = statements_[sql.text()];
  if (!statement) statement = std::make_unique<SQLite::Statement>(database_, sql.text());
  return Query(*statement);
}

bool Connection::is_in_transaction() const {
  return sqlite3_get_autocommit(database_.getHandle()) == 0;
}

ServerError store_unavailable(const SQLite::Exception& cause) {
  return fail(ErrorKind::unavailable, "store_unavailable",
              "the database could not do this (" + std::string(cause.what()) + ", SQLite code " +
                  std::to_string(cause.getExtendedErrorCode()) +
                  "); nothing of it was kept, send it again later");
}

}  // namespace tl::server::sqlite
