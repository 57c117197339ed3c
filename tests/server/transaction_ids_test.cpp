// SPDX-License-Identifier: Apache-2.0
// Two shops number their orders alike: what GA4 and Google Ads are told of them.
#include "server/core/outbox/transaction_ids.hpp"

#include "server/core/orders/orders.hpp"
#include "server/core/text/uuid_text.hpp"
#include "tests/server/google_world.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <set>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

struct TwoShops : GoogleWorld {
  TwoShops() {
    site.destinations.push_back(sound_config("ga4"));
    client.otherwise = [](const OutgoingRequest& request) {
      return request.url.find("/mp/collect") == std::string::npos ? google_that_accepts(request)
                                                                  : answered(204, "");
    };
  }
  void tell(const std::string& provider, const std::string& key,
            const std::function<void(OrderChange&)>& as) {
    Orders orders(*store, store.clock, destinations::destination_takes);
    OrderChange change;
    change.event_key = change.change_key = key;
    change.event_type = "order";
    change.order_id = "7777";
    change.currency = "EUR";
    change.occurred_ms = store.clock.now_ms();
    as(change);
    InboxEntry entry;
    entry.provider = provider;
    entry.event_key = key;
    entry.received_ms = change.occurred_ms;
    entry.headers_json = "{}";
    value_of(orders.receive_webhook(site, entry, {change}));
    store.clock.advance(10 * kMinute);
    for (const char* name : {"google_ads", "ga4"}) {
      auto one = lane(name);
      for (int round = 0; round < 20 && run(one); ++round) continue;
    }
  }
  // As from a version that kept no names.
  void forget_names() {
    SQLite::Database database(store.path(), SQLite::OPEN_READWRITE);
    database.exec("DELETE FROM transaction_id");
  }
  void sell(const std::string& provider, std::int64_t amount_minor) {
    tell(provider, provider + " paid", [&](OrderChange& change) {
      change.kind = OrderChange::Kind::purchase;
      change.amount_minor = amount_minor;
      change.anonymous_id = id(2001);
      change.session_id = session_id;
    });
  }
  void refund(const std::string& provider, std::int64_t amount_minor) {
    tell(provider, provider + " refunded", [&](OrderChange& change) {
      change.kind = OrderChange::Kind::refund;
      change.refund_id = "re_" + provider;
      change.refund_amount_minor = amount_minor;
      change.refund_status = "succeeded";
    });
  }
  [[nodiscard]] std::vector<Json> events_to(std::string_view path) const {
    std::vector<Json> all;
    for (const auto& request : client.requests) {
      if (request.url.find(path) == std::string::npos) continue;
      const Json body = Json::parse(request.body);
      all.insert(all.end(), body["events"].begin(), body["events"].end());
    }
    return all;
  }
  // "7777 100" of each sale and refund, as it was told.
  [[nodiscard]] std::vector<std::string> google() const {
    std::vector<std::string> all;
    for (const Json& event : events_to("/v1/events:ingest"))
      all.push_back(event["transactionId"].get<std::string>() + " " +
                    event["conversionValue"].dump());
    return all;
  }
  [[nodiscard]] std::vector<std::string> ga4() const {
    std::vector<std::string> all;
    for (const Json& event : events_to("/mp/collect"))
      all.push_back(event["name"].get<std::string>() + " " +
                    event["params"]["transaction_id"].get<std::string>() + " " +
                    event["params"]["value"].dump());
    return all;
  }
};

using Told = std::vector<std::string>;

ConversionRow sale_of(const std::string& site_id, const std::string& provider,
                      const std::string& order_id) {
  ConversionRow row;
  row.site_id = site_id;
  row.id = uuid_v7(kNow, sha256(site_id + provider + order_id));
  row.kind = "purchase";
  row.provider = provider;
  row.order_id = order_id;
  return row;
}

std::string named(DeliveryWorld& world, const OrderNumbers& numbers, const ConversionRow& row) {
  std::string name;
  world.store.put([&](Tables& t) -> Outcome<void> {
    TL_TRY(one, assign_transaction_id(t, numbers, "ga4", row));
    name = one;
    return {};
  });
  return name;
}

}  // namespace

TEST_CASE("two orders of one number are two sales to Google", "[transaction_id]") {
  TwoShops world;
  world.sell("woocommerce", 10000);
  world.sell("lemonsqueezy", 700);
  CHECK(world.google() == Told{"7777 100", "lemonsqueezy-7777 7"});
  CHECK(world.ga4() == Told{"purchase 7777 100", "purchase lemonsqueezy-7777 7"});

  // What is told of them later is told under the same names.
  world.refund("lemonsqueezy", 200);
  world.refund("woocommerce", 5000);
  CHECK(world.google() ==
        Told{"7777 100", "lemonsqueezy-7777 7", "lemonsqueezy-7777 5", "7777 50"});
  CHECK(world.ga4() == Told{"purchase 7777 100", "purchase lemonsqueezy-7777 7",
                            "refund lemonsqueezy-7777 2", "refund 7777 50"});
}

TEST_CASE("the numbers that the page's tag says stay bare, whoever comes first",
          "[transaction_id]") {
  TwoShops world;
  for (auto& destination : world.site.destinations)
    destination.settings["tag_provider"] = "woocommerce";
  world.sell("lemonsqueezy", 700);
  world.sell("woocommerce", 10000);
  CHECK(world.google() == Told{"lemonsqueezy-7777 7", "7777 100"});
  CHECK(world.ga4() == Told{"purchase lemonsqueezy-7777 7", "purchase 7777 100"});
}

