// SPDX-License-Identifier: Apache-2.0
// The models over files of paths: worked examples, the Shapley value by its definition over all
// subsets, and that rule-based credits are those of the models of single conversions.
#include "models/model.hpp"
#include "server/cli/attribute_answer.hpp"
#include "server/path_files.hpp"
#include "shared/seeded_random.hpp"

#include <nlohmann/json.hpp>

#include <numeric>

namespace {

using namespace tl::server::attribute;  // NOLINT(google-build-using-namespace)
using tl::test::answer;
using tl::test::check_near;
using tl::test::conversions;
using tl::test::Numbers;
using tl::test::values;

const std::string kWorkedExample =
    "A > B > C,1,10,0\nA > B,0,0,1\nB > C,1,20,0\nC,0,0,1\nA > A > C,1,30,0\nB,1,40,0\n";

struct RandomFile {
  std::string rows;
  std::vector<std::vector<std::uint32_t>> paths;
  std::vector<double> conversions;
};

// Channels a, b, c …
RandomFile random_file(std::uint64_t seed, std::size_t count, std::uint64_t channels) {
  tl::test::SeededRandom random(seed);
  RandomFile file;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<std::uint32_t> path(1 + random.below(7));
    std::string text;
    for (auto& channel : path) {
      channel = static_cast<std::uint32_t>(random.below(channels));
      text += (text.empty() ? "" : " > ") + std::string(1, static_cast<char>('a' + channel));
    }
    const auto converted = random.below(5);
    file.rows += text + "," + std::to_string(converted) + "," + std::to_string(random.below(900)) +
                 "," + std::to_string(random.below(9)) + "\n";
    file.paths.push_back(path);
    file.conversions.push_back(static_cast<double>(converted));
  }
  return file;
}

}  // namespace

TEST_CASE("the worked example's credits", "[path_models]") {
  const auto found =
      answer(kWorkedExample, {"markov", "first_touch", "last_touch", "linear", "shapley"});

  CHECK(found.channels == std::vector<std::string>{"A", "B", "C"});
  // Models by rule come first.
  check_near(conversions(found, 0), {{"A", 2}, {"B", 2}, {"C", 0}});
  check_near(conversions(found, 1), {{"A", 0}, {"B", 1}, {"C", 3}});
  check_near(conversions(found, 2),
             {{"A", 1.0 / 3 + 2.0 / 3}, {"B", 1.0 / 3 + 0.5 + 1}, {"C", 1.0 / 3 + 0.5 + 1.0 / 3}});
  check_near(conversions(found, 3),
             {{"A", 1.0 / 3 + 0.5}, {"B", 1.0 / 3 + 0.5 + 1}, {"C", 1.0 / 3 + 0.5 + 0.5}});
  CHECK(found.models[4].name == "markov_1");
  check_near(conversions(found, 4), {{"A", 16.0 / 15}, {"B", 4.0 / 3}, {"C", 8.0 / 5}});
  CHECK(found.models[4].removal_effects[1] == Approx(5.0 / 8));
  CHECK(found.models[4].p_conversion == Approx(2.0 / 3));
}

TEST_CASE("every model's credits sum to the conversions and the value", "[path_models]") {
  const auto file = random_file(1, 200, 6);
  const double expected = std::accumulate(file.conversions.begin(), file.conversions.end(), 0.0);
  std::vector<std::string> names;
  for (const PathModel model : all_path_models()) names.emplace_back(path_model_name(model));

  const auto found = answer(file.rows, names, {1, 2, 3});

  CHECK(found.models.size() == 8 + 2 * 3);
  for (std::size_t i = 0; i < found.models.size(); ++i) {
    double sum = 0, value = 0, expected_value = 0;
    for (const auto& [name, number] : conversions(found, i)) sum += number;
    for (const auto& [name, number] : values(found, i)) value += number;
    for (const auto& [name, number] : values(found, 0)) expected_value += number;
    INFO(found.models[i].name);
    CHECK(sum == Approx(expected).epsilon(1e-12));
    CHECK(value == Approx(expected_value).epsilon(1e-12));
  }
}

TEST_CASE("credits by rule are those of single conversions", "[path_models]") {
  namespace models = tl::models;
  const auto file = random_file(2, 60, 5);
  for (const std::string name : {"first_touch", "last_touch", "linear", "position_u", "position_j",
                                 "position_inv_j", "shapley"}) {
    const auto config = models::parse_model(name);
    REQUIRE(config.ok());
    Numbers expected;
    for (const char channel : std::string("abcde")) expected[{channel}] = 0;
    for (std::size_t i = 0; i < file.paths.size(); ++i) {
      std::vector<models::Step> steps;
      for (const std::uint32_t channel : file.paths[i])
        steps.push_back(
            {static_cast<std::uint32_t>(steps.size()), models::ChannelKey::other(channel), 0});
      std::vector<std::uint64_t> weights(steps.size());
      models::model_info(config.value().model).weigh(config.value(), steps, weights);
      const auto total =
          static_cast<double>(std::accumulate(weights.begin(), weights.end(), std::uint64_t{0}));
      for (std::size_t k = 0; k < steps.size(); ++k)
        expected[{static_cast<char>('a' + file.paths[i][k])}] +=
            file.conversions[i] * static_cast<double>(weights[k]) / total;
    }
    INFO(name);
    check_near(conversions(answer(file.rows, {name})), expected);
  }
}

