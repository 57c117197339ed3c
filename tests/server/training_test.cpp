// SPDX-License-Identifier: Apache-2.0
// Markov models that learn from a site's own paths, and what conversions, reports and the audit do
// with them; the rules of the path on the server.
#include "server/core/attribution/training.hpp"

#include "server/core/attribution/journeys.hpp"
#include "server/core/attribution/trained_splits.hpp"
#include "server/core/maintenance.hpp"
#include "server/core/reports/local_day.hpp"
#include "tests/server/interrupted_store.hpp"
#include "tests/server/month.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <thread>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;
using Catch::Matchers::WithinAbs;

namespace {

constexpr std::int64_t kTrained = kMonth + 30 * kDay;

// Journeys of channels a: affiliate, b: email, c: referral, d: direct, an hour from touch to touch.
Channel channel_of(char letter) {
  switch (letter) {
    case 'a':
      return Channel::affiliate;
    case 'b':
      return Channel::email;
    case 'c':
      return Channel::referral;
    default:
      return Channel::direct;
  }
}

class Shop30 : public MonthWorld {
 public:
  Shop30() : MonthWorld("Europe/Prague") { store.clock.set(kTrained); }

  // A new visitor each time; returns when the last touch was.
  std::int64_t journey(const std::string& path, std::int64_t from_ms) {
    ++visitor_;
    for (std::size_t i = 0; i < path.size(); ++i)
      visit(visitor_, visitor_ * 100 + i, from_ms + static_cast<std::int64_t>(i) * kHour,
            TrafficSource{channel_of(path[i]), "s", "", "", "/"});
    return from_ms + static_cast<std::int64_t>(path.size() - 1) * kHour;
  }
  std::string sale(const std::string& path, std::int64_t from_ms, std::int64_t amount = 10000) {
    const std::int64_t last_ms = journey(path, from_ms);
    return pay(visitor_, last_ms + kMinute, amount);
  }
  std::string pay(std::uint64_t visitor, std::int64_t t_ms, std::int64_t amount = 10000) {
    StatedConversion stated;
    stated.reference = "order-" + std::to_string(++sales_);
    stated.amount_minor = amount;
    stated.currency = "EUR";
    stated.occurred_ms = t_ms;
    stated.anonymous_id = id(visitor);
    stated.digest = sha256(stated.reference);
    state(stated);
    return stated.reference;
  }
  void give_back(const std::string& order, std::int64_t amount, std::int64_t t_ms) {
    StatedConversion stated;
    stated.kind = "refund";
    stated.reference = order;
    stated.refund_id = "re-" + order;
    stated.amount_minor = amount;
    stated.currency = "EUR";
    stated.occurred_ms = t_ms;
    stated.digest = sha256(stated.refund_id);
    state(stated);
  }
  std::vector<CreditRow> credits(const std::string& order, const std::string& model) {
    auto rows = store.get([&](Tables& t) -> Outcome<std::vector<CreditRow>> {
      TL_TRY(found, t.orders().find_conversion_of_order("demo", "api", order, "purchase"));
      return t.orders().credits_of("demo", found->id);
    });
    std::erase_if(rows, [&](const CreditRow& row) { return row.model != model; });
    return rows;
  }
  // The example of the facts sheet: a>b>c, b>c, a>a>c and b convert; a>b and c fail.
  void worked_example(std::int64_t from_ms) {
    for (const char* path : {"abc", "bc", "aac", "b"}) orders_.push_back(sale(path, from_ms));
    for (const char* path : {"ab", "c"}) journey(path, from_ms);
  }
  TrainingResult learn(std::int64_t now_ms = kTrained) {
    return value_of(train(*store, *site, now_ms));
  }

