// SPDX-License-Identifier: Apache-2.0
// W-shaped and full-path: which touch holds a milestone, and the shares of the documentation.
#include "catch.hpp"
#include "models/model.hpp"

#include <span>
#include <vector>

namespace {

using namespace tl::models;  // NOLINT(google-build-using-namespace)
using tl::Channel;
using Shares = std::vector<std::int64_t>;

constexpr std::int64_t kOrderedAt = 1790000000000;

// `count` touches a minute apart, the last one at the conversion.
std::vector<PathTouch> touches(std::int64_t count) {
  std::vector<PathTouch> made(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < made.size(); ++i) {
    made[i].id.bytes[15] = static_cast<std::uint8_t>(i + 1);
    made[i].t_ms = kOrderedAt - (count - 1 - static_cast<std::int64_t>(i)) * 60'000;
    made[i].channel = Channel::email;
  }
  return made;
}

Shares shares(Model model, const std::vector<PathTouch>& path, std::int64_t value_minor,
              const AttributionRules& rules = {}) {
  std::vector<Step> scratch(path.size());
  std::vector<Credit> credits(path.size() + 1);
  ModelConfig config;
  config.model = model;
  const auto found = attribute(rules, config, {kOrderedAt}, value_minor, path, scratch, credits);
  REQUIRE(found.ok());
  Shares values;
  for (std::size_t i = 0; i < found.value().count; ++i) values.push_back(credits[i].value_minor);
  return values;
}

}  // namespace

TEST_CASE("lead on touch 2 and opportunity on touch 4 of five", "[milestone]") {
  auto path = touches(5);
  path[1].milestones = kLead;
  path[3].milestones = kOpportunity;

  CHECK(shares(Model::w_shaped, path, 10000) == Shares{3000, 3000, 500, 3000, 500});
  CHECK(shares(Model::full_path, path, 10000) == Shares{2250, 2250, 1000, 2250, 2250});
}

TEST_CASE("a touch with two milestones gets both shares", "[milestone]") {
  auto path = touches(5);
  path[0].milestones = kLead;
  path[3].milestones = kOpportunity;

  CHECK(shares(Model::w_shaped, path, 10000) == Shares{6000, 334, 333, 3000, 333});
  CHECK(shares(Model::full_path, path, 10000) == Shares{4500, 500, 500, 2250, 2250});
  path[0].milestones = kLead | kOpportunity;
  path[3].milestones = 0;
  CHECK(shares(Model::w_shaped, path, 10000) == Shares{9000, 250, 250, 250, 250});
}

TEST_CASE("a milestone that never happened is left out", "[milestone]") {
  auto path = touches(4);
  path[2].milestones = kLead;

  // 30 : 5 : 30 : 5 of 70, and 22.5 : 10 : 22.5 : 22.5 of 77.5.
  CHECK(shares(Model::w_shaped, path, 7000) == Shares{3000, 500, 3000, 500});
  CHECK(shares(Model::full_path, path, 7750) == Shares{2250, 1000, 2250, 2250});
  CHECK(shares(Model::w_shaped, touches(3), 4000) == Shares{3000, 500, 500});
}

TEST_CASE("without other touches the milestones share everything", "[milestone]") {
  auto path = touches(3);
  path[1].milestones = kLead;
  path[2].milestones = kOpportunity;

  CHECK(shares(Model::w_shaped, path, 9000) == Shares{3000, 3000, 3000});
  CHECK(shares(Model::full_path, path, 9000) == Shares{2250, 2250, 4500});
  CHECK(shares(Model::full_path, touches(2), 9000) == Shares{4500, 4500});
  CHECK(shares(Model::full_path, touches(1), 9000) == Shares{9000});
}

TEST_CASE("a milestone reached at a touch without credit goes to the last one before it",
          "[milestone]") {
  auto path = touches(4);
  path[2].channel = Channel::direct;
  path[2].milestones = kLead;

  // The direct touch leaves; the second one holds the lead.
  CHECK(shares(Model::w_shaped, path, 7000) == Shares{3000, 3000, 1000});
  AttributionRules keep;
  keep.direct_rule = DirectRule::keep;
  CHECK(shares(Model::w_shaped, path, 7000, keep) == Shares{3000, 500, 3000, 500});
}

TEST_CASE("touches that were made one hold a milestone from the last of them on", "[milestone]") {
  auto path = touches(3);  // e-mail, then two that become one
  path[1].channel = path[2].channel = Channel::paid_search;
  AttributionRules rules;
  rules.collapse_rule = GENERATE(CollapseRule::consecutive, CollapseRule::unique_first);
  std::vector<Step> steps(path.size());
  const auto found = eligible_path(rules, {kOrderedAt}, true, path, steps, {});
  REQUIRE(found.value().count == 2);

  hold_milestone(kLead, path[1].t_ms + 5000, std::span<Step>(steps).first(2));
  hold_milestone(kOpportunity, path[2].t_ms, std::span<Step>(steps).first(2));

  CHECK(steps[0].milestones == kLead);
  CHECK(steps[1].milestones == kOpportunity);
}

TEST_CASE("a milestone before the path or after the conversion is nobody's", "[milestone]") {
  auto path = touches(3);
  path[0].t_ms -= 40LL * 24 * 3600 * 1000;
  path[0].milestones = kLead;
  auto late = touches(2);
  late.push_back(late[1]);
  late[2].id.bytes[15] = 9;
  late[2].t_ms = kOrderedAt + 1;
  late[2].milestones = kLead;

  CHECK(shares(Model::w_shaped, path, 4000) == Shares{3000, 1000});
  CHECK(shares(Model::w_shaped, late, 4000) == Shares{3000, 1000});
}

TEST_CASE("of several touches that reached a milestone the newest counts", "[milestone]") {
  auto path = touches(4);
  path[1].milestones = path[2].milestones = kLead;

  CHECK(shares(Model::w_shaped, path, 7000) == Shares{3000, 500, 3000, 500});
}

TEST_CASE("a milestone known by its time goes to the last step up to it", "[milestone]") {
  std::vector<Step> steps{
      {0, Channel::email, 10}, {1, Channel::email, 20}, {2, Channel::email, 30}};

  hold_milestone(kLead, 20, steps);
  hold_milestone(kOpportunity, 29, steps);
  CHECK(steps[1].milestones == (kLead | kOpportunity));
  hold_milestone(kLead, 99, steps);
  CHECK(steps[2].milestones == kLead);
  hold_milestone(kOpportunity, 9, steps);
  CHECK(steps[0].milestones == 0);
}

TEST_CASE("distinct channels: shapley shares equally, participation gives each the whole",
          "[models]") {
  auto path = touches(5);
  path[1].channel = path[4].channel = Channel::audio;
  path[2].channel = Channel::sms;

  CHECK(shares(Model::shapley, path, 1000) == Shares{334, 333, 333, 0, 0});
  CHECK(shares(Model::participation, path, 1000) == Shares{1000, 1000, 1000, 0, 0});
  CHECK(shares(Model::participation, {}, 1000) == Shares{1000});
}
