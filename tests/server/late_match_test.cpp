// SPDX-License-Identifier: Apache-2.0
// A sale whose visitor is found only after destinations were asked to hear of it: by what a later
// webhook adds, whichever of the two the lanes see first.
#include "server/core/attribution/late_evidence.hpp"
#include "server/core/orders/orders.hpp"
#include "server/core/people/contact_variants.hpp"
#include "tests/server/delivery_support.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// A provider that tells a payment first and what it is part of in a webhook of its own.
class Subscriptions {
 public:
  explicit Subscriptions(DeliveryWorld& world)
      : world_(world), orders_(*world.store, world.store.clock, destinations::destination_takes) {}

  void pay(const std::string& order_id, bool has_ids) {
    OrderChange change = change_of(OrderChange::Kind::purchase, order_id);
    change.change_key = order_id;
    change.amount_minor = 1500;
    change.currency = "EUR";
    change.occurred_ms = world_.store.clock.now_ms();
    change.customer.email = "jane.roe@gmail.com";
    if (has_ids) change.anonymous_id = id(2001);
    receive(change);
  }
  void refund(const std::string& order_id) {
    OrderChange change = change_of(OrderChange::Kind::refund, order_id);
    change.change_key = "re_" + order_id;
    change.refund_id = change.change_key;
    change.refund_amount_minor = 500;
    change.refund_status = "succeeded";
    change.amount_minor = 500;
    change.currency = "EUR";
    change.occurred_ms = world_.store.clock.now_ms();
    receive(change);
  }
  void name_buyer(const std::string& order_id) {
    OrderChange change = change_of(OrderChange::Kind::enrich, order_id);
    change.change_key = "buyer:" + order_id;
    change.customer.email = "jane.roe@gmail.com";
    receive(change);
  }
  // Of a visitor who consented and of whom nothing else is known.
  void pay_unseen(const std::string& order_id) {
    world_.store.put([&](Tables& t) -> Outcome<void> {
      SessionRow session = given_session(1, kNow - kMinute);
      session.id = session_at(kNow - kMinute, 2);
      session.anonymous_id = id(2002);
      TL_CHECK(t.events().put_session(session));
      return t.people().put_consent(
          "demo", id(2002),
          {{Choice::granted, Choice::granted, Choice::unknown, false}, kNow - kMinute});
    });
    OrderChange change = change_of(OrderChange::Kind::purchase, order_id);
    change.change_key = order_id;
    change.amount_minor = 1500;
    change.currency = "EUR";
    change.occurred_ms = world_.store.clock.now_ms();
    change.anonymous_id = id(2002);
    receive(change);
  }
  void name_subscription(const std::string& order_id) {
    OrderChange change = change_of(OrderChange::Kind::enrich, order_id);
    change.change_key = "enrich:" + order_id;
    change.subscription_id = "sub_1";
    receive(change);
  }
  ConversionRow conversion(const std::string& order_id) {
    return *world_.store.get([&](Tables& t) {
      return t.orders().find_conversion_of_order("demo", "square", order_id, "purchase");
    });
  }

 private:
  static OrderChange change_of(OrderChange::Kind kind, const std::string& order_id) {
    OrderChange change;
    change.kind = kind;
    change.order_id = order_id;
    return change;
  }
  void receive(OrderChange& change) {
    change.event_key = change.event_type = change.change_key;
    InboxEntry entry;
    entry.provider = "square";
    entry.event_key = change.event_key;
    entry.headers_json = "{}";
    REQUIRE(orders_.receive_webhook(world_.site, entry, {change}).ok());
  }

  DeliveryWorld& world_;
  Orders orders_;
};

// Something that happens right after the store was read.
class StoreReadBefore final : public Store {
 public:
  StoreReadBefore(Store& store, std::function<bool()> happens)
      : store_(store), happens_(std::move(happens)) {}
  Outcome<void> write(const Work& work) override { return store_.write(work); }
  Outcome<void> read(const Work& work) override {
    auto done = store_.read(work);
    if (happens_ && happens_()) happens_ = nullptr;
    return done;
  }
  Outcome<void> copy_to(const std::string& path) override { return store_.copy_to(path); }
  Outcome<void> forget_overwritten() override { return store_.forget_overwritten(); }
  Outcome<void> forget_if_asked() override { return store_.forget_if_asked(); }
  Outcome<void> probe() override { return store_.probe(); }
  [[nodiscard]] std::size_t queued_writes() const override { return store_.queued_writes(); }

 private:
  Store& store_;
  std::function<bool()> happens_;  // true: it has
};

void run_lanes(DeliveryWorld& world) {
  for (const char* name : {"meta", "posthog"}) {
    auto lane = world.lane(name);
    while (world.run(lane)) continue;
  }
}

}  // namespace

