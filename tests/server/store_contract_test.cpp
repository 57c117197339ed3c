// SPDX-License-Identifier: Apache-2.0
// What every store must do, whatever its database.
#include "tests/server/support.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// Counts the rows of a table through a connection of nobody's.
std::size_t events_of(TempStore& store, std::uint64_t session = 1001) {
  return store
      .get([&](Tables& tables) {
        return tables.events().events_of_session("demo", id(session), 10'000);
      })
      .size();
}

// An event is found through its session.
Outcome<void> insert(Tables& tables, std::uint64_t number) {
  TL_TRY(is_new_session, tables.events().merge_session(given_session()));
  static_cast<void>(is_new_session);
  TL_TRY(is_new, tables.events().insert_event(given_event(number)));
  return is_new ? Outcome<void>() : invalid("was_there", "twice");
}

}  // namespace

TEST_CASE("what was written is there after the store was opened again", "[store]") {
  TempStore store;
  store.put([](Tables& tables) { return insert(tables, 1); });

  store.reopen();

  const auto event =
      store.get([](Tables& tables) { return tables.events().find_event("demo", id(1001), id(1)); });
  REQUIRE(event.has_value());
  CHECK(event->name == "page_view");
  CHECK(event->page_nonce == id(3001));
  CHECK(event->verdict == Verdict::verified);
}

TEST_CASE("a write has reached the file when it returns", "[store]") {
  TempStore store, second;
  store.put([](Tables& tables) { return insert(tables, 1); });

  // A copy of the files without closing the store is what a crash leaves behind.
  for (const char* suffix : {"", "-wal"})
    std::filesystem::copy_file(store.path() + suffix, second.path() + ".crash" + suffix);
  auto opened = value_of(open_store("sqlite:" + second.path() + ".crash", store.box, kNow));

  std::optional<EventRow> found;
  require_ok(opened->read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(event, tables.events().find_event("demo", id(1001), id(1)));
    found = event;
    return {};
  }));
  CHECK(found.has_value());
}

TEST_CASE("a work that fails leaves nothing behind and spoils nobody else's", "[store]") {
  TempStore store;
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < 16; ++i)
    threads.emplace_back([&, i] {
      const auto outcome = store->write([&](Tables& tables) -> Outcome<void> {
        TL_CHECK(insert(tables, 100 + i));
        if (i % 2 == 1) return invalid("changed_my_mind", "half way");
        return {};
      });
      if (!outcome.ok()) failed += outcome.error().code == "changed_my_mind" ? 1 : 100;
    });
  for (auto& thread : threads) thread.join();

  CHECK(failed == 8);
  CHECK(events_of(store) == 8);
}

TEST_CASE("sums count what stayed, not what a failed work added", "[store]") {
  TempStore store;
  DayTraffic traffic;
  traffic.day = 20260921;
  traffic.source.source = "google";
  traffic.touches = 1;
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < 16; ++i)
    threads.emplace_back([&, i] {
      static_cast<void>(store->write([&](Tables& tables) -> Outcome<void> {
        TL_CHECK(tables.operations().count("demo", "accepted", 1));
        TL_CHECK(tables.rollups().add_traffic("demo", traffic));
        if (i % 4 == 1) TL_CHECK(insert(tables, i));
        return i % 2 == 1 ? Outcome<void>(invalid("changed_my_mind", "half way")) : Outcome<void>();
      }));
    });
  for (auto& thread : threads) thread.join();

  CHECK(store.counter("demo", "accepted") == 8);
  const auto days =
      store.get([](Tables& t) { return t.rollups().traffic("demo", 20260921, 20260921); });
  REQUIRE(days.size() == 1);
  CHECK(days[0].touches == 8);
  CHECK(events_of(store) == 0);
}

