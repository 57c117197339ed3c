// SPDX-License-Identifier: Apache-2.0
// Refused evidence is counted whatever comes, and no caller waits for what others add.
#include "server/http/unread_tally.hpp"

#include "tests/server/mortal_store.hpp"

#include <optional>

using namespace tl::server;
using namespace tl::server::test;

TEST_CASE("whoever writes the tally writes once, however many come meanwhile", "[unread]") {
  TempStore store;
  MortalStore flooded(store);
  std::optional<http::UnreadTally> tally(std::in_place, flooded);
  int writes = 0;
  flooded.is_killed = [&] {
    if (++writes <= 50) tally->add("", "rejected");  // comes while this is written
    return false;
  };
  tally->add("", "rejected");
  CHECK(writes == 1);
  CHECK(store.counter("", "rejected") == 1);
  tally->add("demo", "webhook_rejected");
  CHECK(writes == 2);
  CHECK(store.counter("", "rejected") == 2);
  CHECK(store.counter("demo", "webhook_rejected") == 1);
  tally->write();
  CHECK(store.counter("", "rejected") == 3);
  writes = 50;
  SECTION("what is left is written with the next") {
    tally->write();
    CHECK(store.counter("", "rejected") == 4);
    tally->write();
    CHECK(writes == 51);  // nothing waits: nothing is written
  }
  SECTION("or in the end") {
    tally.reset();
    CHECK(store.counter("", "rejected") == 4);
  }
}

TEST_CASE("what could not be written is not forgotten", "[unread]") {
  TempStore store;
  MortalStore failing(store);
  http::UnreadTally tally(failing);
  failing.is_killed = [] { return true; };
  tally.add("", "rejected");
  tally.add("", "rejected");
  CHECK(store.counter("", "rejected") == 0);
  failing.is_killed = nullptr;
  tally.write();
  CHECK(store.counter("", "rejected") == 2);
}
