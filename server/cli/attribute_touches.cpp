// SPDX-License-Identifier: Apache-2.0
#include "server/cli/attribute_touches.hpp"

#include "server/cli/json_line.hpp"
#include "server/core/text/foreign_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <optional>

namespace tl::server::cli {
namespace {

using OrderedJson = nlohmann::ordered_json;  // answers keep the documented order
using namespace models;                      // NOLINT(google-build-using-namespace)

struct LineError {
  const char* code = "malformed_line";
  std::string message;
};

// What is read of a line; `error` ends the reading.
struct Conversion {
  OrderedJson id;
  AttributionRules rules;
  ConversionTime time;
  std::int64_t value_minor = 0;
  std::vector<PathTouch> touches;
  std::vector<OrderedJson> touch_ids;
  std::vector<std::string> channels;
};

template <class T>
struct NamedRule {
  std::string_view name;
  T rule;
};
constexpr NamedRule<LookbackMode> kLookbackModes[] = {{"fixed", LookbackMode::fixed},
                                                      {"rolling", LookbackMode::rolling}};
constexpr NamedRule<DirectRule> kDirectRules[] = {
    {"drop_if_any_other", DirectRule::drop_if_any_other}, {"keep", DirectRule::keep}};
constexpr NamedRule<CollapseRule> kCollapseRules[] = {{"none", CollapseRule::none},
                                                      {"consecutive", CollapseRule::consecutive},
                                                      {"unique_first", CollapseRule::unique_first}};
constexpr NamedRule<RepeatRule> kRepeatRules[] = {{"every", RepeatRule::every},
                                                  {"since_previous", RepeatRule::since_previous},
                                                  {"first_only", RepeatRule::first_only}};

class LineReader {
 public:
  explicit LineReader(Conversion& conversion) : into_(conversion) {}

  std::optional<LineError> read(const OrderedJson& line) {
    if (!line.is_object()) return LineError{"malformed_line", "A line is one JSON object."};
    into_.id = line.value("id", OrderedJson());
    const auto conversion = line.find("conversion");
    if (conversion == line.end() || !conversion->is_object())
      return LineError{"bad_conversion", "conversion is missing or no object."};
    whole(*conversion, "conversion.t", "t", into_.time.t_ms, /*is_needed=*/true);
    whole(*conversion, "conversion.value_minor", "value_minor", into_.value_minor, true);
    whole(*conversion, "conversion.previous_t", "previous_t", into_.time.previous_ms, false);
    read_rules(line);
    const auto touches = line.find("touches");
    if (touches == line.end() || !touches->is_array())
      refuse("bad_touch", "touches is missing or no array.");
    else
      read_touches(*touches);
    return std::move(error_);
  }

 private:
  void refuse(const char* code, std::string message) {
    if (!error_) error_ = LineError{code, std::move(message)};
  }

  // A member that is an integer of 64 bits.
  void whole(const OrderedJson& object, const std::string& path, const char* name,
             std::int64_t& number, bool is_needed) {
    const auto found = object.find(name);
    if (found == object.end() && !is_needed) return;
    const bool fits =
        found != object.end() && found->is_number_integer() &&
        !(found->is_number_unsigned() &&
          found->get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()});
    if (!fits)
      refuse("bad_number", path + " must be an integer of at most 64 bits.");
    else
      number = found->get<std::int64_t>();
  }

  template <class T, std::size_t N>
  void rule(const OrderedJson& line, const char* name, const NamedRule<T> (&known)[N], T& rule) {
    const auto found = line.find(name);
    if (found == line.end() || found->is_null()) return;
    const auto text = found->is_string() ? found->get<std::string>() : std::string();
    std::string names;
    for (const auto& each : known) {
      if (each.name == text) {
        rule = each.rule;
        return;
      }
      names += (names.empty() ? "" : ", ") + std::string(each.name);
    }
    refuse("bad_rule", std::string(name) + " must be one of " + names + ".");
  }

  void read_rules(const OrderedJson& line) {
    if (const auto lookback = line.find("lookback_ms");
        lookback != line.end() && !lookback->is_null()) {
      if (!lookback->is_object()) refuse("bad_rule", "lookback_ms must hold click and view.");
      whole(*lookback, "lookback_ms.click", "click", into_.rules.click_lookback_ms, false);
      whole(*lookback, "lookback_ms.view", "view", into_.rules.view_lookback_ms, false);
      if (into_.rules.click_lookback_ms < 0 || into_.rules.view_lookback_ms < 0)
        refuse("bad_lookback", "lookback_ms must not be negative.");
    }
    rule(line, "lookback_mode", kLookbackModes, into_.rules.lookback_mode);
    rule(line, "direct_rule", kDirectRules, into_.rules.direct_rule);
    rule(line, "collapse_rule", kCollapseRules, into_.rules.collapse_rule);
    rule(line, "repeat_rule", kRepeatRules, into_.rules.repeat_rule);
  }

  void read_touches(const OrderedJson& touches) {
    for (const OrderedJson& touch : touches) {
      if (error_) return;
      read_touch(touch, "touches[" + std::to_string(into_.touches.size()) + "]");
    }
    if (!error_) number_ids();
  }

