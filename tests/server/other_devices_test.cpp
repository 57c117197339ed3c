// SPDX-License-Identifier: Apache-2.0
// A withdrawal on one device, and what the same person's other devices have told and will tell.
#include "server/core/outbox/dispatch_gathering.hpp"
#include "tests/server/anns_world.hpp"

#include <map>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

constexpr Consent kMarketingRefused{Choice::granted, Choice::denied};
constexpr Consent kAllRefused{Choice::denied, Choice::denied};
constexpr std::int64_t kChosen = kMonth + 3 * kDay;

// Ann's phone and laptop, each proven by an order of its own that waits to be told, and Bob's.
class DevicesWorld : public AnnsWorld {
 public:
  DevicesWorld() {
    const TrafficSource source{Channel::email, "letter", "", "", "/"};
    come(kPhone, kPhoneVisit, kMonth, source);
    come(kLaptop, kLaptopVisit, kMonth, source);
    come(kOther, kOtherVisit, kMonth, source);
    buy(1, kEmail, kPhone, kPhoneVisit, kMonth + 2 * kDay);
    buy(2, kBobsEmail, kOther, kOtherVisit, kMonth + 2 * kDay);
    buy(4, kEmail, kLaptop, kLaptopVisit, kMonth + 2 * kDay);
  }
  void choose(std::uint64_t visitor, const Consent& consent, std::int64_t t_ms = kChosen) {
    store.put([&](Tables& tables) {
      return apply_choice(tables, *site, id(visitor), {consent, t_ms}, *lanes);
    });
  }
  // What waits of a browser: how many deliveries, by destination.
  std::map<std::string, int> waiting(std::uint64_t visitor) {
    std::map<std::string, int> found;
    for (const auto& row : deliveries())
      if (row.anonymous_id == id(visitor) && row.state == DeliveryState::queued)
        ++found[row.destination];
    return found;
  }
  // What is told of a browser's purchases and events of that time, by destination and name: "sent"
  // or why not.
  std::map<std::string, std::string> told(std::uint64_t visitor, std::int64_t from_ms) {
    std::map<std::string, std::string> found;
    for (const auto& row : deliveries()) {
      if (row.anonymous_id != id(visitor) || row.occurred_ms < from_ms) continue;
      const auto purpose = row.destination == "meta" ? Purpose::marketing : Purpose::storage;
      const auto gathered =
          store.get([&](Tables& tables) { return gather_dispatch(tables, *site, row, purpose); });
      found[row.destination + " " + row.event_name] =
          gathered.clearance.may_send ? "sent" : std::string(gathered.clearance.reason);
    }
    return found;
  }
  Consent choice_of(std::uint64_t visitor) {
    return store
        .get([&](Tables& tables) { return tables.people().find_consent("demo", id(visitor)); })
        ->consent;
  }
};

using Waiting = std::map<std::string, int>;
using Answers = std::map<std::string, std::string>;

}  // namespace

TEST_CASE("a withdrawal on one device stops what waits of the person's other devices",
          "[consent][withdrawal][devices]") {
  DevicesWorld world;
  const Waiting all{{"meta", 3}, {"posthog", 3}};
  REQUIRE(world.waiting(kPhone) == all);
  SECTION("of storage") {
    world.choose(kLaptop, kAllRefused);
    CHECK(world.waiting(kPhone) == Waiting{});
  }
  SECTION("of marketing alone") {
    world.choose(kLaptop, kMarketingRefused);
    CHECK(world.waiting(kPhone) == Waiting{{"posthog", 3}});
    world.choose(kLaptop, {Choice::granted, Choice::granted}, kChosen + kDay);
    CHECK(world.waiting(kPhone) == Waiting{{"posthog", 3}});
  }
  CHECK(world.waiting(kOther) == all);
  CHECK(world.choice_of(kPhone) == Consent{Choice::granted, Choice::granted});
  CHECK(world.differences().empty());
}

TEST_CASE("what a device tells after a withdrawal on another goes by its own choice, if it is new",
          "[consent][withdrawal][devices]") {
  DevicesWorld world;
  const bool is_of_storage = GENERATE(false, true);
  world.choose(kLaptop, is_of_storage ? kAllRefused : kMarketingRefused);
  const std::string storage = is_of_storage ? "consent_denied" : "sent";

  // Before it, and told after it.
  world.visit(kPhone, kPhoneVisit, kChosen - kHour, {}, "late_click");
  world.buy(5, kEmail, kPhone, kPhoneVisit, kChosen - kHour);
  CHECK(world.told(kPhone, kChosen - 2 * kHour) == Answers{{"meta late_click", "consent_denied"},
                                                           {"meta purchase", "consent_denied"},
                                                           {"posthog late_click", storage},
                                                           {"posthog purchase", storage}});
  // After it.
  world.visit(kPhone, kPhoneVisit, kChosen + kHour, {}, "new_click");
  world.buy(6, kEmail, kPhone, kPhoneVisit, kChosen + kHour);
  CHECK(world.told(kPhone, kChosen) == Answers{{"meta new_click", "sent"},
                                               {"meta purchase", "sent"},
                                               {"posthog new_click", "sent"},
                                               {"posthog purchase", "sent"}});
}

TEST_CASE("a withdrawal that is told late stops nothing of what came after it",
          "[consent][withdrawal][devices]") {
  DevicesWorld world;
  world.buy(5, kEmail, kPhone, kPhoneVisit, kChosen + kHour);
  world.choose(kLaptop, kAllRefused);
  CHECK(world.waiting(kPhone) == Waiting{{"meta", 1}, {"posthog", 1}});
}

TEST_CASE("whoever only says an address stops nobody's deliveries, and nobody theirs",
          "[consent][withdrawal][devices]") {
  DevicesWorld world;
  constexpr std::uint64_t kClaiming = 401;
  world.come(kClaiming, 4010, kMonth, {Channel::email, "letter", "", "", "/"});
  world.identify(kClaiming, kEmail, kMonth + kHour);
  const auto phones = world.waiting(kPhone), theirs = world.waiting(kClaiming);
  REQUIRE(theirs == Waiting{{"meta", 2}, {"posthog", 2}});
  SECTION("who says it withdraws") {
    world.choose(kClaiming, kAllRefused);
    CHECK(world.waiting(kPhone) == phones);
    CHECK(world.told(kPhone, kMonth)["meta purchase"] == "sent");
  }
  SECTION("whose it is withdraws") {
    world.choose(kPhone, kAllRefused);
    CHECK(world.waiting(kClaiming) == theirs);
    CHECK(world.told(kClaiming, kMonth)["meta click"] == "sent");
  }
}

TEST_CASE("a withdrawal by one of the many who buy with an address stops only their own",
          "[consent][withdrawal][devices]") {
  DevicesWorld world;
  for (int i = 0; i < static_cast<int>(kMostTies); ++i) {
    const auto visitor = static_cast<std::uint64_t>(500 + i);
    world.come(visitor, 10 * visitor, kMonth, {Channel::email, "letter", "", "", "/"});
    world.buy(100 + i, kBobsEmail, visitor, 10 * visitor, kMonth + 2 * kDay);
  }
  world.choose(500, kAllRefused);
  CHECK(world.waiting(500) == Waiting{});
  CHECK(world.waiting(501) == Waiting{{"meta", 3}, {"posthog", 3}});
  CHECK(world.told(kOther, kMonth)["meta purchase"] == "sent");
}
