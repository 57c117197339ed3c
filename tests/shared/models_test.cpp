// SPDX-License-Identifier: Apache-2.0
// The rule-based models: the worked examples of docs/attribution.md to the last minor unit, names,
// and the properties that hold for every model.
#include "catch.hpp"
#include "models/model.hpp"
#include "shared/seeded_random.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace {

using namespace tl::models;  // NOLINT(google-build-using-namespace)
using tl::Channel;

constexpr std::int64_t kHour = 3600 * 1000;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kNow = 1790000000000;

using Shares = std::vector<std::int64_t>;

ModelConfig model(std::string_view text) {
  const auto parsed = parse_model(text);
  INFO("model " << text);
  REQUIRE(parsed.ok());
  return parsed.value();
}

PathTouch touch_before(std::int64_t age_ms, std::uint8_t number, Channel channel = Channel::email) {
  PathTouch touch;
  touch.id.bytes[15] = number;
  touch.t_ms = kNow - age_ms;
  touch.channel = channel;
  return touch;
}

std::vector<PathTouch> touches_before(const std::vector<std::int64_t>& ages_ms) {
  std::vector<PathTouch> touches;
  for (const std::int64_t age_ms : ages_ms)
    touches.push_back(touch_before(age_ms, static_cast<std::uint8_t>(touches.size())));
  return touches;
}

std::vector<Credit> credits_of(const ModelConfig& config, const std::vector<PathTouch>& touches,
                               std::int64_t value_minor, const AttributionRules& rules = {}) {
  std::vector<Step> scratch(touches.size());
  std::vector<Credit> credits(std::max<std::size_t>(1, touches.size()));
  const auto found = attribute(rules, config, {kNow}, value_minor, touches, scratch, credits);
  REQUIRE(found.ok());
  credits.resize(found.value().count);
  return credits;
}

Shares values(std::string_view name, const std::vector<PathTouch>& touches,
              std::int64_t value_minor, const AttributionRules& rules = {}) {
  Shares shares;
  for (const Credit& credit : credits_of(model(name), touches, value_minor, rules))
    shares.push_back(credit.value_minor);
  return shares;
}

Shares micros(std::string_view name, const std::vector<PathTouch>& touches) {
  Shares shares;
  for (const Credit& credit : credits_of(model(name), touches, 0))
    shares.push_back(credit.conversions_micro);
  return shares;
}

std::string written(const ModelConfig& config) {
  char room[96];
  tl::Out out(room, sizeof room);
  write_model(config, out);
  return std::string(out.view());
}

}  // namespace

TEST_CASE("129.99 over three touches", "[models]") {
  const auto touches = touches_before({96 * kHour, 30 * kHour, 2 * kHour});

  CHECK(values("first_touch", touches, 12999) == Shares{12999, 0, 0});
  CHECK(values("last_touch", touches, 12999) == Shares{0, 0, 12999});
  CHECK(values("linear", touches, 12999) == Shares{4333, 4333, 4333});
  CHECK(values("position_u", touches, 12999) == Shares{5200, 2600, 5199});
  CHECK(values("position_j", touches, 12999) == Shares{2600, 2600, 7799});
  CHECK(values("position_inv_j", touches, 12999) == Shares{7799, 2600, 2600});
  CHECK(values("time_decay", touches, 12999) == Shares{194, 3041, 9764});
}

TEST_CASE("100.01 over five touches", "[models]") {
  const auto touches = touches_before({5 * kHour, 4 * kHour, 3 * kHour, 2 * kHour, kHour});

  CHECK(values("linear", touches, 10001) == Shares{2001, 2000, 2000, 2000, 2000});
  CHECK(values("position_u", touches, 10001) == Shares{4000, 667, 667, 667, 4000});
  CHECK(values("position_j", touches, 10001) == Shares{2000, 667, 667, 667, 6000});
  CHECK(values("position_inv_j", touches, 10001) == Shares{6000, 667, 667, 667, 2000});
  CHECK(values("position:first=40:middle=20:last=40", touches, 10001) ==
        values("position_u", touches, 10001));
}

TEST_CASE("two touches share by the ends alone", "[models]") {
  const auto touches = touches_before({2 * kHour, kHour});

  CHECK(values("position_u", touches, 1000) == Shares{500, 500});
  CHECK(values("position_j", touches, 1000) == Shares{250, 750});
  CHECK(values("position_inv_j", touches, 1000) == Shares{750, 250});
  CHECK(values("position:first=10:middle=80:last=30", touches, 1000) == Shares{250, 750});
  CHECK(values("position:first=0:middle=1:last=0", touches, 1000) == Shares{500, 500});
}

TEST_CASE("one touch gets everything under every model", "[models]") {
  for (const ModelInfo& info : all_models()) {
    CHECK(values(info.name, touches_before({kHour}), -777) == Shares{-777});
    CHECK(micros(info.name, touches_before({kHour})) == Shares{1'000'000});
  }
}

