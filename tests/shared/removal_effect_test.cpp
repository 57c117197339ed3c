// SPDX-License-Identifier: Apache-2.0
// Removal effects: the worked example, the facts that must hold for every data, and a second way of
// computing them (deleting the channel and solving again) on random chains.
#include "models/removal_effect.hpp"

#include "models/model.hpp"
#include "shared/chain_paths.hpp"
#include "shared/seeded_random.hpp"

#include <array>
#include <cmath>

namespace {

using namespace tl::models;  // NOLINT(google-build-using-namespace)
using tl::test::Effects;
using tl::test::effects_of;
using tl::test::LetterPath;
using Paths = std::vector<LetterPath>;

const Paths kWorkedExample{{"abc", 1, 0, 10}, {"ab", 0, 1},      {"bc", 1, 0, 20},
                           {"c", 0, 1},       {"aac", 1, 0, 30}, {"b", 1, 0, 40}};

Approx near(double value) {
  return Approx(value).epsilon(1e-12).margin(1e-14);
}

Paths random_paths(tl::test::SeededRandom& random, std::size_t count, std::uint64_t letters,
                   std::uint64_t longest) {
  Paths paths;
  for (std::size_t i = 0; i < count; ++i) {
    LetterPath path{"", random.below(4), random.below(6)};
    const std::uint64_t length = 1 + random.below(longest);
    for (std::uint64_t k = 0; k < length; ++k)
      path.letters += static_cast<char>('a' + random.below(letters));
    path.value = static_cast<double>(path.conversions * random.below(10000)) / 100;
    paths.push_back(path);
  }
  paths.push_back({"a", 1, 1, 5});
  return paths;
}

double conversions(const Paths& paths) {
  double sum = 0;
  for (const auto& path : paths) sum += static_cast<double>(path.conversions);
  return sum;
}
double walks(const Paths& paths) {
  double sum = conversions(paths);
  for (const auto& path : paths) sum += static_cast<double>(path.nulls);
  return sum;
}

// P(conversion) by definition: windows as text, with the channel's windows losing everything,
// solved by elimination with pivoting.
double conversion_without(const Paths& paths, std::size_t order, char removed) {
  std::map<std::string, std::map<std::string, double>> counts;
  for (const auto& path : paths) {
    std::string from = "start";
    const std::size_t length = std::min(order, path.letters.size());
    const auto weight = static_cast<double>(path.conversions + path.nulls);
    for (std::size_t i = 0; i + length <= path.letters.size(); ++i) {
      const std::string window = path.letters.substr(i, length);
      if (window != from) counts[from][window] += weight;
      from = window;
    }
    counts[from]["conversion"] += static_cast<double>(path.conversions);
    counts[from]["null"] += static_cast<double>(path.nulls);
  }
  std::vector<std::string> states;
  for (const auto& [state, out] : counts)
    if (state == "start" || state.find(removed) == std::string::npos) states.push_back(state);
  const std::size_t size = states.size();
  std::vector<std::vector<double>> matrix(size, std::vector<double>(size + 1));
  std::size_t start = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (states[i] == "start") start = i;
    double out = 0;
    for (const auto& [to, count] : counts[states[i]]) out += count;
    matrix[i][i] = 1;
    if (out == 0) continue;
    matrix[i][size] = counts[states[i]]["conversion"] / out;
    for (std::size_t j = 0; j < size; ++j)
      if (const auto to = counts[states[i]].find(states[j]); to != counts[states[i]].end())
        matrix[i][j] -= to->second / out;
  }
  for (std::size_t k = 0; k < size; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < size; ++i)
      if (std::abs(matrix[i][k]) > std::abs(matrix[pivot][k])) pivot = i;
    std::swap(matrix[k], matrix[pivot]);
    for (std::size_t i = 0; i < size; ++i) {
      if (i == k) continue;
      const double factor = matrix[i][k] / matrix[k][k];
      for (std::size_t j = k; j <= size; ++j) matrix[i][j] -= factor * matrix[k][j];
    }
  }
  return matrix[start][size] / matrix[start][start];
}

}  // namespace

