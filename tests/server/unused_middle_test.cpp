// SPDX-License-Identifier: Apache-2.0
// What was deleted is nowhere in the database's file, also where rows had moved between pages
// before.
#include "server/store/sqlite/unused_middle.hpp"

#include "server/store/sqlite/connection.hpp"
#include "tests/server/support.hpp"

#include <sqlite3.h>

#include <fstream>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;
using sqlite::Connection;
using sqlite::unused_middle;

namespace {

std::string bytes_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {(std::istreambuf_iterator<char>(file)), {}};
}

std::string page_of(std::initializer_list<int> header, std::size_t size = 512) {
  std::string page(size, '\x7f');
  std::size_t at = 0;
  for (const int byte : header) page[at++] = static_cast<char>(byte);
  return page;
}
std::pair<std::size_t, std::size_t> middle_of(const std::string& page) {
  const auto range = unused_middle(page, false);
  return {range.begin, range.end};
}
constexpr std::pair<std::size_t, std::size_t> kNone{0, 0};

}  // namespace

TEST_CASE("the middle of a page is between its pointers and its cells", "[unused_middle]") {
  CHECK(middle_of(page_of({13, 0, 0, 0, 3, 1, 0, 0})) ==
        std::pair<std::size_t, std::size_t>{14, 256});
  CHECK(middle_of(page_of({5, 0, 0, 0, 3, 1, 0, 0})) ==
        std::pair<std::size_t, std::size_t>{18, 256});
  CHECK(middle_of(page_of({10, 0, 0, 0, 0, 0, 0, 0}, 65536)) ==
        std::pair<std::size_t, std::size_t>{8, 65536});
  CHECK(middle_of(page_of({0, 0, 0, 7, 3, 1, 0, 0})) == kNone);   // an overflow page
  CHECK(middle_of(page_of({13, 0, 0, 1, 0, 1, 0, 0})) == kNone);  // pointers over the cells
  CHECK(middle_of(page_of({13, 0, 0, 0, 3, 3, 0, 0})) == kNone);  // cells behind the page
  CHECK(middle_of(page_of({13, 0, 0, 0, 3, 1, 0, 0}, 100)) == kNone);
}

TEST_CASE("rows that moved before they were deleted leave no copies", "[unused_middle]") {
  TempFolder folder;
  const std::string path = folder.file("a.db");
  {
    Connection connection(path, Connection::Use::writing);
    connection.execute(
        "CREATE TABLE person (name TEXT PRIMARY KEY, kept INTEGER) WITHOUT ROWID;"
        "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT);"
        "CREATE INDEX note_text ON note (text)");
    // In an order that splits pages everywhere.
    connection.execute("BEGIN");
    for (int i = 0; i < 4000; ++i) {
      const int n = i * 2657 % 4000;
      const bool is_kept = n % 3 == 0;
      const std::string name = (is_kept ? "kept-" : "gone-") + std::to_string(n * 7919 % 4000) +
                               std::string(static_cast<std::size_t>(n % 60), 'x');
      connection.query("INSERT INTO person VALUES (?, ?)").bind(name, is_kept ? 1 : 0).run();
      connection.query("INSERT INTO note VALUES (?, ?)").bind(n, name).run();
    }
    connection.execute("COMMIT");
    connection.execute("DELETE FROM person WHERE kept = 0; DELETE FROM note WHERE id % 3 <> 0");
    REQUIRE(sqlite3_wal_checkpoint_v2(connection.database().getHandle(), nullptr,
                                      SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) == SQLITE_OK);
  }
  const std::string bytes = bytes_of_file(path);
  CHECK(bytes.find("kept-") != std::string::npos);
  CHECK(bytes.find("gone-") == std::string::npos);
  Connection connection(path, Connection::Use::reading);
  auto check = connection.query("PRAGMA integrity_check");
  std::string complaint;
  if (check.step()) check.read(complaint);
  CHECK(complaint == "ok");
}
