// SPDX-License-Identifier: Apache-2.0
// Opening databases of another age.
#include "server/store/serving_lock.hpp"
#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/migrations.hpp"
#include "tests/server/support.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;
using sqlite::Connection;
using sqlite::Migration;

namespace {

const std::vector<Migration> kFirst = {{1, "one", "CREATE TABLE one (a INTEGER)"}};
const std::vector<Migration> kSecond = {{1, "one", "CREATE TABLE one (a INTEGER)"},
                                        {2, "two", "ALTER TABLE one ADD COLUMN b INTEGER"}};

}  // namespace

TEST_CASE("an empty file becomes a database and stays one", "[migration]") {
  TempStore store;
  store.reopen();
  require_ok(store->probe());
}

TEST_CASE("each migration runs once and in order", "[migration]") {
  TempFolder folder;
  Connection connection(folder.file("a.db"), Connection::Use::writing);

  require_ok(sqlite::migrate(connection, kFirst, kNow));
  connection.execute("INSERT INTO one (a) VALUES (1)");
  require_ok(sqlite::migrate(connection, kSecond, kNow));
  require_ok(sqlite::migrate(connection, kSecond, kNow));

  auto query = connection.query("SELECT a FROM one WHERE b IS NULL");
  CHECK(query.step());
}

TEST_CASE("a database that knows more than the program is refused", "[migration]") {
  TempFolder folder;
  Connection connection(folder.file("a.db"), Connection::Use::writing);
  require_ok(sqlite::migrate(connection, kSecond, kNow));

  const auto outcome = sqlite::migrate(connection, kFirst, kNow);

  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == "store_is_newer");
}

TEST_CASE("a migration whose text was changed is refused", "[migration]") {
  TempFolder folder;
  Connection connection(folder.file("a.db"), Connection::Use::writing);
  require_ok(sqlite::migrate(connection, kFirst, kNow));

  const auto outcome = sqlite::migrate(connection, {{1, "one", "CREATE TABLE one (a TEXT)"}}, kNow);

  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == "migration_changed");
}

TEST_CASE("a migration that fails half way leaves nothing", "[migration]") {
  TempFolder folder;
  Connection connection(folder.file("a.db"), Connection::Use::writing);

  const auto outcome = sqlite::migrate(
      connection, {{1, "one", "CREATE TABLE one (a INTEGER); CREATE TABLE one (a INTEGER)"}}, kNow);

  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == "store_unavailable");
  require_ok(sqlite::migrate(connection, kFirst, kNow));
}

TEST_CASE("times without consent of an older database become the choices that they were",
          "[migration][consent]") {
  TempFolder folder;
  Connection connection(folder.file("a.db"), Connection::Use::writing);
  auto until_then = sqlite::all_migrations();
  std::erase_if(until_then, [](const Migration& one) { return one.version > 11; });
  require_ok(sqlite::migrate(connection, until_then, kNow));
  // Refused twice, the first time for a while; and a refusal that ended when it began.
  connection.execute(
      "INSERT INTO storage_withheld VALUES ('demo', x'01', 10, 20), ('demo', x'01', 30, NULL), "
      "('demo', x'02', 40, 40)");

  require_ok(sqlite::migrate(connection, sqlite::all_migrations(), kNow));

  auto query = connection.query(
      "SELECT group_concat(hex(anonymous_id) || ' ' || t_ms || ' ' || is_withheld) FROM "
      "storage_choice");
  REQUIRE(query.step());
  std::string choices;
  query.read(choices);
  CHECK(choices == "01 10 1,01 20 0,01 30 1");
}

TEST_CASE("proofs of an older database say of which kind their conversion is", "[migration]") {
  TempFolder folder;
  Connection connection(folder.file("a.db"), Connection::Use::writing);
  auto until_then = sqlite::all_migrations();
  std::erase_if(until_then, [](const Migration& one) { return one.version > 23; });
  require_ok(sqlite::migrate(connection, until_then, kNow));
  connection.execute(
      "INSERT INTO conversion (site_id, id, kind, provider, order_id, amount_minor, currency, "
      "live, "
      "subscription, occurred_ms, recorded_ms, match_type, touches, days_to_convert, snapshot) "
      "VALUES ('demo', x'01', 'lead', 'api', '1', 0, 'EUR', 1, 0, 5, 5, 0, 0, 0, '{}');"
      // That of the second one was lost.
      "INSERT INTO contact_proof (site_id, conversion_id, kind, hash, source, t_ms) VALUES "
      "('demo', x'01', 1, x'aa', 'api', 5), ('demo', x'02', 1, x'aa', 'api', 6)");

  require_ok(sqlite::migrate(connection, sqlite::all_migrations(), kNow));

  auto query = connection.query(
      "SELECT group_concat(conversion_kind || ' ' || t_ms) FROM contact_proof INDEXED BY "
      "contact_proof_by_contact WHERE site_id = 'demo' AND kind = 1 AND hash = x'aa'");
  REQUIRE(query.step());
  std::string kinds;
  query.read(kinds);
  CHECK(kinds == " 6,lead 5");
}

TEST_CASE("store URLs are checked", "[store]") {
  TempStore store;
  struct Case {
    const char* url;
    const char* code;
  };
  const auto& [url, code] =
      GENERATE(values<Case>({{"postgresql://u:secret@h/db", "not_built_yet"},
                             {"redis://h:6379/0", "not_built_yet"},
                             {"mysql://h/db", "bad_store_url"},
                             {"sqlite:", "bad_store_url"},
                             {"", "bad_store_url"},
                             {"sqlite:/proc/no/such/file", "store_unavailable"}}));
  const auto opened = open_store(url, store.box, kNow);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == code);
  CHECK(opened.error().detail.find("secret") == std::string::npos);
}

TEST_CASE("one server at a time serves from a store", "[store]") {
  const TempFolder folder;
  const std::string url = "sqlite:" + folder.file("data/a.db");
  {
    const auto first = ServingLock::take(url);
    REQUIRE(first.ok());
    const auto second = ServingLock::take(url);
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == "store_in_use");
    CHECK(ServingLock::take("sqlite:" + folder.file("b.db")).ok());
  }
  CHECK(ServingLock::take(url).ok());
}
