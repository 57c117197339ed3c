// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/attribution_rules.hpp"

#include "throughline/hash.hpp"
#include "throughline/text.hpp"

namespace tl::server {
namespace {

const char* name_of(models::DirectRule rule) {
  return rule == models::DirectRule::keep ? "keep" : "drop_if_any_other";
}
const char* name_of(models::CollapseRule rule) {
  if (rule == models::CollapseRule::none) return "none";
  return rule == models::CollapseRule::consecutive ? "consecutive" : "unique_first";
}
const char* name_of(models::RepeatRule rule) {
  if (rule == models::RepeatRule::every) return "every";
  return rule == models::RepeatRule::since_previous ? "since_previous" : "first_only";
}

}  // namespace

models::AttributionRules rules_of(const SiteConfig& site) {
  models::AttributionRules rules;
  rules.click_lookback_ms = site.lookback_ms;
  rules.view_lookback_ms = site.view_lookback_ms;
  rules.lookback_mode =
      site.lookback_rolling ? models::LookbackMode::rolling : models::LookbackMode::fixed;
  rules.direct_rule = site.direct_rule;
  rules.collapse_rule = site.collapse_rule;
  rules.repeat_rule = site.repeat_rule;
  return rules;
}

std::string rules_text(const models::AttributionRules& rules) {
  return "click_lookback_ms=" + std::to_string(rules.click_lookback_ms) +
         ":view_lookback_ms=" + std::to_string(rules.view_lookback_ms) + ":lookback=" +
         (rules.lookback_mode == models::LookbackMode::rolling ? "rolling" : "fixed") +
         ":direct=" + name_of(rules.direct_rule) + ":collapse=" + name_of(rules.collapse_rule) +
         ":repeat=" + name_of(rules.repeat_rule);
}

models::AttributionRules read_rules(std::string_view text) {
  models::AttributionRules rules;
  while (!text.empty()) {
    std::string_view field = take_field(text, ':');
    const std::string_view name = take_field(field, '=');
    std::int64_t number = 0;
    if (name == "click_lookback_ms" && parse_decimal(field, number))
      rules.click_lookback_ms = number;
    if (name == "view_lookback_ms" && parse_decimal(field, number)) rules.view_lookback_ms = number;
    if (name == "lookback" && field == "rolling")
      rules.lookback_mode = models::LookbackMode::rolling;
    for (const auto rule : {models::DirectRule::drop_if_any_other, models::DirectRule::keep})
      if (name == "direct" && field == name_of(rule)) rules.direct_rule = rule;
    for (const auto rule : {models::CollapseRule::none, models::CollapseRule::consecutive,
                            models::CollapseRule::unique_first})
      if (name == "collapse" && field == name_of(rule)) rules.collapse_rule = rule;
    for (const auto rule : {models::RepeatRule::every, models::RepeatRule::since_previous,
                            models::RepeatRule::first_only})
      if (name == "repeat" && field == name_of(rule)) rules.repeat_rule = rule;
  }
  return rules;
}

std::int64_t config_number(std::string_view model, std::string_view rules) {
  FieldHash hash("tl-config");
  hash.add(model);
  hash.add(rules);
  const Digest digest = hash.finish();
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | digest[i];
  return static_cast<std::int64_t>(number >> 1);
}

}  // namespace tl::server
