// SPDX-License-Identifier: Apache-2.0
// Pragmas (sqlite.org/pragma.html): WAL with synchronous=FULL makes a commit durable with one
// fsync; checkpoints belong to the Checkpointer; a log that grew while a reader held it back is cut
// to 64 MiB when it starts over; temp_store keeps savepoint journals in memory; secure_delete
// overwrites what an erasure removes, and the VFS what is left of it where rows had moved. Pages
// are cached per connection, 8 MiB for writing and 2 MiB for reading; the rest is left to the
// operating system, whose cache all connections share.

#include "server/store/sqlite/connection.hpp"

#include "server/store/sqlite/gathering_vfs.hpp"

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
void create_private(const std::string& path) {
  std::error_code ignored;  // opening reports what matters
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
}

const std::string& prepared(const std::string& path, Connection::Use use) {
  // Nobody reads SQLite's own memory statistics, which take a lock at every allocation.
  static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(configured);
  if (use == Connection::Use::writing) create_private(path);
  return path;
}

}  // namespace

Query::~Query() {
  // A failure was reported by step(). A borrowed value must not outlive the query in the statement.
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Query::check(int code) const {
  if (code != SQLITE_OK) throw SQLite::Exception(sqlite3_db_handle(statement_), code);
}

bool Query::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  check(code == SQLITE_DONE ? SQLITE_OK : code);
  return false;
}

int Query::run() {
  while (step()) {
  }
  return sqlite3_changes(sqlite3_db_handle(statement_));
}

void Query::put(const RowVisitor& visitor) {
  // SQLite hands the address back as it was.
  check(sqlite3_bind_pointer(statement_, ++bound_, const_cast<RowVisitor*>(&visitor), kRowVisitor,
                             nullptr));
}

void Query::put_text(std::string_view text, Keep keep) {
  // A null pointer would bind NULL instead of an empty text.
  check(sqlite3_bind_text(statement_, ++bound_, text.empty() ? "" : text.data(),
                          static_cast<int>(text.size()),
                          keep == Keep::copied ? SQLITE_TRANSIENT : SQLITE_STATIC));
}

void Query::put_bytes(const void* bytes, std::size_t size, Keep keep) {
  check(sqlite3_bind_blob(statement_, ++bound_, size == 0 ? "" : bytes, static_cast<int>(size),
                          keep == Keep::copied ? SQLITE_TRANSIENT : SQLITE_STATIC));
}

void Query::put_number(std::int64_t value) {
  check(sqlite3_bind_int64(statement_, ++bound_, value));
}

void Query::get(int column, std::string& text) const {
  std::string_view bytes;
  get(column, bytes);
  text = bytes;
}

void Query::get(int column, std::string_view& bytes) const {
  const void* lent = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  bytes = lent == nullptr
              ? std::string_view()
              : std::string_view(static_cast<const char*>(lent), static_cast<std::size_t>(size));
}

void Query::get_bytes(int column, std::uint8_t* bytes, std::size_t size) const {
  const void* stored = sqlite3_column_blob(statement_, column);
  const auto stored_size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  if (stored == nullptr || stored_size != size)
    throw SQLite::Exception("column " + std::string(sqlite3_column_name(statement_, column)) +
                                " holds " + std::to_string(stored_size) + " bytes instead of " +
                                std::to_string(size),
                            SQLITE_CORRUPT);
  std::memcpy(bytes, stored, size);
}

std::int64_t Query::number(int column) const {
  return sqlite3_column_int64(statement_, column);
}
bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

void Connection::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Connection::Connection(const std::string& path, Use use)
    : database_(prepared(path, use), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, kBusyTimeoutMs,
                gathering_vfs()) {       // the last one to close copies the log, whoever that is
  execute("PRAGMA synchronous = FULL");  // before anything is written: the VFS relies on it
  if (use == Use::writing) execute("PRAGMA journal_mode = WAL");
  execute(use == Use::writing ? "PRAGMA cache_size = -8192; PRAGMA journal_size_limit = 67108864"
                              : "PRAGMA cache_size = -2048");
  execute(
      "PRAGMA wal_autocheckpoint = 0;"
      "PRAGMA secure_delete = ON;"
      "PRAGMA temp_store = MEMORY;"
      "PRAGMA mmap_size = 0;"
      "PRAGMA foreign_keys = OFF");
  if (use == Use::reading) execute("PRAGMA query_only = ON");
  add_each_row(database_.getHandle());
}

Query Connection::query(Sql sql) {
  auto& statement = statements_[sql.text()];
  if (!statement) {
    sqlite3* const database = database_.getHandle();
    sqlite3_stmt* made = nullptr;
    const int code =
        sqlite3_prepare_v3(database, sql.text(), -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    if (code != SQLITE_OK) throw SQLite::Exception(database, code);
    statement.reset(made);
  }
  return Query(statement.get());
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