TEST_CASE("the published half-life example comes out to the cent", "[models]") {
  const auto touches = touches_before({9 * kDay, 6 * kDay, 0, 0});

  CHECK(values("time_decay:half_life_ms=604800000", touches, 5000) == Shares{692, 932, 1688, 1688});
  // The same as an e-folding time of 242.3728 hours.
  CHECK(values("time_decay:tau_ms=872542080", touches, 5000) == Shares{692, 932, 1688, 1688});
}

TEST_CASE("one touch a day for a week decays by the documented shares", "[models]") {
  const auto touches = touches_before({6 * kDay, 5 * kDay, 4 * kDay, 3 * kDay, 2 * kDay, kDay, 0});

  CHECK(micros("time_decay", touches) == Shares{1568, 4263, 11588, 31500, 85626, 232757, 632698});
  CHECK(values("time_decay:half_life_ms=604800000", touches, 1000) ==
        Shares{104, 115, 127, 140, 155, 171, 188});
}

TEST_CASE("time decay does not depend on the time of the conversion", "[models]") {
  auto near = touches_before({60 * kHour, 20 * kHour, kHour});
  auto far = near;
  for (PathTouch& touch : far) touch.t_ms -= 25 * kDay;

  CHECK(values("time_decay", near, 99999) == values("time_decay", far, 99999));
}

TEST_CASE("time decay measures from the newest touch also where runs are collapsed", "[models]") {
  std::vector<PathTouch> touches{touch_before(3 * kDay, 1, Channel::email),
                                 touch_before(kDay, 2, Channel::audio),
                                 touch_before(0, 3, Channel::email)};
  AttributionRules rules;
  rules.collapse_rule = CollapseRule::unique_first;

  // email at age 0, audio at age one day: 1 : exp(-1).
  CHECK(values("time_decay", touches, 1'000'000, rules) == Shares{731059, 268941});
}

TEST_CASE("a touch too old to weigh anything is still a row", "[models]") {
  const auto touches = touches_before({29 * kDay, 0});

  CHECK(values("time_decay", touches, 5000) == Shares{0, 5000});
}

TEST_CASE("last_non_direct looks before direct touches are removed", "[models]") {
  const std::vector<PathTouch> touches{touch_before(3, 1, Channel::email),
                                       touch_before(2, 2, Channel::paid_search),
                                       touch_before(1, 3, Channel::direct)};

  CHECK(values("last_non_direct", touches, 900) == Shares{0, 900, 0});
  CHECK(values("last_touch", touches, 900) == Shares{0, 900});
  const std::vector<PathTouch> direct{touch_before(3, 1, Channel::direct),
                                      touch_before(2, 2, Channel::direct)};
  CHECK(values("last_non_direct", direct, 900) == Shares{0, 900});
}

TEST_CASE("credits name the caller's touches", "[models]") {
  const std::vector<PathTouch> touches{touch_before(1, 1, Channel::audio),
                                       touch_before(2, 2, Channel::direct),
                                       touch_before(3, 3, Channel::email)};

  const auto credits = credits_of(model("linear"), touches, 10);
  REQUIRE(credits.size() == 2);
  CHECK(credits[0].touch == 2);
  CHECK(credits[1].touch == 0);
}

TEST_CASE("a conversion without touches is one unattributed row", "[models]") {
  for (const ModelInfo& info : all_models()) {
    const auto credits = credits_of(model(info.name), touches_before({40 * kDay}), 4242);
    REQUIRE(credits.size() == 1);
    CHECK(credits[0].touch == kUnattributed);
    CHECK(credits[0].value_minor == 4242);
    CHECK(credits[0].conversions_micro == 1'000'000);
  }
}

TEST_CASE("a suppressed conversion has no row", "[models]") {
  AttributionRules rules;
  rules.repeat_rule = RepeatRule::first_only;
  const auto touches = touches_before({kHour});
  std::vector<Step> scratch(1);
  std::vector<Credit> credits(1);

  const auto found =
      attribute(rules, model("linear"), {kNow, kNow - kDay}, 100, touches, scratch, credits);
  REQUIRE(found.ok());
  CHECK(found.value().is_suppressed);
  CHECK(found.value().count == 0);
}

TEST_CASE("a path over the cap is marked", "[models]") {
  std::vector<PathTouch> touches(501, touch_before(0, 0));
  for (std::size_t i = 0; i < touches.size(); ++i) touches[i].seq = static_cast<std::int64_t>(i);
  std::vector<Step> scratch(touches.size());
  std::vector<Credit> credits(kMaxPath);

  const auto found = attribute({}, model("linear"), {kNow}, 500, touches, scratch, credits);
  REQUIRE(found.ok());
  CHECK(found.value().is_truncated);
  CHECK(found.value().count == kMaxPath);
  CHECK(credits[0].touch == 1);
  CHECK(credits[499].value_minor == 1);
}

TEST_CASE("too little room for credits is refused", "[models]") {
  const auto touches = touches_before({2, 1});
  std::vector<Step> scratch(2);
  std::vector<Credit> credits(1);

  const auto found = attribute({}, model("linear"), {kNow}, 1, touches, scratch, credits);
  REQUIRE_FALSE(found.ok());
  CHECK(std::string(found.error().code) == "credits_too_small");
}

