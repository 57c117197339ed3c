// SPDX-License-Identifier: Apache-2.0
// A sale that is worth another amount than its destinations were told: who hears of it, and what
// the others hear of its refunds.
#include "server/core/orders/orders.hpp"
#include "tests/server/google_world.hpp"

#include <map>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

constexpr std::int64_t kPastHoldMs = 16'000;

// Tells Google Ads, which restates sales, and PostHog, which does not.
struct GrowingWorld : GoogleWorld {
  GrowingWorld() {
    site.destinations.push_back({"posthog", "posthog", {{"api_key", "phc_1"}}, {}});
    client.otherwise = [this](const OutgoingRequest& request) {
      if (asks_for_token(request)) return google_that_accepts(request);
      if (request.method == "GET") return answered(404, "{}");
      hear(Json::parse(request.body));
      if (request.url.find("posthog") != std::string::npos)
        return answered(200, R"({"status":"Ok"})");
      return answered(200, R"({"requestId":"r"})");
    };
  }
  void hear(const Json& body) {
    for (const Json& event : body.value("events", Json::array()))
      google.push_back(event["conversionValue"].get<double>());
    for (const Json& event : body.value("batch", Json::array()))
      if (event["event"] == "purchase" || event["event"] == "refund")
        posthog[event["event"]].push_back(event["properties"]["revenue_minor"]);
  }
  void tell(const std::string& key, const std::function<void(OrderChange&)>& as) {
    OrderChange change;
    change.event_key = change.change_key = key;
    change.event_type = "payment";
    change.order_id = "inv_1";
    change.currency = "EUR";
    change.occurred_ms = store.clock.now_ms();
    as(change);
    InboxEntry entry;
    entry.provider = "chargebee";
    entry.event_key = key;
    entry.received_ms = change.occurred_ms;
    entry.headers_json = "{}";
    Orders orders(*store, store.clock, destinations::destination_takes);
    value_of(orders.receive_webhook(site, entry, {change}));
  }
  void pay(const std::string& part, std::int64_t minor) {
    tell(part, [&](OrderChange& change) {
      change.kind = OrderChange::Kind::purchase;
      change.part_id = part;
      change.amount_minor = minor;
      change.anonymous_id = id(2001);
      change.session_id = session_id;
    });
  }
  void refund(const std::string& refund_id, std::int64_t minor) {
    tell(refund_id, [&](OrderChange& change) {
      change.kind = OrderChange::Kind::refund;
      change.refund_id = refund_id;
      change.refund_amount_minor = minor;
      change.refund_status = "succeeded";
    });
  }
  void deliver(std::int64_t after_ms = kPastHoldMs) {
    store.clock.advance(after_ms);
    for (const char* name : {"google_ads", "posthog"}) {
      auto one = lane(name);
      for (int round = 0; round < 20 && run(one); ++round) continue;
    }
  }
  std::vector<DeliveryRow> deliveries(const std::string& destination, const std::string& event) {
    ListQuery query;
    query.site_id = "demo";
    auto rows = store
                    .get([&](Tables& t) {
                      return t.outbox().list_deliveries(query, std::nullopt, destination);
                    })
                    .items;
    std::erase_if(rows, [&](const DeliveryRow& row) { return row.event_name != event; });
    return rows;
  }

  std::vector<double> google;                                // values, in turn
  std::map<std::string, std::vector<std::int64_t>> posthog;  // by event
};

