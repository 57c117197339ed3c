// SPDX-License-Identifier: Apache-2.0
// What arrives after the purchase that it belongs to, and after its day was published.
#include "server/core/attribution/late_evidence.hpp"

#include "tests/server/report_desk.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

TEST_CASE("a change of a published day leaves a revision with its reason", "[reports]") {
  Desk desk;
  tell_month(desk);
  desk.world.store.put([](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.rollups().seal_days("demo", 20261120));
    return {};
  });
  CHECK(desk.read("revisions")["items"].empty());
  // Told again, nothing changes and nothing is revised.
  for (const auto& told : scripted_month()) told(desk.world);
  desk.world.store.clock.advance(61'000);
  CHECK(desk.read("revisions")["items"].empty());

  desk.world.visit(7, 1600, kMonth + 5 * kDay, TrafficSource{Channel::email, "l", "", "", "/"});
  desk.world.tell(sale_event(1, "refund.created", sale_refund(1, "re_late", 100, "succeeded"),
                             kMonth + 20 * kDay));
  desk.world.store.clock.advance(61'000);
  const Json revisions = desk.read("revisions");
  CHECK(revisions["sealed_through"] == "2026-11-20");
  std::string reasons;
  for (const auto& item : revisions["items"]) reasons += item["reasons"].get<std::string>() + " ";
  CHECK(reasons.find("touch") != std::string::npos);
  CHECK(reasons.find("refund") != std::string::npos);
  bool is_marked = false;
  const Json series = desk.read("time-series");
  for (const auto& day : series["items"]) {
    CHECK(day["sealed"] == true);
    is_marked = is_marked || day["revision"] == 1;
  }
  CHECK(is_marked);
}

TEST_CASE("a touch that arrives after the purchase gets its credit", "[reports][late]") {
  Desk desk;
  auto& world = desk.world;
  world.visit(1, 1000, kMonth, TrafficSource{Channel::email, "letter", "", "", "/"});
  world.tell(sale_event(1, "checkout.session.completed",
                        sale_session(1, 900, visit_metadata(id(1), id(1000), kMonth), "a@b.cz"),
                        kMonth + kHour));
  const auto revenue = [&](const std::string& channel) {
    desk.world.store.clock.advance(61'000);
    const Json report = desk.read("by-channel", {{"attributionModel", "linear"}});
    for (const auto& item : report["items"])
      if (item["channel"] == channel) return item["revenue_minor"].get<int>();
    return 0;
  };
  CHECK(revenue("email") == 900);
  // Kept while offline: before the purchase, told after it.
  world.visit(1, 999, kMonth - kDay, TrafficSource{Channel::paid_search, "google", "", "", "/"});
  CHECK(revenue("email") == 450);
  CHECK(revenue("paid_search") == 450);
  // After the purchase, and before the lookback: no part of it.
  world.visit(1, 1001, kMonth + 2 * kHour, TrafficSource{Channel::sms, "s", "", "", "/"});
  world.visit(1, 900, kMonth - 31 * kDay, TrafficSource{Channel::push, "p", "", "", "/"});
  CHECK(revenue("email") == 450);
  CHECK(revenue("sms") == 0);
  CHECK(revenue("push") == 0);
}

TEST_CASE("a session that arrives after its purchase is found by it", "[reports][late]") {
  Desk desk;
  auto& world = desk.world;
  world.tell(sale_event(1, "checkout.session.completed",
                        sale_session(1, 900, visit_metadata(id(1), id(1000), kMonth), "a@b.cz"),
                        kMonth + kHour));
  CHECK(desk.read("overview")["attributed_share"] == 0.0);
  world.visit(1, 1000, kMonth, TrafficSource{Channel::email, "letter", "", "", "/"});
  world.store.clock.advance(61'000);
  CHECK(desk.read("overview")["attributed_share"] == 1.0);
}

TEST_CASE("an earlier purchase that arrives late takes the new customer along", "[reports][late]") {
  Desk desk;
  auto& world = desk.world;
  const auto sale = [&](int number, std::int64_t t_ms) {
    world.tell(sale_event(number, "checkout.session.completed",
                          sale_session(number, 900, json::object(), "same@example.com"), t_ms));
  };
  const auto new_customers = [&](const char* from, const char* to) {
    world.store.clock.advance(61'000);
    const auto reply = desk.call("GET", "/api/analytics/attribution/overview",
                                 {{"startDate", from}, {"endDate", to}});
    return Json::parse(reply.body)["new_customers"].get<std::string>();
  };
  sale(2, kMonth + 10 * kDay);
  CHECK(new_customers("2026-10-22", "2026-10-22") == "1");
  sale(1, kMonth + 2 * kDay);
  CHECK(new_customers("2026-10-22", "2026-10-22") == "0");
  CHECK(new_customers("2026-10-14", "2026-10-14") == "1");
}

TEST_CASE("a restatement that finds the same writes no credit and no sum", "[reports]") {
  Desk desk;
  tell_month(desk);
  MonthWorld& world = desk.world;
  {
    SQLite::Database database(world.store.path(), SQLite::OPEN_READWRITE);
    for (const std::string table :
         {"credit", "conversion_split", "day_credit", "day_path", "day_conversions",
          "day_self_reported", "day_traffic", "recent_traffic"})
      for (const std::string change : {"INSERT", "UPDATE", "DELETE"})
        database.exec("CREATE TRIGGER no_" + change + "_" + table + " BEFORE " + change + " ON " +
                      table + " BEGIN SELECT RAISE(ABORT, 'written'); END");
  }
  ListQuery query;
  query.site_id = "demo";
  query.limit = 1000;
  const auto conversions =
      world.store.get([&](Tables& t) { return t.orders().list_conversions(query, {}); }).items;
  REQUIRE(conversions.size() > 10);
  for (const auto& row : conversions) {
    INFO(row.kind << " of " << row.order_id);
    world.store.put([&](Tables& tables) {
      return restate_conversion(tables, *world.site, row, world.store.clock.now_ms());
    });
  }
  // What does change is written, and would be seen.
  world.site->lookback_ms = kMinute;
  bool is_refused = false;
  for (const auto& row : conversions)
    is_refused =
        is_refused || !world.store
                           ->write([&](Tables& tables) {
                             return restate_conversion(tables, *world.site, row,
                                                       world.store.clock.now_ms(), Restates::anew);
                           })
                           .ok();
  CHECK(is_refused);
}
