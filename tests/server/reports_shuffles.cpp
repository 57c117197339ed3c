// SPDX-License-Identifier: Apache-2.0
// The tables behind the reports are a pure function of what was told: any order, with repeats, ends
// in the same rows, in zones with and without whole hours and over the ends of summer time.
#include "server/core/reports/rebuild.hpp"
#include "tests/server/derived_tables.hpp"
#include "tests/server/month.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <array>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

void tell(MonthWorld& world, std::vector<Told> month, std::uint32_t seed) {
  std::mt19937 random(seed);
  const std::size_t once = month.size();
  for (std::size_t i = 0; i < once; ++i)
    if (seed != 0 && random() % 4 == 0) month.push_back(month[i]);
  if (seed != 0) std::shuffle(month.begin(), month.end(), random);
  for (const auto& told : month) told(world);
}

// A rule by which the same month ends in other tables; by seed.
struct Variant {
  models::RepeatRule repeat_rule = models::RepeatRule::every;
  bool is_sealed = false;   // from the beginning, so every change is one of a published day
  bool is_trained = false;  // a model that learned before the month
};
constexpr std::array kVariants = {Variant{},
                                  Variant{models::RepeatRule::since_previous, true, false},
                                  Variant{models::RepeatRule::every, true, true},
                                  Variant{models::RepeatRule::first_only, false, true}};

TrainedModel learned_model() {
  TrainedModel model;
  model.kind = "purchase";
  model.conversions = model.failed = 100;
  model.states = 3;
  model.channels = {{Channel::email, 0.5, 0.5}, {Channel::paid_search, 0.7, 0.6}};
  return model;
}

void prepare(MonthWorld& world, const Variant& variant, bool is_sealed) {
  world.site->repeat_rule = variant.repeat_rule;
  world.store.put([&](Tables& tables) -> Outcome<void> {
    if (variant.is_trained) TL_CHECK(tables.trainings().put("demo", learned_model()));
    if (is_sealed) TL_CHECK(tables.rollups().seal_days("demo", 20270101));
    return {};
  });
}

// Each change of a sealed day was numbered, and no day was changed in silence.
void require_revisions(const std::string& path) {
  SQLite::Database database(path, SQLite::OPEN_READONLY);
  for (const char* broken :
       {"SELECT count(*) FROM (SELECT day FROM day_revision GROUP BY day HAVING max(revision) <>"
        " count(*) OR min(revision) <> 1)",
        "SELECT count(*) FROM (SELECT day FROM day_credit WHERE level < 4 UNION SELECT day FROM"
        " day_traffic WHERE level < 4) WHERE day NOT IN (SELECT day FROM day_revision)"})
    REQUIRE(database.execAndGet(broken).getInt() == 0);
}

void require_audited(MonthWorld& world) {
  const auto lines = audited(world);
  for (const auto& line : lines) UNSCOPED_INFO(line);
  REQUIRE(lines.empty());
}

void require_same_tables(const std::string& zone, std::uint32_t shuffles) {
  const std::vector<Told> month = subscribed_month();
  std::vector<std::string> expected;
  for (const Variant& variant : kVariants) {
    MonthWorld in_order(zone);
    prepare(in_order, variant, /*is_sealed=*/false);
    tell(in_order, month, 0);
    expected.push_back(derived_rows(in_order.store));
    require_audited(in_order);
  }
  for (std::uint32_t seed = 1; seed <= shuffles; ++seed) {
    const std::size_t number = seed % kVariants.size();
    const Variant& variant = kVariants[number];
    MonthWorld world(zone);
    prepare(world, variant, variant.is_sealed);
    tell(world, month, seed);
    const std::string rows = derived_rows(world.store);
    INFO(zone << ", shuffle " << seed);
    if (rows != expected[number]) FAIL(first_difference(expected[number], rows));
    if (variant.is_sealed) require_revisions(world.store.path());
    // The tables are those that were audited above; now and then again from this world's evidence.
    if (seed % 9 == 0) require_audited(world);
  }
}

}  // namespace

TEST_CASE("a month ends in the same tables in any order, in Prague", "[reports][prague]") {
  require_same_tables("Europe/Prague", 67);
}
TEST_CASE("a month ends in the same tables in any order, in New York", "[reports][new_york]") {
  require_same_tables("America/New_York", 67);
}
TEST_CASE("a month ends in the same tables in any order, in Kolkata", "[reports][kolkata]") {
  require_same_tables("Asia/Kolkata", 67);
}

TEST_CASE("the audit names every row that somebody changed", "[reports][rebuilt]") {
  MonthWorld world("Europe/Prague");
  tell(world, subscribed_month(), 0);
  world.store.settle();
  {
    SQLite::Database database(world.store.path(), SQLite::OPEN_READWRITE);
    const auto change = GENERATE(
        as<std::string>{}, "UPDATE day_credit SET net_minor = net_minor + 1 WHERE level = 1",
        "DELETE FROM day_path", "UPDATE day_traffic SET visits = visits + 1 WHERE level = 0",
        "UPDATE credit SET value_minor = value_minor + 1 WHERE position = 0 AND model = 'linear'",
        "UPDATE session SET events = 99", "DELETE FROM conversion_key",
        "UPDATE orders SET refunded_minor = 0 WHERE refunded_minor > 0",
        "DELETE FROM day_visitors WHERE level = 1");
    REQUIRE(database.exec(change) > 0);
  }
  CHECK_FALSE(audited(world).empty());
}

TEST_CASE("a rebuild under another lookback restates all, and the audit agrees",
          "[reports][rebuilt]") {
  MonthWorld world("Europe/Prague");
  tell(world, subscribed_month(), 0);
  const std::string before = derived_rows(world.store);
  RebuildOptions options;
  value_of(rebuild(*world.store, *world.site, options, kNow));
  CHECK(derived_rows(world.store) == before);
  world.site->lookback_ms = kDay;
  value_of(rebuild(*world.store, *world.site, options, kNow));
  CHECK(derived_rows(world.store) != before);
  CHECK(audited(world).empty());
}