TEST_CASE("the log starts over while writers go on, and nothing is lost", "[store]") {
  TempStore store;
  const std::string title(40'000, 'x');
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 500; ++i)
        if (!store
                 ->write([&](Tables& tables) -> Outcome<void> {
                   TL_TRY(is_new_session, tables.events().merge_session(given_session()));
                   static_cast<void>(is_new_session);
                   auto event = given_event(1000 * t + i);
                   event.title = title;
                   TL_TRY(is_new, tables.events().insert_event(event));
                   return is_new ? Outcome<void>() : invalid("was_there", "twice");
                 })
                 .ok())
          return;
    });
  for (auto& thread : threads) thread.join();

  CHECK(events_of(store) == 2000);
  // 80 MB were written; a log that starts over is cut to 64 MiB.
  CHECK(std::filesystem::file_size(store.path() + "-wal") <= 64 * 1024 * 1024);
  store.reopen();
  CHECK(events_of(store) == 2000);
}

TEST_CASE("an exception of the database becomes store_unavailable and rolls back", "[store]") {
  TempStore store;

  const auto outcome = store->write([](Tables& tables) -> Outcome<void> {
    TL_CHECK(insert(tables, 1));
    ConsentReceipt receipt;
    receipt.id = id(5);
    TL_CHECK(tables.people().append_receipt("demo", receipt));
    return tables.people().append_receipt("demo", receipt);  // the id is unique
  });

  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().kind == ErrorKind::unavailable);
  CHECK(outcome.error().code == "store_unavailable");
  CHECK(events_of(store) == 0);
  store.put([](Tables& tables) { return insert(tables, 1); });
  CHECK(events_of(store) == 1);
}

TEST_CASE("many writers at once lose nothing", "[store]") {
  TempStore store;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 50; ++i)
        if (!store->write([&](Tables& tables) { return insert(tables, 1000 * t + i); }).ok())
          return;
    });
  for (auto& thread : threads) thread.join();
  CHECK(events_of(store) == 400);
}

TEST_CASE("a reader sees one moment while a writer goes on", "[store]") {
  TempStore store;
  store.put([](Tables& tables) { return insert(tables, 1); });

  std::size_t before = 0, after = 0;
  require_ok(store->read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(first, tables.events().events_of_session("demo", id(1001), 100));
    std::thread([&] { store.put([](Tables& t) { return insert(t, 2); }); }).join();
    TL_TRY(second, tables.events().events_of_session("demo", id(1001), 100));
    before = first.size();
    after = second.size();
    return {};
  }));

  CHECK(before == 1);
  CHECK(after == 1);
  CHECK(events_of(store) == 2);
}

TEST_CASE("reading cannot write", "[store]") {
  TempStore store;
  const auto outcome = store->read([](Tables& tables) { return insert(tables, 1); });
  REQUIRE_FALSE(outcome.ok());
  CHECK(events_of(store) == 0);
}

TEST_CASE("an event or touch that is there already changes nothing", "[store]") {
  TempStore store;
  store.put([](Tables& tables) -> Outcome<void> {
    TL_CHECK(insert(tables, 1));
    TL_TRY(touch, tables.events().insert_touch(given_touch(1)));
    return touch ? Outcome<void>() : invalid("was_there", "");
  });
  store.put([](Tables& tables) -> Outcome<void> {
    auto event = given_event(1);
    event.name = "changed";
    TL_TRY(is_new, tables.events().insert_event(event));
    TL_TRY(is_new_touch, tables.events().insert_touch(given_touch(1, Channel::email)));
    return is_new || is_new_touch ? invalid("was_new", "") : Outcome<void>();
  });
  CHECK(store.get([](Tables& t) { return t.events().find_event("demo", id(1001), id(1)); })->name ==
        "page_view");
  CHECK(store.get([](Tables& t) { return t.events().find_touch("demo", id(1001), id(1)); })
            ->channel == Channel::paid_search);
}

TEST_CASE("rows of another site are not seen", "[store]") {
  TempStore store;
  store.put([](Tables& tables) -> Outcome<void> {
    TL_CHECK(insert(tables, 1));
    return tables.events().put_session(given_session());
  });
  CHECK_FALSE(store.get([](Tables& t) { return t.events().find_event("other", id(1001), id(1)); }));
  CHECK_FALSE(store.get([](Tables& t) { return t.events().find_session("other", id(1001)); }));
}

