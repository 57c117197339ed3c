// SPDX-License-Identifier: Apache-2.0
// The server reads as much of a person's touches as the rules need, keeps what a model may see, and
// comes to the steps that the core finds among all of them.
#include "server/core/attribution/conversion_path.hpp"

#include "server/core/attribution/attribution_rules.hpp"
#include "server/core/text/uuid_text.hpp"
#include "tests/server/support.hpp"
#include "tests/shared/seeded_random.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

constexpr std::int64_t kTouchGap = 60'000;

struct Browsing {
  explicit Browsing(const std::vector<TouchRow>& all) : touches(all) {
    store.put([&](Tables& tables) -> Outcome<void> {
      for (const auto& touch : touches) TL_CHECK(tables.events().insert_touch(touch));
      return {};
    });
  }
  ConversionPath read(const models::AttributionRules& rules) {
    // As it is kept: later splits know the snapshot alone.
    return parse_snapshot(write_snapshot(store.get([&](Tables& tables) {
      return read_path(tables, demo_site(), rules, {id(2001), id(2002)}, {kNow});
    })));
  }

  TempStore store;
  std::vector<TouchRow> touches;
};

std::string line_of(const Id128& touch, const models::Step& step) {
  return uuid_text(touch) + " " + std::to_string(step.t_ms) + "\n";
}

std::string kept_steps(const ConversionPath& path, bool applies_direct_rule) {
  std::string text;
  for (const auto& step : value_of(steps_of(path, applies_direct_rule)))
    text += line_of(path.entries[step.index].touch_id, step);
  return text;
}

std::string core_steps(const Browsing& browsing, const models::AttributionRules& rules,
                       bool applies_direct_rule) {
  std::vector<models::PathTouch> touches;
  for (const auto& touch : browsing.touches)
    if (!touch.is_bot) touches.push_back({touch.id, touch.t_ms, touch.seq, touch.channel});
  std::vector<models::Step> steps(touches.size());
  const auto found =
      models::eligible_path(rules, {kNow}, applies_direct_rule, touches, steps, {}).value();
  std::string text;
  for (std::size_t i = 0; i < found.count; ++i)
    text += line_of(touches[steps[i].index].id, steps[i]);
  return text;
}

// One campaign, then so many direct visits.
std::vector<TouchRow> campaign_and_direct(std::uint64_t direct) {
  std::vector<TouchRow> touches{given_touch(1, Channel::paid_search, kNow - 12 * kDay)};
  for (std::uint64_t i = 0; i < direct; ++i)
    touches.push_back(given_touch(10 + i, Channel::direct,
                                  kNow - 11 * kDay + static_cast<std::int64_t>(i) * kTouchGap));
  return touches;
}

}  // namespace

TEST_CASE("the cap counts what the direct rule leaves, in the store too", "[path]") {
  Browsing browsing(campaign_and_direct(520));

  const ConversionPath path = browsing.read(rules_of(demo_site()));

  REQUIRE(path.eligible().size() == 1);
  CHECK(path.eligible()[0]->channel == Channel::paid_search);
  CHECK_FALSE(path.is_truncated);
}

TEST_CASE("a path of many touches is the one that the core finds among all", "[path]") {
  const auto is_mixed = GENERATE(false, true);
  tl::test::SeededRandom random(11);
  std::vector<TouchRow> touches = campaign_and_direct(1200);
  for (std::uint64_t i = 0; i < 1800; ++i) {
    constexpr Channel kChannels[] = {Channel::direct, Channel::direct, Channel::email,
                                     Channel::audio};
    auto touch =
        given_touch(5000 + i, kChannels[random.below(is_mixed ? 4 : 2)],
                    kNow - static_cast<std::int64_t>(random.below(40 * 24 * 60)) * kTouchGap);
    touch.anonymous_id = id(2001 + random.below(2));
    touch.is_bot = random.below(5) == 0;
    touches.push_back(std::move(touch));
  }
  Browsing browsing(touches);

  for (const auto direct : {models::DirectRule::drop_if_any_other, models::DirectRule::keep})
    for (const auto collapse : {models::CollapseRule::none, models::CollapseRule::consecutive,
                                models::CollapseRule::unique_first})
      for (const auto lookback : {models::LookbackMode::fixed, models::LookbackMode::rolling}) {
        models::AttributionRules rules;
        rules.direct_rule = direct;
        rules.collapse_rule = collapse;
        rules.lookback_mode = lookback;
        const ConversionPath path = browsing.read(rules);
        INFO(rules_text(rules));
        for (const bool applies_direct_rule : {true, false})
          CHECK(kept_steps(path, applies_direct_rule) ==
                core_steps(browsing, rules, applies_direct_rule));
        CHECK(path.entries.size() <= 2505);
      }
}