TEST_CASE("the worked example has its exact removal effects", "[markov]") {
  const Effects effects = effects_of(kWorkedExample, 1);

  CHECK(effects.totals.states == 3);
  CHECK(effects.totals.p_conversion == near(4.0 / 6));
  CHECK(effects.of_conversions.at('a') == near(1.0 / 2));
  CHECK(effects.of_conversions.at('b') == near(5.0 / 8));
  CHECK(effects.of_conversions.at('c') == near(3.0 / 4));
}

TEST_CASE("channels share the conversions by their effects, as integers", "[markov]") {
  const std::vector<double> effects{0.5, 0.625, 0.75};
  std::array<std::int64_t, 3> shares{};

  REQUIRE(credit_channels(effects, 4'000'000, shares).ok());
  CHECK(shares == std::array<std::int64_t, 3>{1'066'667, 1'333'333, 1'600'000});
  REQUIRE(credit_channels(effects, -15, shares).ok());
  CHECK(shares == std::array<std::int64_t, 3>{-4, -5, -6});
}

TEST_CASE("with all channels the chain converts as often as the data, at every order", "[markov]") {
  tl::test::SeededRandom random(11);
  for (int round = 0; round < 40; ++round) {
    const Paths paths = random_paths(random, 30, 5, 7);
    double value = 0;
    for (const auto& path : paths) value += path.value;
    for (std::uint32_t order = 1; order <= kMaxChainOrder; ++order) {
      const Effects effects = effects_of(paths, order);
      REQUIRE(effects.totals.p_conversion == near(conversions(paths) / walks(paths)));
      REQUIRE(effects.totals.expected_value == near(value / walks(paths)));
    }
  }
}

TEST_CASE("the effect is what deleting the channel and solving again takes away", "[markov]") {
  tl::test::SeededRandom random(12);
  for (int round = 0; round < 60; ++round) {
    const Paths paths = random_paths(random, 25, 2 + random.below(4), 8);
    const double p = conversions(paths) / walks(paths);
    for (std::uint32_t order = 1; order <= kMaxChainOrder; ++order)
      for (const auto& [channel, effect] : effects_of(paths, order).of_conversions)
        REQUIRE(effect == near(1 - conversion_without(paths, order, channel) / p));
  }
}

TEST_CASE("value effects equal conversion effects when every conversion is worth the same",
          "[markov]") {
  tl::test::SeededRandom random(13);
  Paths paths = random_paths(random, 40, 4, 6);
  for (auto& path : paths) path.value = 12.5 * static_cast<double>(path.conversions);

  for (std::uint32_t order = 1; order <= kMaxChainOrder; ++order) {
    const Effects effects = effects_of(paths, order);
    for (const auto& [channel, effect] : effects.of_conversions)
      CHECK(effects.of_value.at(channel) == near(effect));
  }
}

TEST_CASE("value effects follow the value", "[markov]") {
  // Worth 90 by a then b, 10 by c alone.
  const Effects effects = effects_of({{"ab", 1, 0, 90}, {"c", 1, 0, 10}}, 1);

  CHECK(effects.of_conversions.at('c') == near(0.5));
  CHECK(effects.of_value.at('a') == near(0.9));
  CHECK(effects.of_value.at('c') == near(0.1));
}

TEST_CASE("without any value there is no effect on it", "[markov]") {
  CHECK(effects_of({{"ab", 1, 1}}, 1).of_value.at('a') == 0);
}

TEST_CASE("repeats of a channel change nothing at order 1", "[markov]") {
  Paths repeated = kWorkedExample, collapsed = kWorkedExample;
  repeated[0].letters = "aaabbccc";
  collapsed[4].letters = "ac";

  CHECK(effects_of(repeated, 1).of_conversions == effects_of(kWorkedExample, 1).of_conversions);
  CHECK(effects_of(collapsed, 1).of_conversions == effects_of(kWorkedExample, 1).of_conversions);
}