TEST_CASE("parts of a session add up in any order", "[store]") {
  TempStore store;
  SessionRow early = given_session(), late = given_session();
  early.first_touch = early.last_touch = id(1);
  late.last_ms = kNow + 5000;
  late.exit_path = "/donate";
  late.last_content = R"({"id":"7"})";
  late.ended_ms = kNow + 5000;
  late.end_reason = "left";
  const bool is_reversed = GENERATE(false, true);

  std::vector<bool> is_new;
  store.put([&](Tables& tables) -> Outcome<void> {
    for (const auto& part : is_reversed ? std::vector{late, early} : std::vector{early, late}) {
      TL_TRY(merged, tables.events().merge_session(part));
      is_new.push_back(merged);
    }
    return {};
  });

  CHECK(is_new == std::vector<bool>{true, false});
  const auto session =
      *store.get([](Tables& t) { return t.events().find_session("demo", id(1001)); });
  CHECK(session.events == 2);
  CHECK(session.page_views == 2);
  CHECK(session.last_ms == kNow + 5000);
  CHECK(session.exit_path == "/donate");
  CHECK(session.first_touch == id(1));
  CHECK(session.end_reason == "left");
  CHECK(session.last_content == R"({"id":"7"})");
}

TEST_CASE("activity undoes an end by leaving but not one by purchase", "[store]") {
  TempStore store;
  SessionRow ended = given_session();
  ended.ended_ms = kNow;
  ended.end_reason = GENERATE(as<std::string>{}, "left", "purchase");
  SessionRow active = given_session();
  active.last_ms = kNow + 1000;
  store.put([&](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.events().put_session(ended));
    TL_TRY(is_new, tables.events().merge_session(active));
    return is_new ? invalid("was_new", "") : Outcome<void>();
  });
  const auto session =
      *store.get([](Tables& t) { return t.events().find_session("demo", id(1001)); });
  CHECK(session.ended_ms.has_value() == (ended.end_reason == "purchase"));
}

TEST_CASE("a session is found by an alias", "[store]") {
  TempStore store;
  store.put([](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.events().put_session(given_session()));
    return tables.events().alias_session("demo", id(9), id(1001));
  });
  CHECK(store.get([](Tables& t) { return t.events().find_session("demo", id(9)); })->id ==
        id(1001));
}

TEST_CASE("touches of linked anonymous ids are one line in order of time", "[store]") {
  TempStore store;
  store.put([](Tables& tables) -> Outcome<void> {
    auto newer = given_touch(2, Channel::email, kNow + 2000), other = given_touch(3);
    newer.anonymous_id = id(2002);
    other.anonymous_id = id(2003);
    for (const auto& touch : {newer, given_touch(1), other})
      TL_CHECK(tables.events().insert_touch(touch));
    TL_CHECK(tables.events().link_anonymous_ids("demo", id(2002), id(2001), kNow));
    return {};
  });
  for (const auto& visitor : {id(2001), id(2002)}) {
    const auto touches = store.get([&](Tables& t) {
      return t.events().touches_of_visitor("demo", visitor, 0, kNow + kDay, 10);
    });
    REQUIRE(touches.size() == 2);
    CHECK(touches[0].id == id(1));
    CHECK(touches[1].id == id(2));
  }
  const auto newest = store.get(
      [](Tables& t) { return t.events().touches_of_visitor("demo", id(2001), 0, kNow + kDay, 1); });
  REQUIRE(newest.size() == 1);
  CHECK(newest[0].id == id(2));
}

TEST_CASE("pages of a list meet without gap or repeat while rows are added", "[store]") {
  TempStore store;
  store.put([](Tables& tables) -> Outcome<void> {
    for (std::uint64_t i = 0; i < 7; ++i)
      TL_CHECK(tables.events().put_session(
          given_session(100 + i, kNow + static_cast<std::int64_t>(i / 2))));
    return {};
  });
  std::vector<Id128> seen;
  ListQuery query;
  query.site_id = "demo";
  query.limit = 3;
  do {
    const auto page = store.get([&](Tables& t) { return t.events().list_sessions(query); });
    for (const auto& session : page.items) seen.push_back(session.id);
    store.put([&](Tables& tables) {
      return tables.events().put_session(given_session(500 + seen.size(), kNow + kDay));
    });
    query.cursor = page.next_cursor.value_or("");
  } while (!query.cursor.empty());
  CHECK(seen == std::vector<Id128>{id(106), id(105), id(104), id(103), id(102), id(101), id(100)});

  query.cursor = "nonsense";
  Outcome<Page<SessionRow>> bad = ServerError{};
  (void)store->read([&](Tables& tables) -> Outcome<void> {
    bad = tables.events().list_sessions(query);
    return {};
  });
  REQUIRE_FALSE(bad.ok());
  CHECK(bad.error().code == "bad_cursor");
}

