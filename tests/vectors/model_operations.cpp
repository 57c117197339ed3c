// SPDX-License-Identifier: Apache-2.0
// model (path with reasons and credits) and exp (bits to bits). Values are strings: they use all of
// int64. A touch is [id's last byte, t, seq, channel, is a view].
#include "models/exp.hpp"
#include "models/model.hpp"
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
    parse_channel(json[3].get<std::string>(), touch.channel);
    touch.is_view = json[4].get<int>() != 0;
    touches.push_back(touch);
  }
  return touches;
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
  double x = 0, result = 0;
  std::memcpy(&x, &bits, sizeof x);
  result = exp_of_negative(x);
  std::uint64_t result_bits = 0;
  std::memcpy(&result_bits, &result, sizeof result);
  return {{"bits", std::to_string(result_bits)}, {"weight", quantised_exp(x)}};
}

}  // namespace tl::vectors