TEST_CASE("at order 2 collapsing repeats before windowing is another model", "[markov]") {
  const Paths repeated{{"aab", 1, 0}, {"ab", 0, 1}, {"b", 1, 1}};
  const Paths collapsed{{"ab", 1, 0}, {"ab", 0, 1}, {"b", 1, 1}};
  const Paths longer{{"aaaab", 1, 0}, {"ab", 0, 1}, {"b", 1, 1}};

  CHECK(effects_of(repeated, 2).totals.states == 3);  // aa, ab and the short b
  CHECK(effects_of(collapsed, 2).totals.states == 2);
  CHECK(effects_of(longer, 2).of_conversions == effects_of(repeated, 2).of_conversions);
}

TEST_CASE("with an order as long as the paths the effect is the share of conversions", "[markov]") {
  tl::test::SeededRandom random(14);
  for (int round = 0; round < 30; ++round) {
    const Paths paths = random_paths(random, 20, 4, 3);
    for (const auto& [channel, effect] : effects_of(paths, 3).of_conversions) {
      double with = 0;
      for (const auto& path : paths)
        if (path.letters.find(channel) != std::string::npos)
          with += static_cast<double>(path.conversions);
      REQUIRE(effect == near(with / conversions(paths)));
    }
  }
}

TEST_CASE("a channel without traffic or only before failure has no effect", "[markov]") {
  const Effects effects = effects_of({{"ab", 2, 1}, {"azb", 0, 0}, {"abg", 0, 5}}, 1);

  CHECK(effects.of_conversions.at('z') == 0);
  CHECK(effects.of_conversions.at('g') == 0);
  CHECK(effects_of({{"aaa", 1, 4}, {"a", 1, 0}}, 2).of_conversions.at('a') == near(1));
}

TEST_CASE("low orders mix paths", "[markov]") {
  // Only on a failing path, and yet worth a third.
  CHECK(effects_of({{"a", 1, 0}, {"aga", 0, 1}}, 1).of_conversions.at('g') == near(1.0 / 3));
  CHECK(effects_of({{"a", 1, 0}, {"aga", 0, 1}}, 3).of_conversions.at('g') == 0);
  // On every converting path, and yet not worth all.
  CHECK(effects_of({{"ab", 1, 0}, {"ba", 1, 0}}, 1).of_conversions.at('a') == near(3.0 / 4));
  CHECK(effects_of({{"ab", 1, 0}, {"ba", 1, 0}}, 2).of_conversions.at('a') == near(1));
}

TEST_CASE("without failures every walk converts and effects differ", "[markov]") {
  Paths converting = kWorkedExample;
  for (auto& path : converting) path.nulls = 0;
  const Effects effects = effects_of(converting, 1);

  CHECK(effects.totals.p_conversion == near(1));
  CHECK(effects.of_conversions.at('b') == near(0.75));
}

TEST_CASE("a path shorter than the order is one state", "[markov]") {
  CHECK(effects_of({{"aa", 5, 0}}, 3).totals.states == 1);
  // Of the prefixes a and ab only those at which a path ends: ab, abc, bcd.
  CHECK(effects_of({{"abcd", 1, 0}, {"ab", 0, 1}}, 3).totals.states == 3);
  CHECK(effects_of({{"abcd", 1, 0}, {"ab", 0, 0}}, 3).totals.states == 2);
}

