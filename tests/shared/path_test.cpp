// SPDX-License-Identifier: Apache-2.0
// Which touches are on a path, in which order, and why the others are not.
#include "models/path.hpp"

#include "catch.hpp"
#include "shared/seeded_random.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace {

using namespace tl::models;  // NOLINT(google-build-using-namespace)
using tl::Channel;

constexpr std::int64_t kDayOfPath = 24LL * 3600 * 1000;
constexpr std::int64_t kConvertedAt = 1790000000000;

PathTouch touch(std::uint8_t number, std::int64_t t_ms, Channel channel = Channel::email) {
  PathTouch touch;
  touch.id.bytes[15] = number;
  touch.t_ms = t_ms;
  touch.channel = channel;
  return touch;
}

PathTouch view(std::uint8_t number, std::int64_t t_ms) {
  PathTouch seen = touch(number, t_ms, Channel::display);
  seen.is_view = true;
  return seen;
}

struct Path {
  std::vector<std::uint32_t> order;  // the last byte of the touch ids
  std::vector<std::string> why;      // of every given touch
  std::vector<std::int64_t> times;
  bool is_truncated = false;
  bool is_suppressed = false;
};

Path path_of(const std::vector<PathTouch>& touches, const AttributionRules& rules = {},
             ConversionTime conversion = {kConvertedAt}, bool applies_direct_rule = true) {
  std::vector<Step> steps(touches.size());
  std::vector<Exclusion> reasons(touches.size());
  const auto found = eligible_path(rules, conversion, applies_direct_rule, touches, steps, reasons);
  REQUIRE(found.ok());
  Path path;
  path.is_truncated = found.value().is_truncated;
  path.is_suppressed = found.value().is_suppressed;
  for (std::size_t i = 0; i < found.value().count; ++i) {
    path.order.push_back(touches[steps[i].index].id.bytes[15]);
    path.times.push_back(steps[i].t_ms);
  }
  for (const Exclusion reason : reasons) path.why.emplace_back(exclusion_name(reason));
  return path;
}

using Numbers = std::vector<std::uint32_t>;
using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("the lookback is closed at both ends", "[path]") {
  const Path path = path_of({touch(1, kConvertedAt - 30 * kDayOfPath - 1),
                             touch(2, kConvertedAt - 30 * kDayOfPath), touch(3, kConvertedAt),
                             touch(4, kConvertedAt + 1)});

  CHECK(path.order == Numbers{2, 3});
  CHECK(path.why == Words{"outside_lookback", "none", "none", "after_conversion"});
}

TEST_CASE("views have their own lookback", "[path]") {
  const Path path = path_of({view(1, kConvertedAt - kDayOfPath - 1),
                             view(2, kConvertedAt - kDayOfPath), touch(3, kConvertedAt)});

  CHECK(path.order == Numbers{2, 3});
}

TEST_CASE("a lookback of zero keeps touches of the same millisecond", "[path]") {
  AttributionRules rules;
  rules.click_lookback_ms = 0;

  CHECK(path_of({touch(1, kConvertedAt - 1), touch(2, kConvertedAt)}, rules).order == Numbers{2});
}

TEST_CASE("times at the ends of the integers do not overflow", "[path]") {
  constexpr std::int64_t kEarliest = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kLatest = std::numeric_limits<std::int64_t>::max();

  CHECK(path_of({touch(1, kEarliest)}, {}, {kLatest}).why == Words{"outside_lookback"});
  CHECK(path_of({touch(1, kLatest)}, {}, {kEarliest}).why == Words{"after_conversion"});
  AttributionRules rules;
  rules.click_lookback_ms = kLatest;
  CHECK(path_of({touch(1, kEarliest)}, rules, {-1}).order == Numbers{1});
  CHECK(path_of({touch(1, kEarliest)}, rules, {0}).order.empty());
}

TEST_CASE("equal times are ordered by sequence, then by id", "[path]") {
  std::vector<PathTouch> touches{touch(9, kConvertedAt), touch(3, kConvertedAt),
                                 touch(5, kConvertedAt), touch(7, kConvertedAt - 1)};
  touches[0].seq = 1;
  touches[1].seq = 2;
  touches[2].seq = 2;
  touches[3].seq = 8;

  CHECK(path_of(touches).order == Numbers{7, 9, 3, 5});
}

