// SPDX-License-Identifier: Apache-2.0
// What a visit, a sale, a merge, a withdrawal or a page of a list asks of SQLite reads rows of whom
// or what it is about, not all that the site has; and what restates N conversions of one buyer
// costs N times what one does.
#include "server/core/ingest/consent_change.hpp"
#include "server/core/outbox/dispatch_gathering.hpp"
#include "server/http/lead_json.hpp"
#include "server/http/session_json.hpp"
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

struct Plan {
  std::vector<std::string> lines;
  bool sorts = false;  // what it answers, not what it asks beside
};

Plan plan_of(sqlite3* database, const std::string& sql) {
  Plan plan;
  sqlite3_stmt* statement = nullptr;
  REQUIRE(sqlite3_prepare_v2(database, ("EXPLAIN QUERY PLAN " + sql).c_str(), -1, &statement,
                             nullptr) == SQLITE_OK);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    plan.lines.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, 3)));
    const bool is_outermost = sqlite3_column_int(statement, 1) == 0;
    plan.sorts |= is_outermost && plan.lines.back().find("TEMP B-TREE") != std::string::npos;
  }
  sqlite3_finalize(statement);
  return plan;
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

// Its rows come in the order of an index, from a place on, and no more than are shown. Of one kind
// they are not looked for among those of all.
bool is_page(const std::string& sql, const Plan& plan) {
  static const std::regex kEnd(R"( LIMIT \?\d*$)");
  if (plan.sorts || plan.lines.empty() || !std::regex_search(sql, kEnd)) return false;
  const bool is_by_kind = plan.lines.front().find("kind=?") != std::string::npos;
  const bool is_of_kind =
      sql.find("OR kind = ?") != std::string::npos || sql.find("AND kind = ?") != std::string::npos;
  return is_of_kind == is_by_kind;
}

bool reads_all(const std::string& sql, const std::string& line, bool is_of_page) {
  static const std::regex kStep(R"((SCAN|SEARCH) (\w+)(?: USING [\w ]+?)?(?: \((.*)\))?$)");
  std::smatch step;
  if (!std::regex_match(line, step, kStep) || !kGrowing.contains(table_of(sql, step[2])))
    return false;
  // A destination's deliveries are as many as the sales.
  static const std::set<std::string> kAll = {"site_id=?", "site_id=? AND destination=?"};
  static const std::regex kByTime(R"(site_id=\? AND \(?\w+_ms\b.*)");
  const std::string by = step[3];
  return step[1] == "SCAN" || kAll.contains(by) || (!is_of_page && std::regex_match(by, kByTime));
}

// Who takes consent back, all or marketing alone.
Outcome<void> withdraw(Tables& tables, const SiteConfig& site) {
  const Consent all{Choice::granted, Choice::granted}, none{Choice::denied, Choice::denied};
  for (const std::uint64_t visitor : {1U, 2U, 3U, 8U}) {
    TL_CHECK(put_choice(tables, site, id(visitor), {all, kMonth}));
    const Consent left = visitor == 3 ? Consent{Choice::granted, Choice::denied} : none;
    const ConsentRecord record{left, kMonth + 20 * kDay};
    TL_CHECK(apply_choice(tables, site, id(visitor), record));
  }
  return {};
}

// What GET /api/leads, /api/deliveries, /api/sessions, /api/sessions/{id} and
// /api/visitors/{anonymous_id} answer.
Outcome<void> list_all(Tables& tables, const SecretBox& box, const SiteConfig& site) {
  const ListQuery query{site.id, {}, {}, 100, {}};
  const http::SessionMoment moment{kHour, kMonth + 30 * kDay};
  ConversionFilter leads;
  leads.kind = "lead";
  TL_TRY(found, tables.orders().list_conversions(query, leads));
  REQUIRE_FALSE(found.items.empty());
  for (const auto& lead : found.items) TL_CHECK(http::lead_item(tables, box, site, lead));
  for (const auto state : {DeliveryState::queued, DeliveryState::dead, DeliveryState::delivered})
    TL_CHECK(tables.outbox().list_deliveries(query, state, ""));
  TL_TRY(sessions, tables.events().list_sessions(query));
  REQUIRE_FALSE(sessions.items.empty());
  for (const auto& session : sessions.items) {
    TL_CHECK(http::session_item(tables, session, moment));
    TL_CHECK(http::session_timeline(tables, session, moment));
    TL_CHECK(http::visitor_item(tables, site.id, session.anonymous_id, moment));
  }
  return {};
}

}  // namespace

TEST_CASE("a step over a destination's whole history is known", "[query_plans]") {
  const auto reads_all_by = [](const std::string& columns) {
    return reads_all("", "SEARCH delivery USING INDEX delivery_due (" + columns + ")", false);
  };
  CHECK(reads_all_by("site_id=? AND destination=?"));
  CHECK_FALSE(reads_all_by("site_id=? AND destination=? AND state=? AND next_attempt_ms<?"));
}

TEST_CASE("no write and no page of a list reads all that a site has", "[query_plans]") {
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
    world.store.put([&](Tables& tables) { return withdraw(tables, *world.site); });
    require_ok(world.store->read(
        [&](Tables& tables) { return list_all(tables, world.store.box, *world.site); }));
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
        const auto plan = plan_of(database, sql);
        const bool is_of_page = is_page(sql, plan);
        const bool lists_undelivered =
            sql.starts_with("SELECT") && sql.find("state <> 2") != std::string::npos;
        if (lists_undelivered && !is_of_page) wrong.insert("sorts: " + sql);
        for (const auto& line : plan.lines)
          if (reads_all(sql, line, is_of_page) ||
              (is_of_buyer && line.find("<expr>=? AND paid_ms") == std::string::npos))
            wrong.insert(line + " in: " + sql);
      }
  }
  sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&note));
  CHECK(seen > 120);
  CHECK(of_buyers == 6);
  CHECK(wrong == std::set<std::string>{});
}

