// SPDX-License-Identifier: Apache-2.0
// A changed table classifies history again: a store whose touches older rules and lists had named
// ends, after a rebuild, as one that was told the same today.
#include "server/core/attribution/training.hpp"
#include "server/core/reports/rebuild.hpp"
#include "tests/server/derived_tables.hpp"
#include "tests/server/month.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <map>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

struct Arrival {
  std::uint64_t visitor;
  const char* url;
  const char* referrer;
};
constexpr Arrival kArrivals[] = {
    {1, "https://shop.example/?utm_source=letter&utm_medium=email&utm_campaign=june", ""},
    {1, "https://shop.example/film", "https://chatgpt.com/"},
    {2, "https://shop.example/?gclid=G&gad_source=1&gad_campaignid=21345678901", ""},
    {2, "https://shop.example/", "https://www.perplexity.ai/"},
    {3, "https://shop.example/?ttclid=T", "https://www.tiktok.com/"},
    {4, "https://shop.example/", "https://chatgpt.com/"},
    {4, "https://shop.example/?mtm_source=partner&mtm_medium=affiliate&mtm_campaign=may", ""},
    {5, "https://shop.example/", ""},
    {6, "https://shop.example/", "https://chatgpt.com/"},
};

// Tables that knew no assistant, no click id of TikTok's and no id of a campaign.
void name_as_before(TouchRow& touch) {
  if (touch.channel == Channel::ai_assistant) {
    touch.channel = Channel::referral;
    touch.source = touch.referrer_domain;
    touch.medium = "referral";
  } else if (touch.channel == Channel::paid_social) {
    touch.channel = Channel::organic_social;
    touch.medium = "social";
  } else if (touch.campaign == "21345678901") {
    touch.campaign.clear();
  } else {
    return;
  }
  constexpr std::string_view kVersion = "\"cv\":\"";
  touch.evidence.replace(touch.evidence.find(kVersion) + kVersion.size(), 8, "0000beef");
}
constexpr std::int64_t kNamedOtherwise = 6;  // of the arrivals

void tell_all(MonthWorld& world, const MonthWorld::Change& change) {
  std::uint64_t session = 100;
  for (const auto& arrival : kArrivals) {
    ++session;
    world.arrive(arrival.visitor, session, kMonth + kDay * static_cast<std::int64_t>(session - 100),
                 arrival.url, arrival.referrer, change);
  }
  world.identify(3, "two@example.com", kMonth + 8 * kDay);
  for (int number = 1; number <= 5; ++number) {
    const auto visitor = static_cast<std::uint64_t>(number);
    const std::int64_t paid = kMonth + 10 * kDay + number * kHour;
    const auto metadata = visit_metadata(id(visitor), id(100 + visitor), paid - kMinute);
    world.tell(sale_event(
        number, "checkout.session.completed",
        sale_session(number, 1000 + 777 * number, metadata,
                     number == 2 ? "two@example.com" : std::to_string(number) + "@example.com"),
        paid));
  }
  world.tell(sale_event(4, "refund.created", sale_refund(4, "re_4", 500, "succeeded"),
                        kMonth + 12 * kDay));
  StatedConversion lead;
  lead.kind = "lead";
  lead.reference = "lead-1";
  lead.occurred_ms = kMonth + 9 * kDay;
  lead.anonymous_id = id(4);
  lead.customer.email = "4@example.com";
  lead.digest = sha256(lead.reference);
  world.state(lead);
}

// The touches themselves.
std::string touches(TempStore& store) {
  return rows_of(store, {"SELECT hex(id), hex(session_id), channel, source, medium, campaign,"
                         " content, landing_path, click_ids, evidence FROM touch ORDER BY 1"});
}

struct Progress {
  std::int64_t done = 0, all = 0, told = 0;
};

}  // namespace

TEST_CASE("what older tables named is after a rebuild what today's would have said",
          "[reports][reclassified]") {
  const bool is_trained = GENERATE(false, true);
  CAPTURE(is_trained);
  const std::int64_t now_ms = kMonth + 20 * kDay;
  MonthWorld today("Europe/Prague"), before("Europe/Prague");
  tell_all(today, {});
  tell_all(before, name_as_before);
  if (is_trained)
    for (MonthWorld* world : {&today, &before})
      REQUIRE_FALSE(value_of(train(*world->store, *world->site, now_ms)).models.empty());
  CHECK(touches(before.store) != touches(today.store));
  CHECK(derived_rows(before.store) != derived_rows(today.store));
  CHECK(audited(before).empty());  // it is whole, of what its touches are called

  std::map<std::string, Progress> steps;
  RebuildOptions options;
  options.reclassifies = true;
  options.progress = [&](std::string_view step, std::int64_t done, std::int64_t all) {
    steps[std::string(step)] = {done, all, steps[std::string(step)].told + 1};
  };
  const auto totals = value_of(rebuild(*before.store, *before.site, options, now_ms));

  CHECK(totals.touches == std::size(kArrivals));
  CHECK(totals.reclassified == kNamedOtherwise);
  CHECK(touches(before.store) == touches(today.store));
  const std::string is = derived_rows(before.store), should = derived_rows(today.store);
  if (is != should) FAIL_CHECK(first_difference(should, is));
  CHECK(audited(before).empty());
  for (const char* step : {"touches", "orders", "conversions"}) {
    CAPTURE(step);
    CHECK(steps[step].told >= 1);
    CHECK(steps[step].done == steps[step].all);
    CHECK(steps[step].all >= 5);
  }
  CHECK(value_of(rebuild(*before.store, *before.site, options, now_ms)).reclassified == 0);
}