TEST_CASE("scaling all counts or splitting a row changes nothing", "[markov]") {
  tl::test::SeededRandom random(15);
  const Paths paths = random_paths(random, 30, 5, 6);
  Paths scaled = paths, split;
  for (auto& path : scaled) {
    path.conversions *= 1'000'000'000;
    path.nulls *= 1'000'000'000;
    path.value *= 1'000'000'000;
  }
  for (const auto& path : paths) {
    split.push_back({path.letters, path.conversions, 0, path.value});
    split.insert(split.begin(), {path.letters, 0, path.nulls});
  }

  for (std::uint32_t order = 1; order <= kMaxChainOrder; ++order) {
    const Effects expected = effects_of(paths, order);
    const Effects large = effects_of(scaled, order), halves = effects_of(split, order);
    // To the bit, whatever the order of the rows.
    CHECK(halves.of_conversions == expected.of_conversions);
    CHECK(halves.of_value == expected.of_value);
    for (const auto& [channel, effect] : expected.of_conversions)
      CHECK(large.of_conversions.at(channel) == near(effect));
  }
}

TEST_CASE("without conversions there is no model", "[markov]") {
  CHECK(effects_of({{"ab", 0, 3}}, 1).error == "no_conversions");
  CHECK(effects_of({{"", 1, 0}, {"ab", 1, 0}}, 1).error == "empty_path");
}

TEST_CASE("a chain with too many states is refused", "[markov]") {
  std::vector<Chain::Row> rows(Chain::row_limit(200, 2));
  std::vector<Chain::Cell> cells(rows.size() * 200);
  Chain chain(200, 2, rows, cells);
  bool is_full = false;
  for (std::uint32_t a = 0; a < 200 && !is_full; ++a)
    for (std::uint32_t b = 0; b < 200 && !is_full; ++b)
      is_full = !chain.add(std::array{a, b}, 1, 0, 0).ok();

  CHECK(is_full);
  CHECK(std::string(removal_effects(chain, {}, {}).error().code) == "effects_too_small");
  std::vector<double> of_conversions(200), of_value(200);
  CHECK(std::string(removal_effects(chain, {of_conversions, of_value}, {}).error().code) ==
        "too_many_states");
}

TEST_CASE("rare exits do not cost digits", "[markov]") {
  // Walks of a million steps on average between a and b; g is seen once in a while.
  const Paths paths{
      {"ab", 1, 0}, {"abab", 1, 1}, {"agb", 1, 0}, {std::string(4000, 'a') + "b", 0, 1}};
  Paths rare = paths;
  std::string loop;
  for (int i = 0; i < 2000; ++i) loop += "ab";
  rare.push_back({loop, 100, 300});

  for (std::uint32_t order = 1; order <= kMaxChainOrder; ++order)
    for (const auto& [channel, effect] : effects_of(rare, order).of_conversions)
      CHECK(effect ==
            Approx(1 - conversion_without(rare, order, channel) / (conversions(rare) / walks(rare)))
                .epsilon(1e-9));
}

TEST_CASE("credits per order weigh touches by their channel's effect", "[markov]") {
  std::vector<std::uint64_t> weight_of_code(256);
  weight_of_code[ChannelKey(tl::Channel::email).code()] = effect_weight(0.25);
  weight_of_code[ChannelKey(tl::Channel::display).code()] = effect_weight(0.5);
  const std::vector<Step> path{
      {0, tl::Channel::email, 1}, {1, tl::Channel::display, 2}, {2, tl::Channel::email, 3}};
  std::vector<std::uint64_t> weights(3);
  std::vector<Credit> credits(3);

  weigh_by_effect(weight_of_code, path, weights);
  REQUIRE(credit_by_weights(weights, path, 1001, credits).ok());
  CHECK(credits[0].value_minor == 250);
  CHECK(credits[1].value_minor == 501);
  CHECK(credits[2].value_minor == 250);
  CHECK(credits[1].conversions_micro == 500'000);

  const std::vector<Step> unknown{{0, tl::Channel::audio, 1}, {1, ChannelKey::other(9), 2}};
  weights.resize(2);
  weigh_by_effect(weight_of_code, unknown, weights);
  CHECK(weights == std::vector<std::uint64_t>{1, 1});
}