namespace {

// What SQLite's machine did since this was asked last.
std::int64_t machine_steps() {
  std::int64_t steps = 0;
  for (sqlite3* database : opened)
    for (sqlite3_stmt* statement = sqlite3_next_stmt(database, nullptr); statement != nullptr;
         statement = sqlite3_next_stmt(database, statement))
      steps += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, /*resetFlg=*/1);
  return steps;
}

constexpr std::int64_t kSold = kMonth + 10 * kDay;
void sell(MonthWorld& world, int number, std::optional<std::uint64_t> visitor,
          const std::string& email) {
  const std::int64_t paid_ms = kSold + number * kMinute;
  const json metadata = visitor
                            ? visit_metadata(id(*visitor), id(100 * *visitor), paid_ms - kMinute)
                            : json::object();
  world.tell(sale_event(number, "checkout.session.completed",
                        sale_session(number, 900, metadata, email), paid_ms));
}
void sign_up(MonthWorld& world, int number, const std::string& email) {
  StatedConversion lead;
  lead.kind = "signup";
  lead.reference = "lead-" + std::to_string(number);
  lead.occurred_ms = kSold + number * kMinute;
  lead.customer.email = email;
  lead.digest = sha256(lead.reference);
  world.state(lead);
}

using Earlier = void (*)(MonthWorld&, int number);
// Of a sale by which one more browser is the buyer's, after that many conversions.
std::int64_t cost_of_tie(int earlier, Earlier convert, models::RepeatRule rule) {
  MonthWorld world("Europe/Prague");
  world.site->repeat_rule = rule;
  for (std::uint64_t visitor = 1; visitor <= 2; ++visitor)
    world.visit(visitor, 100 * visitor, kMonth, TrafficSource{Channel::email, "l", "", "", "/"});
  sell(world, 1, 1, "desk@example.com");
  for (int number = 2; number < earlier + 2; ++number) convert(world, number);
  machine_steps();
  sell(world, 1000, 2, "desk@example.com");
  return machine_steps();
}

}  // namespace

TEST_CASE("one more browser of a buyer costs as much for each earlier conversion, however many",
          "[query_plans]") {
  struct Case {
    const char* name;
    Earlier convert;
    models::RepeatRule rule = models::RepeatRule::every;
  };
  const auto one =
      GENERATE(Case{"contact", [](MonthWorld& w, int n) { sell(w, n, {}, "desk@example.com"); }},
               Case{"visitor", [](MonthWorld& w, int n) { sell(w, n, 1, ""); }},
               Case{"both", [](MonthWorld& w, int n) { sell(w, n, 1, "desk@example.com"); }},
               Case{"milestones", [](MonthWorld& w, int n) { sign_up(w, n, "desk@example.com"); }},
               Case{"repeats", [](MonthWorld& w, int n) { sell(w, n, {}, "desk@example.com"); },
                    models::RepeatRule::first_only});
  opened.clear();
  sqlite3_auto_extension(reinterpret_cast<void (*)()>(&note));
  const auto few = cost_of_tie(20, one.convert, one.rule);
  const auto many = cost_of_tie(80, one.convert, one.rule);
  sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&note));
  INFO(one.name << ": " << few << " and " << many);
  CHECK(10 * many < 42 * few);
}

namespace {

// How often statements about proofs, by which persons are looked for, ran since this was asked
// last.
int runs_about_proofs() {
  int runs = 0;
  for (sqlite3* database : opened)
    for (sqlite3_stmt* statement = sqlite3_next_stmt(database, nullptr); statement != nullptr;
         statement = sqlite3_next_stmt(database, statement)) {
      const int run = sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_RUN, /*resetFlg=*/1);
      const std::string sql = sqlite3_sql(statement);
      if (sql.find("contact_proof") != std::string::npos) runs += run;
    }
  return runs;
}

}  // namespace

TEST_CASE("no person is looked for when a page view of somebody unknown is kept or told",
          "[query_plans]") {
  opened.clear();
  sqlite3_auto_extension(reinterpret_cast<void (*)()>(&note));
  int keeping = 0, telling = 0;
  {
    MonthWorld world("Europe/Prague");
    world.lanes->push_back({"meta", Purpose::marketing, {"*"}});
    world.visit(1, 100, kMonth, TrafficSource{Channel::email, "l", "", "", "/"});
    world.identify(1, "one@example.com", kMonth);
    runs_about_proofs();
    world.visit(1, 100, kMonth + kMinute, {});
    keeping = runs_about_proofs();
    require_ok(world.store->read([&](Tables& tables) -> Outcome<void> {
      TL_TRY(rows, tables.outbox().list_deliveries({"demo", {}, {}, 1, {}}, std::nullopt, ""));
      TL_TRY(gathered, gather_dispatch(tables, *world.site, rows.items.at(0), Purpose::marketing));
      CHECK(gathered.clearance.may_send);
      return {};
    }));
    telling = runs_about_proofs();
  }
  sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&note));
  CHECK(keeping == 0);
  CHECK(telling <= 2);  // what the visitor said: to find that nothing is proven, and to tell it
}
