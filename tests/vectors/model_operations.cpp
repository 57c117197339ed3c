// SPDX-License-Identifier: Apache-2.0
// model (path with reasons and credits), exp and markov (bits of doubles). Values are strings: they
// use all of int64. A touch is [id's last byte, t, seq, channel, is a view, milestones]. A path of
// markov is [one letter a channel, conversions, nulls, value].
#include "models/exp.hpp"
#include "models/model.hpp"
#include "models/removal_effect.hpp"
#include "vectors/vector_text.hpp"

#include <cstring>
#include <vector>

namespace tl::vectors {
namespace {

using namespace models;  // NOLINT(google-build-using-namespace)

AttributionRules rules_of(const Json& in) {
  AttributionRules rules;
  rules.click_lookback_ms = number_of(in, "click", rules.click_lookback_ms);
  rules.view_lookback_ms = number_of(in, "view", rules.view_lookback_ms);
  rules.lookback_mode = static_cast<LookbackMode>(number_of(in, "lookback", 1));
  rules.direct_rule = static_cast<DirectRule>(number_of(in, "direct", 1));
  rules.collapse_rule = static_cast<CollapseRule>(number_of(in, "collapse", 1));
  rules.repeat_rule = static_cast<RepeatRule>(number_of(in, "repeat", 1));
  return rules;
}

std::vector<PathTouch> touches_of(const Json& in) {
  std::vector<PathTouch> touches;
  for (const Json& json : in) {
    PathTouch touch;
    touch.id.bytes[15] = json[0].get<std::uint8_t>();
    touch.t_ms = json[1].get<std::int64_t>();
    touch.seq = json[2].get<std::int64_t>();
    Channel channel = Channel::unknown;
    parse_channel(json[3].get<std::string>(), channel);
    touch.channel = channel;
    touch.is_view = json[4].get<int>() != 0;
    if (json.size() > 5) touch.milestones = json[5].get<std::uint8_t>();
    touches.push_back(touch);
  }
  return touches;
}

std::string bits_of(double number) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &number, sizeof bits);
  return std::to_string(bits);
}

}  // namespace

Json run_model(const Json& in) {
  const auto config = parse_model(text_of(in, "model"));
  if (!config.ok()) return {{"error", config.error().code}};
  const AttributionRules rules = rules_of(in);
  const ConversionTime conversion{number_of(in, "t"),
                                  number_of(in, "previous", kNoPreviousConversion)};
  const std::vector<PathTouch> touches = touches_of(in["touches"]);
  std::vector<Step> scratch(touches.size());
  std::vector<Exclusion> reasons(touches.size());
  std::vector<Credit> credits(touches.size() + 1);

  const auto found = attribute(rules, config.value(), conversion, number_of(in, "value"), touches,
                               scratch, credits);
  if (!found.ok()) return {{"error", found.error().code}};
  const bool applies_direct_rule = model_info(config.value().model).applies_direct_rule;
  const auto path =
      eligible_path(rules, conversion, applies_direct_rule, touches, scratch, reasons);
  if (!path.ok()) return {{"error", path.error().code}};

  std::vector<char> room(128);
  Out name(room.data(), room.size());
  write_model(config.value(), name);
  Json rows = Json::array(), why = Json::array();
  for (std::size_t i = 0; i < found.value().count; ++i) {
    const Credit& credit = credits[i];
    Json touch = nullptr;
    if (credit.touch != kUnattributed) touch = touches[credit.touch].id.bytes[15];
    rows.push_back({touch, std::to_string(credit.value_minor), credit.conversions_micro});
  }
  for (const Exclusion reason : reasons) why.push_back(std::string(exclusion_name(reason)));
  return {{"model", std::string(name.view())},
          {"truncated", found.value().is_truncated},
          {"credits", rows},
          {"why", why}};
}

// The double's 64 bits as a number, written as a string.
Json run_exp(const Json& in) {
  const std::int64_t bits = number_of(in, "x");
  double x = 0;
  std::memcpy(&x, &bits, sizeof x);
  return {{"bits", bits_of(exp_of_negative(x))}, {"weight", quantised_exp(x)}};
}

Json run_markov(const Json& in) {
  const auto channels = static_cast<std::size_t>(number_of(in, "channels"));
  const auto order = static_cast<std::uint32_t>(number_of(in, "order"));
  std::vector<Chain::Row> chain_rows(Chain::row_limit(channels, order));
  std::vector<Chain::Cell> cells(chain_rows.size() * channels);
  Chain chain(channels, order, chain_rows, cells);
  for (const Json& json : in["paths"]) {
    std::vector<std::uint32_t> path;
    for (const char letter : json[0].get<std::string>())
      path.push_back(static_cast<std::uint32_t>(letter - 'a'));
    const auto added = chain.add(path, json[1].get<std::uint64_t>(), json[3].get<double>(),
                                 json[2].get<std::uint64_t>());
    if (!added.ok()) return {{"error", added.error().code}};
  }
  std::vector<double> scratch(removal_scratch(chain)), conversions(channels), value(channels);
  const auto totals = removal_effects(chain, {conversions, value}, scratch);
  if (!totals.ok()) return {{"error", totals.error().code}};
  std::vector<std::int64_t> shares(channels);
  const auto split = credit_channels(conversions, number_of(in, "amount"), shares);
  if (!split.ok()) return {{"error", split.error().code}};
  Json effects = Json::array(), value_effects = Json::array(), credits = Json::array();
  for (std::size_t i = 0; i < channels; ++i) {
    effects.push_back(bits_of(conversions[i]));
    value_effects.push_back(bits_of(value[i]));
    credits.push_back(std::to_string(shares[i]));
  }
  return {{"states", totals.value().states},
          {"p_conversion", bits_of(totals.value().p_conversion)},
          {"expected_value", bits_of(totals.value().expected_value)},
          {"effects", effects},
          {"value_effects", value_effects},
          {"credits", credits}};
}

}  // namespace tl::vectors