TEST_CASE("the closed form is the Shapley value over all subsets", "[path_models]") {
  constexpr std::uint32_t kChannels = 6;
  const auto file = random_file(3, 80, kChannels);
  // v(S): conversions of journeys whose channels are all in S.
  std::vector<double> worth(1U << kChannels);
  for (std::uint32_t set = 0; set < worth.size(); ++set)
    for (std::size_t i = 0; i < file.paths.size(); ++i) {
      std::uint32_t channels = 0;
      for (const std::uint32_t channel : file.paths[i]) channels |= 1U << channel;
      if ((channels & ~set) == 0) worth[set] += file.conversions[i];
    }
  const double factorials[] = {1, 1, 2, 6, 24, 120, 720};
  Numbers expected;
  for (std::uint32_t channel = 0; channel < kChannels; ++channel) {
    double value = 0;
    for (std::uint32_t set = 0; set < worth.size(); ++set) {
      if ((set >> channel & 1) != 0) continue;
      const auto size = static_cast<std::uint32_t>(__builtin_popcount(set));
      value += factorials[size] * factorials[kChannels - size - 1] / factorials[kChannels] *
               (worth[set | 1U << channel] - worth[set]);
    }
    expected[{static_cast<char>('a' + channel)}] = value;
  }

  check_near(conversions(answer(file.rows, {"shapley"})), expected);
}

TEST_CASE("ordered Shapley credit splits each channel's by its place", "[path_models]") {
  const auto found = answer("b > a > b,4,0,0\na,2,0,0\n", {"shapley_ordered"});

  check_near(conversions(found), {{"a", 4}, {"b", 2}});
  const auto& places = found.models[0].by_place;
  REQUIRE(places[0].size() == 2);
  CHECK(places[0][0].conversions == 2);
  CHECK(places[0][1].conversions == 2);
  REQUIRE(places[1].size() == 1);
  CHECK(places[1][0].conversions == 2);
}

TEST_CASE("credit per conversion weighs each path's steps by their effects", "[path_models]") {
  const auto found = answer(kWorkedExample, {"markov_per_conversion"});

  CHECK(found.models[0].name == "markov_1_per_conversion");
  // Effects 1/2, 5/8, 3/4: a>b>c 4:5:6, b>c 5:6, a>a>c 2:2:3, b.
  check_near(conversions(found), {{"A", 4.0 / 15 + 4.0 / 7},
                                  {"B", 5.0 / 15 + 5.0 / 11 + 1},
                                  {"C", 6.0 / 15 + 6.0 / 11 + 3.0 / 7}});
}

TEST_CASE("an empty path is unattributed under every model", "[path_models]") {
  const auto found = answer("zoo > alp,1,10,1\n,2,7,3\n", {"linear", "markov", "shapley_ordered"});

  CHECK(found.channels == std::vector<std::string>{"alp", "unattributed", "zoo"});
  for (std::size_t i = 0; i < found.models.size(); ++i) {
    check_near(conversions(found, i), {{"alp", 0.5}, {"unattributed", 2}, {"zoo", 0.5}});
    check_near(values(found, i), {{"alp", 5}, {"unattributed", 7}, {"zoo", 5}});
  }
  CHECK(found.models[2].p_conversion == Approx(0.5));
  CHECK(found.models[2].removal_effects[1] == 0);
}

TEST_CASE("channels without credit are listed", "[path_models]") {
  const auto found = answer("a,1,1,0\nb,0,0,5\nc,0,0,0\n", {"last_touch", "markov"});

  check_near(conversions(found, 0), {{"a", 1}, {"b", 0}, {"c", 0}});
  check_near(conversions(found, 1), {{"a", 1}, {"b", 0}, {"c", 0}});
}

TEST_CASE("without conversions there is no Markov model, and rules give zeros", "[path_models]") {
  CHECK(std::string(answer("a > b,0,0,5\n", {"markov"}).error) == "no_conversions");
  check_near(conversions(answer("a > b,0,0,5\n", {"linear"})), {{"a", 0}, {"b", 0}});
}

TEST_CASE("the answer is JSON with 17 digits, or CSV", "[path_models]") {
  const auto found = answer("\"q,\"\"é\"\" > b > b\",1,0.1,3\n", {"linear", "markov"});

  const std::string json = tl::server::cli::answer_as_json(found);
  const auto parsed = nlohmann::json::parse(json);
  CHECK(json.find("0.33333333333333331") != std::string::npos);
  CHECK(parsed["models"]["markov_1"]["channels"]["b"]["removal_effect"] == 1.0);
  CHECK(parsed["models"]["markov_1"]["p_conversion"] == 0.25);
  CHECK(parsed["models"]["linear"]["channels"]["q,\"é\""].size() == 2);
  const std::string csv = tl::server::cli::answer_as_csv(found);
  CHECK(csv.find("\nlinear,\"q,\"\"é\"\"\",,0.33333333333333331,") != std::string::npos);
  CHECK(csv.find("\nmarkov_1,b,,0.5,") != std::string::npos);
}
