// SPDX-License-Identifier: Apache-2.0
// The operating system's files as SQLite sees them (sqlite.org/vfs.html), with two differences.
// What is written to a write-ahead log is gathered and goes out in pieces of 64 KiB, the last one
// before the log is synced, read, cut or closed. SQLite itself makes two system calls a page. Only
// for connections that sync the log at every commit (synchronous=FULL): a commit is announced to
// other connections after the sync, so nobody looks for what is still gathered. And what is written
// to the database has zeroes in the unused middle of its pages (unused_middle.hpp), where copies of
// deleted rows would outlive their erasure.
#pragma once

namespace tl::server::sqlite {

// The name to open a database with. Registers at the first call; thread-safe.
const char* gathering_vfs();

}  // namespace tl::server::sqlite