TEST_CASE("a renewal whose subscription is named after its payment is told all the same",
          "[outbox][consent][subscriptions]") {
  DeliveryWorld world;
  Subscriptions square(world);
  square.pay("pay_1", true);
  square.name_subscription("pay_1");
  run_lanes(world);
  world.store.clock.advance(31 * kDay);

  square.pay("pay_2", false);
  square.refund("pay_2");
  REQUIRE(square.conversion("pay_2").match_type == MatchType::email);
  const auto renewal = square.conversion("pay_2").id;
  run_lanes(world);
  for (const char* name : {"meta", "posthog"})
    REQUIRE(world.row(renewal, name).last_error == "consent_unknown");
  const std::size_t told_before = world.client.requests.size();

  const bool permits_marketing = GENERATE(true, false);
  if (!permits_marketing) world.consent(Choice::granted, Choice::denied);
  square.name_subscription("pay_2");
  REQUIRE(square.conversion("pay_2").match_type == MatchType::subscription);
  REQUIRE(square.conversion("pay_2").anonymous_id == id(2001));
  run_lanes(world);

  CHECK(world.row(renewal, "posthog").state == DeliveryState::delivered);
  const auto meta = world.row(renewal, "meta");
  CHECK(meta.state == (permits_marketing ? DeliveryState::delivered : DeliveryState::withheld));
  CHECK(meta.last_error == (permits_marketing ? "" : "consent_denied"));
  std::size_t refunds = 0;
  for (std::size_t i = told_before; i < world.client.requests.size(); ++i)
    for (const Json& each : world.client.body(i).value("batch", Json::array()))
      refunds += each["event"] == "refund";
  CHECK(refunds == 1);
}

TEST_CASE("what told too little of its buyer to be sent goes when there is a contact", "[outbox]") {
  DeliveryWorld world;
  world.site.destinations = {
      {"snap", "snap", {{"pixel_id", "pix-1"}, {"access_token", "token"}}, {}}};
  Subscriptions square(world);
  square.pay_unseen("pay_1");
  const auto sale = square.conversion("pay_1").id;
  auto lane = world.lane("snap");
  while (world.run(lane)) continue;
  REQUIRE(world.row(sale, "snap").state == DeliveryState::dead);
  REQUIRE(world.row(sale, "snap").last_error.starts_with("too_little_customer_information"));
  REQUIRE(world.client.requests.empty());

  SECTION("of the order") {
    square.name_buyer("pay_1");
  }
  SECTION("of the visitor") {
    world.store.put([&](Tables& t) -> Outcome<void> {
      ContactClaim claim;
      claim.hash = *contact_hash(ContactKind::email, "jane.roe@gmail.com", "");
      claim.anonymous_id = id(2002);
      claim.t_ms = kNow;
      TL_CHECK(t.people().put_claim("demo", claim));
      return restate_conversions(t, world.site, visitor_key(id(2002)), 0,
                                 world.store.clock.now_ms());
    });
  }
  while (world.run(lane)) continue;
  CHECK(world.row(sale, "snap").state == DeliveryState::delivered);
  REQUIRE(world.client.requests.size() == 1);
  CHECK(world.client.requests[0].body.find("\"em\"") != std::string::npos);
}

TEST_CASE("what told too little of its buyer stays unsent without one", "[outbox]") {
  DeliveryWorld world;
  world.site.destinations = {
      {"snap", "snap", {{"pixel_id", "pix-1"}, {"access_token", "token"}}, {}}};
  Subscriptions square(world);
  square.pay_unseen("pay_1");
  auto lane = world.lane("snap");
  while (world.run(lane)) continue;
  square.name_subscription("pay_1");
  square.refund("pay_1");
  CHECK(world.row(square.conversion("pay_1").id, "snap").state == DeliveryState::dead);
}

TEST_CASE("what a lane has read of a sale and not sent yet is read again when its visitor is found",
          "[outbox][consent][subscriptions]") {
  DeliveryWorld world;
  Subscriptions square(world);
  square.pay("pay_1", true);
  square.name_subscription("pay_1");
  run_lanes(world);
  world.store.clock.advance(31 * kDay);
  square.pay("pay_2", false);
  const auto renewal = square.conversion("pay_2").id;

  StoreReadBefore store(*world.store, [&] {
    if (world.row(renewal, "meta").state != DeliveryState::sending) return false;
    square.name_subscription("pay_2");
    return true;
  });
  const OutboxParts parts{store,
                          world.parts.client,
                          world.parts.clock,
                          world.parts.entropy,
                          world.parts.find_site,
                          world.parts.find_destination,
                          world.parts.report};
  DeliveryLane lane(parts, "demo", "meta");
  while (world.run(lane)) continue;

  REQUIRE(square.conversion("pay_2").match_type == MatchType::subscription);
  CHECK(world.row(renewal, "meta").state == DeliveryState::delivered);
}