  std::vector<std::string> orders_;
  std::uint64_t visitor_ = 0;
  int sales_ = 0;
};

std::map<Channel, LearnedChannel> by_channel(const TrainedModel& model) {
  std::map<Channel, LearnedChannel> found;
  for (const auto& learned : model.channels) found[learned.channel] = learned;
  return found;
}

std::int64_t sum(const std::vector<CreditRow>& rows, std::int64_t CreditRow::*member) {
  std::int64_t total = 0;
  for (const auto& row : rows) total += row.*member;
  return total;
}

std::vector<std::string> failed(const std::string& path, const std::vector<std::int64_t>& hours,
                                const std::vector<std::int64_t>& conversions) {
  std::vector<models::PathTouch> touches;
  for (std::size_t i = 0; i < path.size(); ++i)
    touches.push_back({id(i), hours[i] * kHour, 0, channel_of(path[i])});
  std::vector<std::int64_t> times;
  for (const auto hour : conversions) times.push_back(hour * kHour);
  models::AttributionRules rules;
  rules.click_lookback_ms = 10 * kHour;
  std::vector<std::string> paths;
  for (const auto& channels : failed_journeys(touches, times, rules)) {
    std::string letters;
    for (const char channel : channels)
      for (const char letter : {'a', 'b', 'c', 'd'})
        if (static_cast<Channel>(channel) == channel_of(letter)) letters += letter;
    paths.push_back(letters);
  }
  return paths;
}

}  // namespace

TEST_CASE("a journey ends with a conversion, with long silence or with its last touch",
          "[training]") {
  using Paths = std::vector<std::string>;
  CHECK(failed("abc", {1, 2, 3}, {}) == Paths{"abc"});
  CHECK(failed("abc", {1, 2, 3}, {3}).empty());
  CHECK(failed("abc", {1, 2, 3}, {13}).empty());
  CHECK(failed("abc", {1, 2, 3}, {14}) == Paths{"abc"});
  CHECK(failed("abc", {1, 2, 3}, {2}) == Paths{"c"});
  CHECK(failed("abc", {1, 2, 13}, {}) == Paths{"ab", "c"});
  CHECK(failed("abc", {1, 2, 12}, {}) == Paths{"bc"});
  CHECK(failed("adb", {1, 2, 3}, {}) == Paths{"ab"});
  CHECK(failed("dd", {1, 2}, {}) == Paths{"dd"});
  CHECK(failed("cab", {3, 1, 2}, {1}) == Paths{"bc"});
}

TEST_CASE("a training gives the exact removal effects of the stored paths", "[training]") {
  Shop30 shop;
  shop.worked_example(kMonth + 3 * kDay);
  // Other months, bots and unbelieved visits teach nothing.
  shop.journey("aaa", kMonth - 80 * kDay);
  shop.visit(77, 7700, kMonth + kDay, TrafficSource{Channel::affiliate, "s", "", "", "/"},
             "page_view", /*is_bot=*/true);
  const auto result = shop.learn();
  REQUIRE(result.models.size() == 3);
  const TrainedModel& first = result.models[0];
  CHECK(first.order == 1);
  CHECK(first.version == 1);
  CHECK(first.refused.empty());
  CHECK(first.conversions == 4);
  CHECK(first.failed == 2);
  CHECK(first.states == 3);
  CHECK_THAT(first.p_conversion(), WithinAbs(4.0 / 6, 1e-12));
  CHECK(first.to_day == 20261110);
  CHECK(first.from_day == 20260813);
  auto effects = by_channel(first);
  CHECK_THAT(effects[Channel::affiliate].effect, WithinAbs(0.5, 1e-12));
  CHECK_THAT(effects[Channel::email].effect, WithinAbs(0.625, 1e-12));
  CHECK_THAT(effects[Channel::referral].effect, WithinAbs(0.75, 1e-12));
  // Equal values: the effect of value is that of conversions.
  CHECK_THAT(effects[Channel::email].effect_of_value, WithinAbs(0.625, 1e-12));
  CHECK(result.models[1].refused == "too_few_conversions");
  CHECK(result.models[2].refused == "too_few_conversions");
}

TEST_CASE("a few orders by one touch each teach no chain of a higher order", "[training]") {
  Shop30 shop;
  for (const char* path : {"a", "b", "c"}) shop.sale(path, kMonth + 3 * kDay);
  const auto result = shop.learn();
  REQUIRE(result.models.size() == 3);
  for (const auto& model : result.models) {
    INFO("order " << model.order);
    CHECK(model.states == 3);
    CHECK(model.refused == (model.order == 1 ? "" : "too_few_conversions"));
  }
}