TEST_CASE("a rolling window goes back as long as the gaps stay within it", "[path]") {
  AttributionRules rules;
  rules.lookback_mode = LookbackMode::rolling;
  rules.click_lookback_ms = 7 * kDayOfPath;
  const Path path = path_of(
      {touch(1, kConvertedAt - 28 * kDayOfPath - 1), touch(2, kConvertedAt - 21 * kDayOfPath),
       touch(3, kConvertedAt - 14 * kDayOfPath), touch(4, kConvertedAt - 7 * kDayOfPath)},
      rules);

  CHECK(path.order == Numbers{2, 3, 4});
  CHECK(path.why == Words{"outside_lookback", "none", "none", "none"});
}

TEST_CASE("a view that a rolling window refuses does not end the path", "[path]") {
  AttributionRules rules;
  rules.lookback_mode = LookbackMode::rolling;
  rules.click_lookback_ms = 7 * kDayOfPath;
  const Path path =
      path_of({touch(1, kConvertedAt - 6 * kDayOfPath), view(2, kConvertedAt - 5 * kDayOfPath),
               touch(3, kConvertedAt - kDayOfPath)},
              rules);

  CHECK(path.order == Numbers{1, 3});
}

TEST_CASE("direct touches leave when any other touch is there", "[path]") {
  const std::vector<PathTouch> touches{touch(1, kConvertedAt - 3, Channel::direct),
                                       touch(2, kConvertedAt - 2),
                                       touch(3, kConvertedAt - 1, Channel::direct)};
  AttributionRules keep;
  keep.direct_rule = DirectRule::keep;

  CHECK(path_of(touches).order == Numbers{2});
  CHECK(path_of(touches).why == Words{"direct_removed", "none", "direct_removed"});
  CHECK(path_of(touches, keep).order == Numbers{1, 2, 3});
  CHECK(path_of(touches, {}, {kConvertedAt}, false).order == Numbers{1, 2, 3});
}

TEST_CASE("a path of direct touches only keeps them", "[path]") {
  CHECK(path_of(
            {touch(1, kConvertedAt - 2, Channel::direct), touch(2, kConvertedAt, Channel::direct)})
            .order == Numbers{1, 2});
}

TEST_CASE("a touch outside the lookback does not push direct touches out", "[path]") {
  CHECK(path_of({touch(1, kConvertedAt - 40 * kDayOfPath), touch(2, kConvertedAt, Channel::direct)})
            .order == Numbers{2});
}

TEST_CASE("collapsing keeps the first touch of a run and the time of its last", "[path]") {
  const std::vector<PathTouch> touches{
      touch(1, kConvertedAt - 4, Channel::email), touch(2, kConvertedAt - 3, Channel::email),
      touch(3, kConvertedAt - 2, Channel::audio), touch(4, kConvertedAt - 1, Channel::email)};
  AttributionRules rules;

  rules.collapse_rule = CollapseRule::consecutive;
  const Path consecutive = path_of(touches, rules);
  CHECK(consecutive.order == Numbers{1, 3, 4});
  CHECK(consecutive.times ==
        std::vector<std::int64_t>{kConvertedAt - 3, kConvertedAt - 2, kConvertedAt - 1});
  CHECK(consecutive.why == Words{"none", "collapsed", "none", "none"});

  rules.collapse_rule = CollapseRule::unique_first;
  const Path unique = path_of(touches, rules);
  CHECK(unique.order == Numbers{1, 3});
  CHECK(unique.times == std::vector<std::int64_t>{kConvertedAt - 1, kConvertedAt - 2});
  CHECK(unique.why == Words{"none", "collapsed", "none", "collapsed"});
}

TEST_CASE("direct touches leave before runs are collapsed", "[path]") {
  AttributionRules rules;
  rules.collapse_rule = CollapseRule::consecutive;
  const Path path =
      path_of({touch(1, kConvertedAt - 3), touch(2, kConvertedAt - 2, Channel::direct),
               touch(3, kConvertedAt - 1)},
              rules);

  CHECK(path.order == Numbers{1});
}

TEST_CASE("since_previous sees only touches after the previous conversion", "[path]") {
  AttributionRules rules;
  rules.repeat_rule = RepeatRule::since_previous;
  const std::vector<PathTouch> touches{touch(1, kConvertedAt - 11), touch(2, kConvertedAt - 10),
                                       touch(3, kConvertedAt - 9)};

  const Path path = path_of(touches, rules, {kConvertedAt, kConvertedAt - 10});
  CHECK(path.order == Numbers{3});
  CHECK(path.why == Words{"before_previous_conversion", "before_previous_conversion", "none"});
  CHECK(path_of(touches, rules).order == Numbers{1, 2, 3});
}