TEST_CASE("the newest choice wins whatever the order of arrival", "[store]") {
  TempStore store;
  const Consent granted{Choice::granted, Choice::granted, Choice::unknown, false};
  const Consent denied{Choice::denied, Choice::denied, Choice::unknown, false};
  store.put([&](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.people().put_consent("demo", id(1), {denied, kNow + 10, kNow - 5}));
    return tables.people().put_consent("demo", id(1), {granted, kNow, kNow});
  });
  const auto record = store.get([](Tables& t) { return t.people().find_consent("demo", id(1)); });
  CHECK(record->consent == denied);
  CHECK(record->said_ms == kNow - 5);
}

TEST_CASE("a claim once verified stays so", "[store]") {
  TempStore store;
  ContactClaim claim;
  claim.hash = sha256("a@shop.example");
  claim.anonymous_id = id(1);
  claim.verified = true;
  claim.source = "stripe";
  claim.t_ms = kNow;
  ContactClaim again = claim;
  again.verified = false;
  again.source = "identify";
  again.t_ms = kNow + 1;
  store.put([&](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.people().put_claim("demo", claim));
    TL_CHECK(tables.people().put_claim("demo", again));
    return {};
  });
  const auto claims =
      store.get([&](Tables& t) { return t.people().claims_of_visitor("demo", id(1)); });
  REQUIRE(claims.size() == 1);
  CHECK(claims[0].verified);
  CHECK(claims[0].source == "stripe");
  CHECK(claims[0].t_ms == kNow + 1);
}

TEST_CASE("a session's context is sealed, found and deleted by visitor", "[store]") {
  TempStore store;
  SessionContext context;
  context.ip = "192.0.2.77";
  context.user_agent = "Agent \xff with a broken byte";
  context.fbclid = "IwAR-click";
  store.put([&](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.events().put_session(given_session()));
    return tables.events().put_context("demo", id(1001), id(2001), context, kNow, kNow + kDay);
  });
  const auto found =
      store.get([](Tables& t) { return t.events().newest_context("demo", id(2001)); });
  REQUIRE(found.has_value());
  CHECK(found->ip == "192.0.2.77");
  CHECK(found->fbclid == "IwAR-click");

  std::string bytes;
  for (const char* suffix : {"", "-wal"}) {
    std::ifstream file(store.path() + suffix, std::ios::binary);
    bytes.append(std::istreambuf_iterator<char>(file), {});
  }
  CHECK(bytes.find("192.0.2.77") == std::string::npos);
  CHECK(bytes.find("IwAR-click") == std::string::npos);

  store.put([](Tables& tables) { return tables.events().delete_contexts("demo", id(2001)); });
  CHECK_FALSE(store.get([](Tables& t) { return t.events().find_context("demo", id(1001)); }));
}

TEST_CASE("rejects are kept sealed within a budget that deleting gives back", "[store]") {
  TempStore store;
  RejectRow reject;
  reject.site_id = "demo";
  reject.t_ms = kNow;
  reject.route = "/api/events";
  reject.code = "malformed_json";
  reject.sender_json = R"({"origin":"x"})";
  reject.body = "{broken secret@shop.example";
  RejectRow large = reject;
  large.body.assign(1024 * 1024 + 1, 'x');
  std::int64_t number = 0, large_number = 0;
  store.put([&](Tables& tables) -> Outcome<void> {
    TL_TRY(first, tables.operations().insert_reject(reject));
    TL_TRY(second, tables.operations().insert_reject(large));
    number = first;
    large_number = second;
    return {};
  });
  const auto found =
      store.get([&](Tables& t) { return t.operations().find_reject("demo", number); });
  REQUIRE(found.has_value());
  CHECK(found->body == reject.body);
  CHECK(found->sender_json == reject.sender_json);
  CHECK(store.get([&](Tables& t) { return t.operations().find_reject("demo", large_number); })
            ->body.empty());
  CHECK_FALSE(store.get([&](Tables& t) { return t.operations().find_reject("other", number); }));
  CHECK(store.counter("demo", "reject_kept_bytes") > 0);

  store.put([](Tables& tables) { return tables.operations().delete_old_rejects(kNow + 1); });
  CHECK(store.counter("demo", "reject_kept_bytes") == 0);
}

