// SPDX-License-Identifier: Apache-2.0
// Any other file is opened by the default VFS in the same place; the database's own comes here
// again to be written, and nothing else does.

#include "server/store/sqlite/gathering_vfs.hpp"

#include "server/store/sqlite/unused_middle.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <new>
#include <string>
#include <string_view>

namespace tl::server::sqlite {
namespace {

constexpr std::size_t kMaxGathered =
    64 * 1024;  // SQLite's own files take less than 128 KiB at once

sqlite3_vfs* default_vfs = nullptr;

// The default VFS's own file lies behind it in the memory that SQLite provides.
struct LogFile {
  sqlite3_file base;
  std::string gathered;
  sqlite3_int64 start;  // where the gathered bytes belong
};

LogFile& log_of(sqlite3_file* file) {
  return *reinterpret_cast<LogFile*>(file);
}
sqlite3_file* real_of(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(&log_of(file) + 1);
}

int write_through(sqlite3_file* file) {
  LogFile& log = log_of(file);
  if (log.gathered.empty()) return SQLITE_OK;
  sqlite3_file* const real = real_of(file);
  const int code = real->pMethods->xWrite(real, log.gathered.data(),
                                          static_cast<int>(log.gathered.size()), log.start);
  log.gathered.clear();  // after a failure the transaction is rolled back
  return code;
}

int write_log(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  LogFile& log = log_of(file);
  const auto size = static_cast<std::size_t>(count);
  const bool follows = offset == log.start + static_cast<sqlite3_int64>(log.gathered.size());
  if (!follows || log.gathered.size() + size > kMaxGathered) {
    if (const int code = write_through(file); code != SQLITE_OK) return code;
    log.start = offset;
  }
  log.gathered.append(static_cast<const char*>(bytes), size);
  return SQLITE_OK;
}

// Runs a method of the real file after everything gathered was written.
template <class Call>
int after_writing(sqlite3_file* file, Call&& call) {
  const int code = write_through(file);
  if (code != SQLITE_OK) return code;
  sqlite3_file* const real = real_of(file);
  return call(real->pMethods, real);
}

int read_log(sqlite3_file* file, void* bytes, int count, sqlite3_int64 offset) {
  return after_writing(file,
                       [&](auto* real, auto* at) { return real->xRead(at, bytes, count, offset); });
}
int truncate_log(sqlite3_file* file, sqlite3_int64 size) {
  return after_writing(file, [&](auto* real, auto* at) { return real->xTruncate(at, size); });
}
int sync_log(sqlite3_file* file, int flags) {
  return after_writing(file, [&](auto* real, auto* at) { return real->xSync(at, flags); });
}
int size_log(sqlite3_file* file, sqlite3_int64* size) {
  return after_writing(file, [&](auto* real, auto* at) { return real->xFileSize(at, size); });
}
int close_log(sqlite3_file* file) {
  const int written = write_through(file);
  sqlite3_file* const real = real_of(file);
  const int closed = real->pMethods->xClose(real);
  log_of(file).gathered.~basic_string();
  return written != SQLITE_OK ? written : closed;
}
int lock_log(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xLock(real_of(file), level);
}
int unlock_log(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_log_lock(sqlite3_file* file, int* is_reserved) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), is_reserved);
}
int control_log(sqlite3_file* file, int operation, void* argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
  return real_of(file)->pMethods->xSectorSize(real_of(file));
}
int characteristics(sqlite3_file* file) {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

const sqlite3_io_methods& log_methods() {
  static const sqlite3_io_methods methods = [] {
    sqlite3_io_methods made{};
    made.iVersion = 1;
    made.xClose = close_log;
    made.xRead = read_log;
    made.xWrite = write_log;
    made.xTruncate = truncate_log;
    made.xSync = sync_log;
    made.xFileSize = size_log;
    made.xLock = lock_log;
    made.xUnlock = unlock_log;
    made.xCheckReservedLock = check_log_lock;
    made.xFileControl = control_log;
    made.xSectorSize = sector_size;
    made.xDeviceCharacteristics = characteristics;
    return made;
  }();
  return methods;
}

// From so many pages on, the number that an overflow page begins with may look like a b-tree page's
// type; the log may hold some that the file has not yet.
constexpr sqlite3_int64 kMostTellingPages = (1 << 24) - (1 << 20);

const sqlite3_io_methods* default_methods = nullptr;  // of a database

bool holds_remains(sqlite3_file* file, std::string_view page, ByteRange unused) {
  const auto middle = page.substr(unused.begin, unused.end - unused.begin);
  if (std::all_of(middle.begin(), middle.end(), [](char byte) { return byte == 0; })) return false;
  sqlite3_int64 size = 0;
  return default_methods->xFileSize(file, &size) == SQLITE_OK &&
         size / static_cast<sqlite3_int64>(page.size()) < kMostTellingPages;
}

int write_page(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) try {
  const std::string_view page(static_cast<const char*>(bytes), static_cast<std::size_t>(count));
  const ByteRange unused = unused_middle(page, offset == 0);
  if (!holds_remains(file, page, unused))
    return default_methods->xWrite(file, bytes, count, offset);
  std::string clean(page);
  std::fill_n(clean.begin() + static_cast<std::ptrdiff_t>(unused.begin), unused.end - unused.begin,
              '\0');
  return default_methods->xWrite(file, clean.data(), count, offset);
} catch (const std::bad_alloc&) {
  return SQLITE_IOERR_NOMEM;
}

int open_database(const char* name, sqlite3_file* file, int flags, int* out_flags) {
  const int code = default_vfs->xOpen(default_vfs, name, file, flags, out_flags);
  if (code != SQLITE_OK) return code;
  // One table for all databases that are on a disk.
  static const sqlite3_io_methods methods = [file] {
    default_methods = file->pMethods;
    sqlite3_io_methods made = *file->pMethods;
    made.xWrite = write_page;
    return made;
  }();
  if (file->pMethods == default_methods) file->pMethods = &methods;
  return code;
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) return open_database(name, file, flags, out_flags);
  if ((flags & SQLITE_OPEN_WAL) == 0)
    return default_vfs->xOpen(default_vfs, name, file, flags, out_flags);
  auto* const log = new (file) LogFile{};
  const int code = default_vfs->xOpen(default_vfs, name, real_of(file), flags, out_flags);
  if (code != SQLITE_OK)
    log->gathered.~basic_string();
  else
    log->base.pMethods = &log_methods();
  return code;
}

}  // namespace

const char* gathering_vfs() {
  static const sqlite3_vfs* const registered = [] {
    static sqlite3_vfs vfs{};
    default_vfs = sqlite3_vfs_find(nullptr);
    vfs = *default_vfs;
    vfs.zName = "gathering";
    vfs.szOsFile += static_cast<int>(sizeof(LogFile));
    vfs.xOpen = open_file;
    sqlite3_vfs_register(&vfs, 0);
    return &vfs;
  }();
  return registered->zName;
}

}  // namespace tl::server::sqlite
