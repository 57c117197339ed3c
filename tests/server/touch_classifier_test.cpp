// SPDX-License-Identifier: Apache-2.0
#include "server/core/classify/touch_classifier.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace tl::server {
namespace {

// Pairs that differ in one thing that the rule reads.
std::vector<Touch> near_twins() {
  Touch page;
  page.landing_path = "/";
  std::vector<Touch> touches(9, page);
  touches[0].landing_path = {};
  touches[2].is_internal = true;
  touches[3].referrer_host = "x.com";
  touches[4].referrer_host = "x.com";
  touches[4].referrer_path = "/i/grok/share";
  touches[5].source = "email";
  touches[6].medium = "email";
  touches[7].campaign = "email";
  touches[8].click_ids[0] = {Param::gclid, "a"};
  touches[8].click_id_count = 1;
  return touches;
}

}  // namespace

TEST_CASE("a remembered channel is the touch's own, whatever was asked before", "[classifier]") {
  auto touches = near_twins();
  const bool is_reversed = GENERATE(false, true);
  if (is_reversed) std::reverse(touches.begin(), touches.end());
  TouchClassifier classifier;

  for (const auto& touch : touches) {
    const auto buffer = std::make_unique_for_overwrite<char[]>(kTouchArenaBytes);
    Out arena(buffer.get(), kTouchArenaBytes);
    const auto fresh = classify(touch, all_hosts(), arena);
    const auto remembered = classifier.classify(touch);
    CHECK(channel_name(remembered.channel) == channel_name(fresh.channel));
    CHECK(remembered.source == fresh.source);
    CHECK(remembered.medium == fresh.medium);
  }
}

}  // namespace tl::server