using Amounts = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("parts that come together are told as one sale", "[outbox][parts]") {
  GrowingWorld world;
  world.pay("txn_1", 800);
  world.deliver(6'000);
  CHECK(world.google.empty());
  world.pay("txn_2", 1200);
  world.deliver();
  CHECK(world.google == std::vector<double>{20});
  CHECK(world.posthog["purchase"] == Amounts{2000});
  CHECK(world.deliveries("google_ads", "purchase_restated").empty());
  world.refund("re_1", 2000);
  world.deliver();
  CHECK(world.google == std::vector<double>{20, 0});
  CHECK(world.posthog["refund"] == Amounts{2000});
}

TEST_CASE("a refund is told to the account that heard of the sale", "[outbox][parts]") {
  GrowingWorld world;
  world.pay("txn_1", 2000);
  world.deliver();
  // A table for another project is written above that of the first.
  DestinationConfig former = world.site.destinations.back();
  former.name = "posthog:2";
  world.site.destinations.back().settings["api_key"] = "phc_2";
  world.site.destinations.push_back(former);
  world.refund("re_1", 500);
  world.deliver();
  auto second = world.lane("posthog:2");
  while (world.run(second)) continue;

  const auto refunds = world.deliveries("posthog", "refund");
  REQUIRE(refunds.size() == 1);
  CHECK(refunds[0].state == DeliveryState::withheld);
  CHECK(refunds[0].last_error == "sale_not_told");
  REQUIRE(world.deliveries("posthog:2", "refund").size() == 1);
  CHECK(world.deliveries("posthog:2", "refund")[0].state == DeliveryState::delivered);
  CHECK(world.posthog["refund"] == Amounts{500});
  CHECK(world.deliveries("posthog:2", "purchase").empty());  // it has heard of that
}

TEST_CASE("who restates a sale hears that it has grown, the refunds of others end with the sale",
          "[outbox][parts]") {
  GrowingWorld world;
  world.pay("txn_1", 800);
  world.deliver();
  world.pay("txn_2", 1200);
  world.deliver();
  CHECK(world.google == std::vector<double>{8, 20});
  CHECK(world.deliveries("posthog", "purchase_restated").empty());

  world.refund("re_1", 500);
  world.deliver();
  world.refund("re_2", 1000);
  world.deliver();
  world.refund("re_3", 500);
  world.deliver();

  CHECK(world.google == std::vector<double>{8, 20, 15, 5, 0});
  CHECK(world.posthog["purchase"] == Amounts{800});
  CHECK(world.posthog["refund"] == Amounts{500, 300});
  for (const auto& row : world.deliveries("posthog", "refund"))
    if (row.state != DeliveryState::delivered) {
      CHECK(row.state == DeliveryState::withheld);
      CHECK(row.last_error == "sale_told_for_less");
    }
}

TEST_CASE("refunds that leave together give back no more than was told", "[outbox][parts]") {
  GrowingWorld world;
  world.pay("txn_1", 800);
  world.deliver();
  world.pay("txn_2", 1200);
  world.refund("re_1", 700);
  world.refund("re_2", 1300);
  world.deliver();
  CHECK(world.posthog["refund"] == Amounts{700, 100});
}

TEST_CASE("a refund is told after the sale that is held", "[outbox][parts]") {
  GrowingWorld world;
  world.pay("txn_1", 800);
  world.refund("re_1", 300);
  world.deliver(6'000);
  CHECK(world.google.empty());
  CHECK(world.posthog.empty());
  world.deliver();
  CHECK(world.google == std::vector<double>{5, 5});
  CHECK(world.posthog["purchase"] == Amounts{800});
  CHECK(world.posthog["refund"] == Amounts{300});
}

TEST_CASE("a repeat says to who restates a sale what it is worth by then", "[outbox][parts]") {
  GrowingWorld world;
  world.pay("txn_1", 800);
  world.client.script = {answered(200, R"({"access_token":"a","expires_in":86400})"), no_answer()};
  world.deliver();
  world.pay("txn_2", 1200);
  world.deliver(kHour);
  REQUIRE_FALSE(world.google.empty());
  for (const double value : world.google) CHECK(value == 20);
}

TEST_CASE("who restates a sale hears of an amount that was changed back", "[outbox][amount]") {
  GrowingWorld world;
  std::int64_t minute = 0;
  const auto tell = [&](std::int64_t minor) {
    world.tell("delivery " + std::to_string(++minute), [&](OrderChange& change) {
      change.kind = OrderChange::Kind::purchase;
      change.change_key = "order:" + std::to_string(minor);
      change.amount_minor = minor;
      change.occurred_ms = kNow;
      change.changed_ms = kNow + minute;
      change.anonymous_id = id(2001);
      change.session_id = world.session_id;
    });
    world.deliver();
  };
  for (const std::int64_t minor : {900, 2500, 900, 1000, 2500, 900, 2500, 2500}) tell(minor);
  CHECK(world.google == std::vector<double>{9, 25, 9, 10, 25, 9, 25});
  CHECK(world.posthog["purchase"] == Amounts{900});
}