TEST_CASE("a rebuild that was stopped before the models learned again is finished by the next one",
          "[reports][reclassified]") {
  const std::int64_t now_ms = kMonth + 20 * kDay;
  MonthWorld today("Europe/Prague"), before("Europe/Prague");
  tell_all(today, {});
  tell_all(before, name_as_before);
  for (MonthWorld* world : {&today, &before}) value_of(train(*world->store, *world->site, now_ms));
  struct Stopped {};
  RebuildOptions options;
  options.reclassifies = true;
  options.progress = [](std::string_view step, std::int64_t, std::int64_t) {
    if (step == "orders") throw Stopped();
  };
  CHECK_THROWS_AS(value_of(rebuild(*before.store, *before.site, options, now_ms)), Stopped);
  options.progress = nullptr;
  CHECK(value_of(rebuild(*before.store, *before.site, options, now_ms)).reclassified == 0);

  const std::string is = derived_rows(before.store), should = derived_rows(today.store);
  if (is != should) FAIL_CHECK(first_difference(should, is));
  for (const auto& model :
       before.store.get([](Tables& tables) { return tables.trainings().newest("demo"); }))
    CHECK(model.refused != "reclassified");
  CHECK(audited(before).empty());
}

TEST_CASE("published days tell that their touches were classified again",
          "[reports][reclassified]") {
  MonthWorld world("Europe/Prague");
  tell_all(world, name_as_before);
  world.store.put([](Tables& tables) -> Outcome<void> {
    TL_TRY(moved, tables.rollups().seal_days("demo", 20270101));
    static_cast<void>(moved);
    return {};
  });
  RebuildOptions options;
  options.reclassifies = true;
  value_of(rebuild(*world.store, *world.site, options, kMonth + 20 * kDay));
  world.store.settle();
  SQLite::Database database(world.store.path(), SQLite::OPEN_READONLY);
  CHECK(database.execAndGet("SELECT count(*) FROM day_revision WHERE reasons LIKE '%rebuild%'")
            .getInt() > 0);
  CHECK(audited(world).empty());
}

TEST_CASE("published traffic is read by day and channel", "[reports][reclassified]") {
  MonthWorld world("Europe/Prague");
  for (std::uint64_t number = 1; number <= 6; ++number)
    world.visit(number, 100 + number, kMonth + static_cast<std::int64_t>(number % 2) * kDay,
                TrafficSource{number < 5 ? Channel::email : Channel::paid_search, "letter",
                              "issue " + std::to_string(number), "", "/"});
  const auto published = [&] {
    std::vector<std::string> lines;
    for (const auto& row :
         world.store.get([](Tables& tables) { return tables.rollups().published_traffic("demo"); }))
      lines.push_back(std::to_string(row.day) + " " +
                      std::string(channel_name(row.source.channel)) + row.source.campaign + " " +
                      std::to_string(row.touches) + " " + std::to_string(row.visits));
    std::sort(lines.begin(), lines.end());
    return lines;
  };
  CHECK(published().empty());
  world.store.put([](Tables& tables) -> Outcome<void> {
    TL_TRY(moved, tables.rollups().seal_days("demo", 20261012));
    static_cast<void>(moved);
    return {};
  });
  CHECK(published() == std::vector<std::string>{"20261012 email 2 2", "20261012 paid_search 1 1"});
}

TEST_CASE("a withheld id of a campaign leaves what it was called", "[reports][reclassified]") {
  MonthWorld world("Europe/Prague");
  world.arrive(1, 101, kMonth, "https://shop.example/?gclid=*&gad_campaignid=*", "",
               [](TouchRow& touch) { touch.campaign = "21345678901"; });
  RebuildOptions options;
  options.reclassifies = true;
  CHECK(value_of(rebuild(*world.store, *world.site, options, kNow)).reclassified == 0);
  CHECK(touches(world.store).find("21345678901") != std::string::npos);
}
