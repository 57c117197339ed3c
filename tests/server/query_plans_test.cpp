// SPDX-License-Identifier: Apache-2.0
// What a visit, a sale or a merge asks of SQLite reads rows of whom it is about, not all that the
// site has.
#include "tests/server/month.hpp"

#include <sqlite3.h>

#include <map>
#include <regex>
#include <set>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

std::vector<sqlite3*> opened;
int forget(unsigned, void*, void* database, void*) {
  std::erase(opened, static_cast<sqlite3*>(database));
  return 0;
}
int note(sqlite3* database, const char**, const void*) {
  opened.push_back(database);
  return sqlite3_trace_v2(database, SQLITE_TRACE_CLOSE, &forget, nullptr);
}

std::vector<std::string> plan_of(sqlite3* database, const std::string& sql) {
  std::vector<std::string> lines;
  sqlite3_stmt* statement = nullptr;
  REQUIRE(sqlite3_prepare_v2(database, ("EXPLAIN QUERY PLAN " + sql).c_str(), -1, &statement,
                             nullptr) == SQLITE_OK);
  while (sqlite3_step(statement) == SQLITE_ROW)
    lines.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, 3)));
  sqlite3_finalize(statement);
  return lines;
}

// Tables that grow with visits and sales: all of one site is too much for a write.
const std::set<std::string> kGrowing = {
    "event",           "touch",         "session",       "session_alias", "session_context",
    "anonymous_link",  "contact_claim", "contact_proof", "person_cut",    "consent_state",
    "consent_receipt", "conversion",    "orders",        "order_alias",   "order_change",
    "conversion_key",  "credit",        "delivery",      "webhook_inbox", "transaction_id"};

// "c" of "conversion AS c".
std::string table_of(const std::string& sql, const std::string& name) {
  std::smatch found;
  const std::regex alias("(\\w+) (?:AS )?" + name + "\\b");
  if (!kGrowing.contains(name) && std::regex_search(sql, found, alias)) return found[1];
  return name;
}

bool reads_all(const std::string& sql, const std::string& line) {
  static const std::regex kStep(R"((SCAN|SEARCH) (\w+)(?: USING [\w ]+?)?(?: \((.*)\))?$)");
  std::smatch step;
  if (!std::regex_match(line, step, kStep) || !kGrowing.contains(table_of(sql, step[2])))
    return false;
  const std::string by = step[3];
  return step[1] == "SCAN" || by == "site_id=?" || by.starts_with("site_id=? AND occurred_ms") ||
         by.starts_with("site_id=? AND t_ms");
}

}  // namespace

TEST_CASE("no write reads all that a site has", "[query_plans]") {
  opened.clear();
  sqlite3_auto_extension(reinterpret_cast<void (*)()>(&note));
  std::set<std::string> wrong;
  std::size_t seen = 0, of_buyers = 0;
  {
    MonthWorld world("Europe/Prague");
    for (const auto& tell : scripted_month()) tell(world);
    world.store.put([&](Tables& tables) -> Outcome<void> {
      TL_CHECK(tables.events().link_anonymous_ids("demo", id(1), id(7), kMonth));
      for (const OrderBuyer& buyer :
           {OrderBuyer("7"), OrderBuyer(id(1)), OrderBuyer(sha256("jane@example.com"))}) {
        TL_CHECK(tables.orders().latest_of_buyer("demo", "shopify", buyer, true, kMonth, 8));
        TL_CHECK(tables.orders().earliest_of_buyer("demo", "shopify", buyer, false, 0, kMonth, 8));
      }
      TL_CHECK(tables.outbox().lease("demo", "meta", kMonth, kMonth + kMinute, 10));
      return tables.outbox().scrub_old_bodies(kMonth);
    });
    world.visit(1, 1000, kMonth + kDay, {});
    for (sqlite3* database : opened)
      for (sqlite3_stmt* statement = sqlite3_next_stmt(database, nullptr); statement != nullptr;
           statement = sqlite3_next_stmt(database, statement)) {
        const std::string sql = sqlite3_sql(statement);
        ++seen;
        if (sql.find("SELECT min(provider)") != std::string::npos)
          continue;  // a step in the index each
        // A buyer may have thousands of orders, of which the nearest are read by their index.
        const bool is_of_buyer = sql.find("o.subscription < 2") != std::string::npos;
        of_buyers += is_of_buyer ? 1 : 0;
        for (const auto& line : plan_of(database, sql))
          if (reads_all(sql, line) ||
              (is_of_buyer && line.find("<expr>=? AND paid_ms") == std::string::npos))
            wrong.insert(line + " in: " + sql);
      }
  }
  sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&note));
  CHECK(seen > 60);
  CHECK(of_buyers == 6);
  CHECK(wrong == std::set<std::string>{});
}