TEST_CASE("a configuration that weighs nothing is refused", "[models]") {
  ModelConfig config = model("position");
  config.first = config.middle = config.last = 0;
  const auto touches = touches_before({3, 2, 1});
  std::vector<Step> scratch(3);
  std::vector<Credit> credits(3);

  const auto found = attribute({}, config, {kNow}, 1, touches, scratch, credits);
  REQUIRE_FALSE(found.ok());
  CHECK(std::string(found.error().code) == "no_weight");
}

TEST_CASE("model names are stable and read back", "[models]") {
  CHECK(written(model("time_decay")) == "time_decay:tau_ms=86400000");
  CHECK(written(model("time_decay:half_life_ms=604800000")) == "time_decay:half_life_ms=604800000");
  CHECK(written(model("position")) == "position:first=40:middle=20:last=40");
  CHECK(written(model("position:last=7")) == "position:first=40:middle=20:last=7");
  CHECK(written(model("last-non-direct")) == "last_non_direct");
  CHECK(written(model("custom:a=3:m=5:z=1")) == "position:first=3:middle=5:last=1");
  for (const ModelInfo& info : all_models()) {
    const ModelConfig config = model(info.name);
    CHECK(config.model == info.model);
    CHECK(model(written(config)) == config);
  }
}

TEST_CASE("unknown models and parameters are refused", "[models]") {
  for (const char* text : {"", "linea", "linearr", "LINEAR", "markov", ":tau_ms=1"})
    CHECK(std::string(parse_model(text).error().code) == "unknown_model");
  for (const char* text :
       {"linear:", "linear:tau_ms=1", "time_decay:", "time_decay:tau_ms",
        "time_decay:tau_ms=", "time_decay:tau_ms=0", "time_decay:tau_ms=-1",
        "time_decay:tau_ms=1:", "time_decay:first=1", "time_decay:tau_ms=99999999999999999999",
        "position:first=4000000000", "position:first=0:middle=0:last=0"}) {
    INFO(text);
    CHECK(std::string(parse_model(text).error().code) == "bad_model_parameter");
  }
}

TEST_CASE("every additive model sums exactly, and no model sees the order of arrival", "[models]") {
  tl::test::SeededRandom random(99);
  constexpr Channel kChannels[] = {Channel::direct, Channel::email, Channel::paid_search,
                                   Channel::paid_social};
  for (int round = 0; round < 400; ++round) {
    std::vector<PathTouch> touches;
    const std::uint64_t count = random.below(60);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto age = static_cast<std::int64_t>(random.below(8)) * 5 * kDay / 4;
      touches.push_back(
          touch_before(age, static_cast<std::uint8_t>(i), kChannels[random.below(4)]));
      if (random.below(5) == 0)
        touches.back().milestones = static_cast<std::uint8_t>(random.below(4));
    }
    auto shuffled = touches;
    random.shuffle(std::span(shuffled));
    const auto value = round == 0 ? 0 : static_cast<std::int64_t>(random.next());

    for (const ModelInfo& info : all_models()) {
      const auto credits = credits_of(model(info.name), touches, value);
      const auto again = credits_of(model(info.name), shuffled, value);
      REQUIRE(again.size() == credits.size());
      std::uint64_t value_sum = 0;
      std::int64_t micro_sum = 0;
      for (std::size_t i = 0; i < credits.size(); ++i) {
        value_sum += static_cast<std::uint64_t>(credits[i].value_minor);
        micro_sum += credits[i].conversions_micro;
        REQUIRE(credits[i].conversions_micro >= 0);
        REQUIRE(again[i].value_minor == credits[i].value_minor);
        REQUIRE(again[i].conversions_micro == credits[i].conversions_micro);
        if (credits[i].touch != kUnattributed)
          REQUIRE(shuffled[again[i].touch].id == touches[credits[i].touch].id);
      }
      if (!info.is_additive) continue;
      REQUIRE(static_cast<std::int64_t>(value_sum) == value);
      REQUIRE(micro_sum == kWholeConversionMicro);
    }
  }
}

TEST_CASE("refunds down to zero leave every share at zero", "[models]") {
  const auto touches = touches_before({90 * kHour, 50 * kHour, 7 * kHour, kHour});
  for (const ModelInfo& info : all_models()) {
    for (const Credit& credit :
         credits_of(model(info.name), touches, net_value(10000, 3333 + 6667)))
      CHECK(credit.value_minor == 0);
  }
}

TEST_CASE("decay shares are within one unit of the exact ones at a billion", "[models]") {
  // Computed with 50-digit decimals: 10^9 over ages 100, 55, 13 and 1 hours, tau 24 h.
  const auto touches = touches_before({100 * kHour, 55 * kHour, 13 * kHour, kHour});
  const Shares exact{9353368, 60991625, 350982572, 578672433};

  const Shares shares = values("time_decay", touches, 1'000'000'000);
  for (std::size_t i = 0; i < exact.size(); ++i) {
    CHECK(shares[i] >= exact[i] - 1);
    CHECK(shares[i] <= exact[i] + 1);
  }
}