TEST_CASE("a trained model splits every order exactly, by the effects on its path", "[training]") {
  Shop30 shop;
  shop.worked_example(kMonth + 3 * kDay);
  shop.pay(4711, kMonth + 4 * kDay);  // nobody saw how this buyer came
  CHECK(shop.learn().split == 5);
  const auto rows = shop.credits("order-1", "markov_1_per_conversion");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].value_minor == 2667);  // 0.5 of 1.875
  CHECK(rows[1].value_minor == 3333);
  CHECK(rows[2].value_minor == 4000);
  CHECK(rows[0].training == 1);
  const auto unseen = shop.credits("order-5", "markov_1_per_conversion");
  REQUIRE(unseen.size() == 1);
  CHECK_FALSE(unseen[0].touch_id);
  // What is paid later is split at once, what is refunded by what the order was split by.
  const auto later = shop.sale("ab", kTrained - 5 * kHour, 999);
  CHECK(sum(shop.credits(later, "markov_1_per_conversion"), &CreditRow::value_minor) == 999);
  shop.give_back("order-1", 3333, kTrained);
  CHECK(sum(shop.credits("order-1", "markov_1_per_conversion"), &CreditRow::net_minor) == 6667);
  CHECK(audited(shop).empty());
}

TEST_CASE("reports sum a trained model like every other, and forget none of its orders",
          "[training][reports]") {
  Shop30 shop;
  shop.worked_example(kMonth + 3 * kDay);
  shop.pay(4711, kMonth + 4 * kDay);
  shop.learn();
  const auto rows = shop.store.get([](Tables& t) {
    return t.rollups().credits("demo", "markov_1_per_conversion", 20261001, 20261130);
  });
  std::int64_t micro = 0, minor = 0;
  for (const auto& row : rows) {
    micro += row.conversions_micro;
    minor += row.money.value_minor;
  }
  CHECK(micro == 5'000'000);
  CHECK(minor == 50'000);
}

TEST_CASE("a sealed day keeps the version it was sealed with until a rebuild", "[training]") {
  Shop30 shop;
  shop.worked_example(kMonth + 3 * kDay);
  shop.learn();
  const auto open = shop.sale("ab", kTrained - 2 * kDay);
  const auto before = shop.credits("order-1", "markov_1_per_conversion");
  shop.store.put([](Tables& t) -> Outcome<void> {
    TL_TRY(moved, t.rollups().seal_days("demo", 20261101));
    static_cast<void>(moved);
    return {};
  });
  for (int i = 0; i < 5; ++i) shop.journey("a", kTrained - 3 * kDay);
  CHECK(shop.learn(kTrained + kDay).split == 1);
  CHECK(shop.credits("order-1", "markov_1_per_conversion")[0].training == 1);
  CHECK(shop.credits("order-1", "markov_1_per_conversion")[0].value_minor == before[0].value_minor);
  CHECK(shop.credits(open, "markov_1_per_conversion")[0].training == 2);
  // A published day that got its first figures of a model was not changed by that.
  CHECK(
      shop.store.get([](Tables& t) {
                  return t.reports().revisions({"demo", 20261001, 20261130});
                })
          .empty());
  CHECK(audited(shop).empty());

  value_of(rebuild(*shop.store, *shop.site, {}, kTrained + kDay));
  CHECK(shop.credits("order-1", "markov_1_per_conversion")[0].training == 2);
  CHECK(audited(shop).empty());
}

TEST_CASE("a stop breaks a training off between two writes, and the next start goes on with it",
          "[training][maintenance]") {
  Shop30 shop;
  std::vector<std::string> orders;
  for (int i = 0; i < 40; ++i)
    orders.push_back(shop.sale(i % 3 == 0 ? "ab" : "b", kTrained - 2 * kDay + i * kMinute));
  const Maintenance::Sites sites = [&] {
    return std::vector<std::shared_ptr<const SiteConfig>>{shop.site};
  };
  const ErasureServices services{*shop.store, shop.store.clock, shop.store.entropy, shop.store.box};
  std::vector<std::string> failures;
  const auto report = [&](const ServerError& error) { failures.push_back(error.code); };
  const auto of_version = [&](std::int64_t version) {
    return std::count_if(orders.begin(), orders.end(), [&](const std::string& order) {
      return shop.credits(order, "markov_1_per_conversion").at(0).training == version;
    });
  };
  require_ok(Maintenance(services, sites, report).run_once());
  REQUIRE(of_version(1) == 40);

  // The night's writes: sealing, the models, then twenty-five conversions each.
  shop.store.clock.advance(kDay);
  std::atomic<bool> is_writing{false};
  std::optional<Maintenance> maintenance;
  InterruptedStore store(*shop.store, 3, [&] {
    maintenance->request_stop();
    is_writing = true;
  });
  maintenance.emplace(ErasureServices{store, shop.store.clock, shop.store.entropy, shop.store.box},
                      sites, report);
  maintenance->start();
  for (int i = 0; i < 10'000 && !is_writing; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  maintenance->stop();
  CHECK(store.writes == 3);
  CHECK(of_version(2) == 25);
  CHECK(of_version(1) == 15);
  CHECK(audited(shop).empty());

  require_ok(Maintenance(services, sites, report).run_once());
  CHECK(of_version(2) == 40);
  CHECK(value_of(finish_splits(*shop.store, *shop.site, {})) == 0);
  CHECK(audited(shop).empty());
  CHECK(failures.empty());
}

TEST_CASE("each kind of conversion teaches a model of its own", "[training]") {
  Shop30 shop;
  shop.worked_example(kMonth + 3 * kDay);
  const std::int64_t last_ms = shop.journey("ac", kMonth + 6 * kDay);
  StatedConversion lead;
  lead.kind = "lead";
  lead.reference = "lead-1";
  lead.occurred_ms = last_ms + kHour;
  lead.anonymous_id = id(shop.visitor_);
  lead.digest = sha256(lead.reference);
  shop.state(lead);
  const auto result = shop.learn();
  REQUIRE(result.models.size() == 6);
  CHECK(result.models[0].kind == "lead");
  CHECK(result.models[0].conversions == 1);
  CHECK(result.models[0].failed == 6);  // the buyers asked for nothing
  CHECK(result.models[3].kind == "purchase");
  CHECK(result.models[3].failed == 3);  // who asked did not buy
}

TEST_CASE("without a conversion there is nothing to learn", "[training]") {
  Shop30 shop;
  shop.journey("abc", kMonth + kDay);
  shop.pay(4711, kMonth + kDay);
  CHECK(shop.learn().models.empty());
}

TEST_CASE("a conversion sees what the site's rules let it see, in any order of arrival",
          "[training][rules]") {
  const auto touches_of = [](Shop30& shop, const std::string& order) {
    return shop.credits(order, "linear").size();
  };
  for (const bool is_reversed : {false, true}) {
    Shop30 shop;
    shop.site->direct_rule = models::DirectRule::keep;
    shop.site->collapse_rule = models::CollapseRule::consecutive;
    shop.site->repeat_rule =
        GENERATE(models::RepeatRule::since_previous, models::RepeatRule::first_only);
    CAPTURE(is_reversed, static_cast<int>(shop.site->repeat_rule));
    shop.journey("aadb", kMonth + kDay);
    shop.visit(1, 150, kMonth + 3 * kDay, TrafficSource{Channel::referral, "s", "", "", "/"});
    const std::int64_t early = kMonth + 2 * kDay, late = kMonth + 4 * kDay;
    const std::string first = shop.pay(1, is_reversed ? late : early);
    const std::string second = shop.pay(1, is_reversed ? early : late);
    const std::string& one = is_reversed ? second : first;
    const std::string& two = is_reversed ? first : second;
    CHECK(touches_of(shop, one) == 3);  // a run of two is one touch
    CHECK(touches_of(shop, two) ==
          (shop.site->repeat_rule == models::RepeatRule::first_only ? 0U : 1U));
    // It looks before direct touches leave; here they stay.
    CHECK(shop.credits(one, "last_non_direct").back().value_minor == 10000);
    CHECK(audited(shop).empty());
  }
}

TEST_CASE("a day begins at its first moment in its zone", "[training]") {
  CHECK(day_start(20260308, "America/New_York") == 1'772'946'000'000);
  CHECK(day_start(20261025, "Europe/Prague") == 1'792'879'200'000);
  for (const int day : {20260329, 20261025, 20261101})
    for (const char* zone : {"Europe/Prague", "America/New_York", "Asia/Kolkata"}) {
      CHECK(local_day(day_start(day, zone), zone) == day);
      CHECK(local_day(day_start(day, zone) - 1, zone) < day);
    }
}