TEST_CASE("what nobody proved to have sent never keeps out what was proven", "[store]") {
  TempStore store;
  RejectRow reject;
  reject.site_id = "demo";
  reject.t_ms = kNow;
  reject.route = "/api/webhook/stripe/demo";
  reject.code = "bad_signature";
  reject.is_proven = GENERATE(true, false);
  store.put([](Tables& tables) {
    return tables.operations().count("demo", "reject_kept_bytes", 64LL * 1024 * 1024);
  });
  store.put([&](Tables& tables) -> Outcome<void> {
    TL_TRY(number, tables.operations().insert_reject(reject));
    CHECK((number > 0) == reject.is_proven);
    return {};
  });
}

TEST_CASE("over a site's budget a reject leaves no row", "[store]") {
  TempStore store;
  RejectRow reject;
  reject.site_id = "demo";
  reject.t_ms = kNow;
  reject.route = "/api/events";
  reject.code = "foreign_origin";
  reject.message = "pages of x may not send";
  const auto number = [&] {
    std::int64_t id = 0;
    store.put([&](Tables& tables) -> Outcome<void> {
      TL_TRY(inserted, tables.operations().insert_reject(reject));
      id = inserted;
      return {};
    });
    return id;
  };
  CHECK(number() > 0);
  // A row costs more than its body.
  CHECK(store.counter("demo", "reject_kept_bytes") >= 200);
  store.put([](Tables& tables) {
    return tables.operations().count("demo", "reject_kept_bytes", 256LL * 1024 * 1024);
  });
  CHECK(number() == 0);
  ListQuery all;
  all.site_id = "demo";
  CHECK(store.get([&](Tables& t) { return t.operations().list_rejects(all); }).items.size() == 1);
}

TEST_CASE("rollups add and subtract", "[store]") {
  TempStore store;
  const TrafficSource letter{Channel::email, "letter", "spring", "", "/"};
  const DayTraffic one{20260921, letter, 1, 1, {}};
  const DayTraffic back{20260921, letter, 0, -1, {}};
  store.put([&](Tables& tables) -> Outcome<void> {
    for (const auto& delta : {one, one, back})
      TL_CHECK(tables.rollups().add_traffic("demo", delta));
    return {};
  });
  const auto days =
      store.get([](Tables& t) { return t.rollups().traffic("demo", 20260921, 20260921); });
  REQUIRE(days.size() == 1);
  CHECK(days[0].touches == 2);
  CHECK(days[0].visits == 1);
}

TEST_CASE("receipts form a chain in order of arrival", "[store]") {
  TempStore store;
  store.put([](Tables& tables) -> Outcome<void> {
    for (std::uint64_t i = 0; i < 3; ++i) {
      ConsentReceipt receipt;
      receipt.id = id(50 - i);
      receipt.t_ms = kNow - static_cast<std::int64_t>(i);
      receipt.event = "given";
      TL_CHECK(tables.people().append_receipt("demo", receipt));
    }
    return {};
  });
  SQLite::Database database(store.path(), SQLite::OPEN_READONLY);
  SQLite::Statement query(database,
                          "SELECT count(*) FROM consent_receipt AS later JOIN consent_receipt AS "
                          "earlier ON later.number = earlier.number + 1 AND later.previous_hash = "
                          "earlier.hash");
  REQUIRE(query.executeStep());
  CHECK(query.getColumn(0).getInt() == 2);
}
