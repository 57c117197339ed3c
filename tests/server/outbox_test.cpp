// SPDX-License-Identifier: Apache-2.0
// The lanes' threads: a dead destination beside a living one, waking and stopping; and the rows
// behind them.
#include "server/core/outbox/outbox.hpp"

#include "tests/server/delivery_support.hpp"

#include <atomic>
#include <chrono>
#include <thread>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

template <class Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

// Answers PostHog; never comes back from Meta until it is let go.
class OneDead : public HttpClient {
 public:
  OutgoingAnswer send(const OutgoingRequest& request) override {
    if (request.url.ends_with("/batch/")) {
      ++posthog;
      return ScriptedClient::accept(request);
    }
    ++meta;
    while (!released) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return no_answer();
  }
  std::atomic<int> meta = 0, posthog = 0;
  std::atomic<bool> released = false;
};

}  // namespace

TEST_CASE("a dead destination delays no other", "[outbox]") {
  DeliveryWorld world;
  OneDead client;
  OutboxParts parts{*world.store,
                    client,
                    world.store.clock,
                    world.store.entropy,
                    world.parts.find_site,
                    world.parts.find_destination,
                    {}};
  Outbox outbox(parts);
  world.tell();
  outbox.start({std::make_shared<const SiteConfig>(world.site)});
  REQUIRE(eventually([&] { return client.meta == 1 && client.posthog == 1; }));

  const auto second = world.tell();
  outbox.wake();

  CHECK(eventually(
      [&] { return world.row(second.id, "posthog").state == DeliveryState::delivered; }));
  CHECK(client.meta == 1);
  client.released = true;
  outbox.stop();
  outbox.stop();  // again is nothing
}

TEST_CASE("stopping settles what was sent", "[outbox]") {
  DeliveryWorld world;
  Outbox outbox(world.parts);
  const auto event = world.tell();
  outbox.start({std::make_shared<const SiteConfig>(world.site)});
  REQUIRE(
      eventually([&] { return world.row(event.id, "meta").state == DeliveryState::delivered; }));
  outbox.stop();

  outbox.start({std::make_shared<const SiteConfig>(world.site)});
  const auto second = world.tell();
  outbox.wake();
  CHECK(eventually([&] { return world.row(second.id, "meta").state == DeliveryState::delivered; }));
}

TEST_CASE("a delivery is enqueued once", "[outbox][store]") {
  DeliveryWorld world;
  const auto event = world.tell();
  DeliveryRow again;
  again.site_id = "demo";
  again.destination = "meta";
  again.event_name = event.name;
  again.event_id = event.id;
  world.store.put([&](Tables& t) -> Outcome<void> {
    TL_TRY(is_new, t.outbox().enqueue(again));
    CHECK_FALSE(is_new);
    return {};
  });
}

TEST_CASE("bodies are sealed on disk, bound to their row, and go after a week", "[outbox][store]") {
  DeliveryWorld world;
  const auto event = world.tell();
  auto row = world.row(event.id, "meta");
  row.body = R"({"secret":"jane"})";
  world.store.put([&](Tables& t) { return t.outbox().put_delivery(row); });
  CHECK(world.row(event.id, "meta").body == row.body);

  world.store.put([&](Tables& t) { return t.outbox().scrub_old_bodies(kNow); });
  CHECK(world.row(event.id, "meta").body == row.body);
  world.store.put([&](Tables& t) { return t.outbox().scrub_old_bodies(kNow + 1); });
  CHECK(world.row(event.id, "meta").body.empty());
}

TEST_CASE("deliveries are listed newest first, by pages and filters", "[outbox][store]") {
  DeliveryWorld world;
  for (int i = 0; i < 5; ++i) world.tell();
  auto lane = world.lane("meta");
  world.run(lane);

  std::vector<std::int64_t> ids;
  ListQuery query;
  query.site_id = "demo";
  query.limit = 3;
  for (;;) {
    const auto page = world.store.get(
        [&](Tables& t) { return t.outbox().list_deliveries(query, std::nullopt, "posthog"); });
    for (const auto& row : page.items) ids.push_back(row.id);
    if (!page.next_cursor) break;
    query.cursor = *page.next_cursor;
  }
  CHECK(ids.size() == 5);
  CHECK(std::is_sorted(ids.rbegin(), ids.rend()));

  query.cursor.clear();
  const auto delivered = world.store.get(
      [&](Tables& t) { return t.outbox().list_deliveries(query, DeliveryState::delivered, ""); });
  CHECK(delivered.items.size() == 3);
  CHECK(delivered.items[0].destination == "meta");
  query.site_id = "other";
  CHECK(world.store.get([&](Tables& t) { return t.outbox().list_deliveries(query, {}, ""); })
            .items.empty());
}