TEST_CASE("every sees all touches again", "[path]") {
  CHECK(path_of({touch(1, kConvertedAt - 11)}, {}, {kConvertedAt, kConvertedAt - 10}).order ==
        Numbers{1});
}

TEST_CASE("first_only suppresses later conversions", "[path]") {
  AttributionRules rules;
  rules.repeat_rule = RepeatRule::first_only;

  const Path later =
      path_of({touch(1, kConvertedAt - 1)}, rules, {kConvertedAt, kConvertedAt - 10});
  CHECK(later.is_suppressed);
  CHECK(later.order.empty());
  CHECK(later.why == Words{"later_conversion"});
  CHECK_FALSE(path_of({touch(1, kConvertedAt - 1)}, rules).is_suppressed);
}

TEST_CASE("a path keeps its most recent five hundred touches", "[path]") {
  std::vector<PathTouch> touches;
  for (int i = 0; i < 502; ++i)
    touches.push_back(touch(static_cast<std::uint8_t>(i % 251), kConvertedAt - i));

  const Path path = path_of(touches);
  CHECK(path.is_truncated);
  CHECK(path.order.size() == kMaxPath);
  CHECK(path.times.back() == kConvertedAt);
  CHECK(path.times.front() == kConvertedAt - 499);
  CHECK(path.why[499] == "none");
  CHECK(path.why[500] == "over_cap");
  CHECK(path.why[501] == "over_cap");

  touches.resize(500);
  CHECK_FALSE(path_of(touches).is_truncated);
}

TEST_CASE("the cap counts what the direct rule leaves", "[path]") {
  std::vector<PathTouch> touches;
  for (int i = 0; i < 600; ++i)
    touches.push_back(touch(static_cast<std::uint8_t>(i % 251), kConvertedAt - i, Channel::direct));
  touches.push_back(touch(255, kConvertedAt - 700));

  CHECK(path_of(touches).order == Numbers{255});
  CHECK_FALSE(path_of(touches).is_truncated);
}

TEST_CASE("the order of arrival never matters", "[path]") {
  tl::test::SeededRandom random(7);
  constexpr Channel kChannels[] = {Channel::direct, Channel::email, Channel::audio};
  for (int round = 0; round < 300; ++round) {
    std::vector<PathTouch> touches;
    const std::uint64_t count = 1 + random.below(30);
    for (std::uint64_t i = 0; i < count; ++i) {
      PathTouch made =
          touch(static_cast<std::uint8_t>(i),
                kConvertedAt - static_cast<std::int64_t>(random.below(6)) * 20 * kDayOfPath / 3,
                kChannels[random.below(3)]);
      made.seq = static_cast<std::int64_t>(random.below(3));
      made.is_view = random.below(4) == 0;
      touches.push_back(made);
    }
    AttributionRules rules;
    rules.lookback_mode = random.below(2) == 0 ? LookbackMode::fixed : LookbackMode::rolling;
    rules.collapse_rule = static_cast<CollapseRule>(1 + random.below(3));

    const Path before = path_of(touches, rules);
    random.shuffle(std::span(touches));
    const Path after = path_of(touches, rules);

    REQUIRE(after.order == before.order);
    REQUIRE(after.times == before.times);
  }
}

TEST_CASE("too little room and negative lookbacks are refused", "[path]") {
  const std::vector<PathTouch> touches{touch(1, kConvertedAt), touch(2, kConvertedAt)};
  std::vector<Step> steps(2);
  std::vector<Exclusion> reasons(1);

  CHECK(std::string(eligible_path({}, {kConvertedAt}, true, touches, std::span(steps).first(1), {})
                        .error()
                        .code) == "path_scratch_too_small");
  CHECK(
      std::string(eligible_path({}, {kConvertedAt}, true, touches, steps, reasons).error().code) ==
      "path_scratch_too_small");
  AttributionRules rules;
  rules.view_lookback_ms = -1;
  CHECK(std::string(eligible_path(rules, {kConvertedAt}, true, touches, steps, {}).error().code) ==
        "bad_lookback");
}