  void read_touch(const OrderedJson& json, const std::string& path) {
    if (!json.is_object()) return refuse("bad_touch", path + " must be an object.");
    PathTouch touch;
    const auto id = json.find("id");
    if (id == json.end() || !(id->is_string() || id->is_number_integer()))
      return refuse("bad_touch", path + ".id must be a text or an integer.");
    const auto channel = json.find("channel");
    if (channel == json.end() || !channel->is_string() || channel->get<std::string>().empty())
      return refuse("bad_touch", path + ".channel must be a text.");
    whole(json, path + ".t", "t", touch.t_ms, true);
    whole(json, path + ".seq", "seq", touch.seq, false);
    const auto kind = json.value("kind", OrderedJson("click"));
    if (kind != "click" && kind != "view")
      return refuse("bad_touch", path + ".kind must be click or view.");
    touch.is_view = kind == "view";
    for (const OrderedJson& stage : json.value("stages", OrderedJson::array())) {
      if (stage == "lead")
        touch.milestones |= kLead;
      else if (stage == "opportunity")
        touch.milestones |= kOpportunity;
      else
        return refuse("bad_touch", path + ".stages may hold lead and opportunity.");
    }
    touch.channel = key_of(channel->get<std::string>());
    into_.touches.push_back(touch);
    into_.touch_ids.push_back(*id);
    into_.channels.push_back(channel->get<std::string>());
  }

  // Only which is direct and which are equal matters, so any name is a channel here.
  ChannelKey key_of(const std::string& name) {
    if (name == channel_name(Channel::direct)) return Channel::direct;
    return ChannelKey::other(
        numbers_.try_emplace(name, static_cast<std::uint32_t>(numbers_.size())).first->second);
  }

  // Ids only break ties, so their rank stands for them: numbers before texts, texts by their bytes.
  void number_ids() {
    std::vector<std::uint32_t> by_id(into_.touches.size());
    for (std::uint32_t i = 0; i < by_id.size(); ++i) by_id[i] = i;
    const auto& ids = into_.touch_ids;
    std::sort(by_id.begin(), by_id.end(),
              [&](std::uint32_t a, std::uint32_t b) { return ids[a] < ids[b]; });
    for (std::uint32_t rank = 0; rank < by_id.size(); ++rank) {
      if (rank > 0 && ids[by_id[rank]] == ids[by_id[rank - 1]])
        return refuse("duplicate_touch",
                      "Two touches have the id " + ids[by_id[rank]].dump() + ".");
      for (std::size_t byte = 0; byte < 4; ++byte)
        into_.touches[by_id[rank]].id.bytes[15 - byte] =
            static_cast<std::uint8_t>(rank >> (8 * byte));
    }
  }

  Conversion& into_;
  std::optional<LineError> error_;
  std::map<std::string, std::uint32_t> numbers_;
};

OrderedJson row_of(const Conversion& conversion, const models::Credit& credit) {
  OrderedJson touch, channel = std::string(kUnattributedChannel);
  if (credit.touch != kUnattributed) {
    touch = conversion.touch_ids[credit.touch];
    channel = conversion.channels[credit.touch];
  }
  return {{"touch", touch},
          {"channel", channel},
          {"value_minor", credit.value_minor},
          {"conversions_micro", credit.conversions_micro}};
}

std::string error_line(const LineError& error) {
  return json_line({{"error", {{"code", error.code}, {"message", error.message}}}});
}

}  // namespace

std::string TouchModels::complaint(const std::vector<std::string>& names) {
  for (const auto& name : names) {
    const auto config = parse_model(name);
    if (config.ok()) continue;
    if (config.error().code == std::string_view("bad_model_parameter"))
      return "\"" + name + "\" has a parameter that its model does not take";
    std::string known;
    for (const auto& info : all_models()) known += " " + std::string(info.name);
    return "there is no model \"" + name + "\" for touches; there are" + known;
  }
  return {};
}

TouchModels::TouchModels(const std::vector<std::string>& names) {
  for (const auto& name : names)
    if (const auto config = parse_model(name); config.ok())
      models_.push_back({name, config.value()});
  if (!names.empty()) return;
  for (const auto& info : all_models()) {
    if (!info.is_additive) continue;
    ModelConfig config;
    config.model = info.model;
    std::array<char, 160> room{};
    Out name(room.data(), room.size());
    write_model(config, name);
    models_.push_back({std::string(name.view()), config});
  }
}

std::string TouchModels::answer(std::string_view line) const {
  const OrderedJson json = parse_foreign_json<OrderedJson>(line);
  if (json.is_discarded()) return error_line({"malformed_line", "The line is no JSON."});
  Conversion conversion;
  if (const auto error = LineReader(conversion).read(json)) return error_line(*error);

  std::vector<Step> scratch(conversion.touches.size());
  std::vector<models::Credit> credits(std::min(conversion.touches.size(), kMaxPath) + 1);
  OrderedJson by_model = OrderedJson::object();
  bool is_truncated = false, is_suppressed = false;
  for (const auto& model : models_) {
    const auto found = attribute(conversion.rules, model.config, conversion.time,
                                 conversion.value_minor, conversion.touches, scratch, credits);
    if (!found.ok()) return error_line({found.error().code, "The credits cannot be split."});
    is_truncated = is_truncated || found.value().is_truncated;
    is_suppressed = found.value().is_suppressed;
    OrderedJson rows = OrderedJson::array();
    for (std::size_t i = 0; i < found.value().count; ++i)
      rows.push_back(row_of(conversion, credits[i]));
    by_model[model.name] = std::move(rows);
  }
  OrderedJson answer = {{"id", conversion.id}, {"models", std::move(by_model)}};
  if (is_truncated) answer["truncated"] = true;
  if (is_suppressed) answer["suppressed"] = true;
  return json_line(answer);
}

}  // namespace tl::server::cli