TEST_CASE("an attempt that nobody answered is repeated under its name", "[transaction_id]") {
  TwoShops world;
  world.site.destinations.erase(world.site.destinations.begin());
  world.client.script = {no_answer()};
  world.sell("lemonsqueezy", 700);
  world.sell("woocommerce", 10000);
  world.store.clock.advance(kHour);
  auto lane = world.lane("ga4");
  while (world.run(lane)) continue;
  const auto told = world.ga4();
  CHECK(std::set<std::string>(told.begin(), told.end()) ==
        std::set<std::string>{"purchase 7777 7", "purchase woocommerce-7777 100"});
}

TEST_CASE("sites that share an account share no number", "[transaction_id]") {
  DeliveryWorld world;
  const OrderNumbers ours = {"ga4 G-1"};
  CHECK(named(world, ours, sale_of("demo", "woocommerce", "7777")) == "7777");
  CHECK(named(world, ours, sale_of("demo", "woocommerce", "7777")) == "7777");
  CHECK(named(world, ours, sale_of("other", "woocommerce", "7777")) == "woocommerce-7777");
  CHECK(named(world, ours, sale_of("third", "woocommerce", "7777")) == "third-woocommerce-7777");
  CHECK(named(world, {"ga4 G-2"}, sale_of("other", "woocommerce", "7777")) == "7777");
  // Two that differ only beyond what the vendor reads.
  const std::string long_number(200, '7');
  CHECK(named(world, ours, sale_of("demo", "api", long_number + "1")).size() == 100);
  CHECK(named(world, ours, sale_of("demo", "api", long_number + "2")).starts_with("api-777"));
}

TEST_CASE("a sale that another turned out to be keeps the name that was told", "[transaction_id]") {
  DeliveryWorld world;
  const OrderNumbers ours = {"ga4 G-1"};
  const auto former = sale_of("demo", "stripe", "pi_1");
  const auto staying = sale_of("demo", "stripe", "cs_1");
  CHECK(named(world, ours, former) == "pi_1");
  world.store.put([&](Tables& t) {
    return t.orders().add_alias("demo", "stripe", uuid_text(former.id), "cs_1");
  });
  CHECK(named(world, ours, staying) == "pi_1");
}

TEST_CASE("an erased order leaves the names of other people's sales", "[transaction_id]") {
  DeliveryWorld world;
  const OrderNumbers ours = {"ga4 G-1"};
  const auto erased = sale_of("demo", "api", "ann@shop.example");
  const auto other = sale_of("demo", "api", "joann@shop.example");
  world.store.put([&](Tables& t) -> Outcome<void> {
    for (const auto& row : {erased, other}) TL_CHECK(t.orders().insert_conversion(row));
    return {};
  });
  CHECK(named(world, ours, other) == "joann@shop.example");
  CHECK(named(world, ours, erased) == "ann@shop.example");
  world.store.put([&](Tables& t) {
    return t.privacy().rename_order("demo", {"api", "ann@shop.example"}, "erased-1");
  });
  CHECK(named(world, ours, erased) == uuid_text(erased.id));
  CHECK(named(world, ours, other) == "joann@shop.example");
}

TEST_CASE("a sale that was told before names were kept stays bare", "[transaction_id]") {
  TwoShops world;
  world.sell("woocommerce", 10000);
  world.forget_names();
  SECTION("though another of its number is told first") {
    world.sell("lemonsqueezy", 700);
    world.refund("woocommerce", 5000);
    CHECK(world.google() == Told{"7777 100", "lemonsqueezy-7777 7", "7777 50"});
    CHECK(world.ga4() ==
          Told{"purchase 7777 100", "purchase lemonsqueezy-7777 7", "refund 7777 50"});
  }
  SECTION("though the tag says another shop's numbers") {
    for (auto& destination : world.site.destinations)
      destination.settings["tag_provider"] = "lemonsqueezy";
    world.refund("woocommerce", 5000);
    CHECK(world.google() == Told{"7777 100", "7777 50"});
    CHECK(world.ga4() == Told{"purchase 7777 100", "refund 7777 50"});
  }
}

TEST_CASE("a sale that another, told before names were kept, turned out to be keeps its name",
          "[transaction_id]") {
  DeliveryWorld world;
  const OrderNumbers ours = {"ga4 G-1"};
  const Id128 former = derive_order_event_id("demo", "stripe", "pi_1", "purchase");
  world.store.put([&](Tables& t) -> Outcome<void> {
    OrderRow order;
    order.site_id = "demo";
    order.provider = "stripe";
    order.order_id = "cs_1";
    TL_CHECK(t.orders().put_order(order));
    TL_CHECK(t.orders().add_alias("demo", "stripe", "pi_1", "cs_1"));
    TL_CHECK(t.orders().add_alias("demo", "stripe", uuid_text(former), "cs_1"));
    DeliveryRow row;
    row.site_id = "demo";
    row.destination = "ga4";
    row.event_name = "purchase";
    row.event_id = former;
    row.subject = DeliverySubject::conversion;
    TL_CHECK(t.outbox().enqueue(row));
    TL_TRY(rows, t.outbox().deliveries_of_event("demo", former));
    rows.front().first_sent_ms = kNow;
    return t.outbox().put_delivery(rows.front());
  });
  CHECK(named(world, {"ga4 G-2"}, sale_of("demo", "stripe", "cs_2")) == "cs_2");
  CHECK(named(world, ours, sale_of("demo", "stripe", "cs_1")) == "pi_1");
}
