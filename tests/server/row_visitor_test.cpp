// SPDX-License-Identifier: Apache-2.0
// Rows told from inside a statement.
#include "server/store/sqlite/connection.hpp"
#include "tests/server/support.hpp"

#include <stdexcept>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;
using sqlite::Connection;
using sqlite::RowValues;
using sqlite::RowVisitor;

namespace {

struct FilledTable {
  FilledTable() {
    connection.execute(
        "CREATE TABLE place (name TEXT, bytes BLOB, count INTEGER);"
        "INSERT INTO place VALUES ('one', x'00ff', 1), ('', x'', -2), (NULL, NULL, NULL)");
  }
  TempFolder folder;
  Connection connection{folder.file("a.db"), Connection::Use::writing};
};

}  // namespace

TEST_CASE("each row tells its texts, bytes and numbers, in order", "[row_visitor]") {
  FilledTable table;
  std::string told;
  const auto visit = [&](const RowValues& row) {
    std::string_view name, bytes;
    std::int64_t count = 7;
    row.read(name, bytes, count);
    told +=
        std::string(name) + "|" + std::to_string(bytes.size()) + "|" + std::to_string(count) + "\n";
  };
  const RowVisitor visitor(visit);
  const auto tell = [&](int most) {
    table.connection.query("SELECT each_row(?, name, bytes, count) FROM place WHERE rowid <= ?")
        .bind(visitor, most)
        .run();
  };

  tell(3);
  CHECK(told == "one|2|1\n|0|-2\n|0|0\n");
  tell(0);
  CHECK(told == "one|2|1\n|0|-2\n|0|0\n");
}

TEST_CASE("what a visitor throws ends its statement alone", "[row_visitor]") {
  FilledTable table;
  int visits = 0;
  const auto visit = [&](const RowValues&) {
    if (++visits == 2) throw std::runtime_error("enough");
  };
  const RowVisitor visitor(visit);
  const auto run = [&] {
    return sqlite::attempt(
        [&] { table.connection.query("SELECT each_row(?, name) FROM place").bind(visitor).run(); });
  };

  const auto failed = run();
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().code == "store_unavailable");
  CHECK(visits == 2);
  require_ok(run());
  CHECK(visits == 5);
}

TEST_CASE("each_row takes nothing but a visitor", "[row_visitor]") {
  FilledTable table;
  const auto failed = sqlite::attempt(
      [&] { table.connection.query("SELECT each_row(?, name) FROM place").bind(1).run(); });
  CHECK_FALSE(failed.ok());
}
