// SPDX-License-Identifier: Apache-2.0
// What is acknowledged was handed to the disk: every store of this test program stands on a VFS
// that watches the write-ahead logs and knows how much of what was written to them has been synced.
#include "tests/server/support.hpp"

#include <sqlite3.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// Writes are numbered from 1, over all logs.
struct LogWatch {
  std::atomic<std::uint64_t> written{0}, synced{0}, syncs{0};
};
LogWatch log_watch;

// The system's own file lies behind it in the memory that SQLite provides.
struct WatchedLog {
  sqlite3_file base;
};
sqlite3_file* beneath(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<WatchedLog*>(file) + 1);
}

template <auto Method, class... Arguments>
int pass_on(sqlite3_file* file, Arguments... arguments) {
  sqlite3_file* const real = beneath(file);
  return (real->pMethods->*Method)(real, arguments...);
}

int write_watched(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  ++log_watch.written;
  return pass_on<&sqlite3_io_methods::xWrite>(file, bytes, count, offset);
}
int sync_watched(sqlite3_file* file, int flags) {
  const std::uint64_t so_far = log_watch.written;
  const int code = pass_on<&sqlite3_io_methods::xSync>(file, flags);
  if (code == SQLITE_OK) {
    log_watch.synced = so_far;
    ++log_watch.syncs;
  }
  return code;
}

const sqlite3_io_methods kWatchedMethods = [] {
  sqlite3_io_methods made{};
  made.iVersion = 1;
  made.xClose = pass_on<&sqlite3_io_methods::xClose>;
  made.xRead = pass_on<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>;
  made.xWrite = write_watched;
  made.xTruncate = pass_on<&sqlite3_io_methods::xTruncate, sqlite3_int64>;
  made.xSync = sync_watched;
  made.xFileSize = pass_on<&sqlite3_io_methods::xFileSize, sqlite3_int64*>;
  made.xLock = pass_on<&sqlite3_io_methods::xLock, int>;
  made.xUnlock = pass_on<&sqlite3_io_methods::xUnlock, int>;
  made.xCheckReservedLock = pass_on<&sqlite3_io_methods::xCheckReservedLock, int*>;
  made.xFileControl = pass_on<&sqlite3_io_methods::xFileControl, int, void*>;
  made.xSectorSize = pass_on<&sqlite3_io_methods::xSectorSize>;
  made.xDeviceCharacteristics = pass_on<&sqlite3_io_methods::xDeviceCharacteristics>;
  return made;
}();

sqlite3_vfs* system_vfs = nullptr;

int open_watched(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  if ((flags & SQLITE_OPEN_WAL) == 0)
    return system_vfs->xOpen(system_vfs, name, file, flags, out_flags);
  const int code = system_vfs->xOpen(system_vfs, name, beneath(file), flags, out_flags);
  file->pMethods = code == SQLITE_OK ? &kWatchedMethods : nullptr;
  return code;
}

// Before main(), for the store's own VFS builds on whatever is the default when it is first used.
const bool is_watching = [] {
  static sqlite3_vfs vfs{};
  system_vfs = sqlite3_vfs_find(nullptr);
  vfs = *system_vfs;
  vfs.zName = "watched";
  vfs.szOsFile += static_cast<int>(sizeof(WatchedLog));
  vfs.xOpen = open_watched;
  return sqlite3_vfs_register(&vfs, /*makeDflt=*/1) == SQLITE_OK;
}();

Outcome<void> insert_titled(Tables& tables, std::uint64_t number, std::size_t title_bytes = 10) {
  auto event = given_event(number);
  event.title.assign(title_bytes, 'x');
  TL_TRY(is_new, tables.events().insert_event(event));
  return is_new ? Outcome<void>() : invalid("was_there", "twice");
}

}  // namespace

TEST_CASE("an acknowledged write leaves nothing unsynced in the log", "[store][durability]") {
  REQUIRE(is_watching);
  TempStore store;
  std::uint64_t number = 0;
  // The largest is more than the page cache holds, so pages reach the log before the commit; those
  // after it may find the log copied and started over.
  for (const std::size_t bytes : std::vector<std::size_t>{10, 5'000, 20'000'000, 10, 10, 10}) {
    const std::uint64_t before = log_watch.written;
    store.put([&](Tables& tables) { return insert_titled(tables, ++number, bytes); });
    INFO("a write of " << bytes << " bytes");
    CHECK(log_watch.written > before);
    CHECK(log_watch.synced == log_watch.written);
  }
}

TEST_CASE("each of many acknowledgements at once comes after a sync of its own group",
          "[store][durability]") {
  TempStore store;
  std::atomic<int> early{0};
  const std::uint64_t syncs_before = log_watch.syncs;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 50; ++i) {
        std::uint64_t written = 0;
        const auto kept = store->write([&](Tables& tables) {
          written = log_watch.written;  // the group's own writes follow
          return insert_titled(tables, 1 + t * 50 + i);
        });
        if (!kept.ok() || log_watch.synced <= written) ++early;
      }
    });
  for (auto& thread : threads) thread.join();

  CHECK(early == 0);
  CHECK(log_watch.syncs - syncs_before >= 50);  // a thread's writes are in fifty groups
}
