// SPDX-License-Identifier: Apache-2.0
#include "server/cli/attribute_answer.hpp"

#include "server/attribute/decimal.hpp"
#include "server/core/reports/report_models.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace tl::server::cli {
namespace {

using attribute::append_number;
using attribute::Credit;
using attribute::ModelAnswer;
using attribute::PathAnswer;

std::string json_text(std::string_view text) {
  return nlohmann::json(std::string(text))
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void append_field(std::string_view name, double number, std::string& text) {
  if (text.back() != '{') text += ',';
  text += '"';
  text += name;
  text += "\":";
  append_number(number, text);
}

void append_credit(const Credit& credit, std::string& text) {
  append_field("conversions", credit.conversions, text);
  append_field("value", credit.value, text);
}

void append_channel(const ModelAnswer& model, std::size_t channel, std::string& text) {
  text += '{';
  append_credit(model.credits[channel], text);
  if (!model.removal_effects.empty()) {
    append_field("removal_effect", model.removal_effects[channel], text);
    append_field("removal_effect_value", model.removal_effects_of_value[channel], text);
  }
  if (!model.by_place.empty()) {
    text += ",\"places\":[";
    for (const Credit& place : model.by_place[channel]) {
      text += text.back() == '[' ? "{" : ",{";
      append_credit(place, text);
      text += '}';
    }
    text += ']';
  }
  text += '}';
}

std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

}  // namespace

std::string answer_as_json(const PathAnswer& answer) {
  std::vector<std::string> names;
  for (const auto& channel : answer.channels) names.push_back(json_text(channel) + ":");
  std::string text = "{\"models\":{";
  for (const ModelAnswer& model : answer.models) {
    if (text.back() != '{') text += ',';
    text += json_text(model.name) + ":{";
    if (is_data_driven(model.name)) text += "\"describes\":" + json_text(kDescribesPaths) + ",";
    text += "\"channels\":{";
    for (std::size_t channel = 0; channel < names.size(); ++channel) {
      if (channel > 0) text += ',';
      text += names[channel];
      append_channel(model, channel, text);
    }
    text += '}';
    if (!model.removal_effects.empty()) {
      append_field("p_conversion", model.p_conversion, text);
      append_field("states", static_cast<double>(model.states), text);
    }
    text += '}';
  }
  return text + "}}\n";
}

std::string answer_as_csv(const PathAnswer& answer) {
  std::string text =
      "model,channel,place,conversions,value,removal_effect,removal_effect_value,describes\n";
  const auto begin = [&](const ModelAnswer& model, std::size_t channel, const std::string& place,
                         const Credit& credit) {
    text += model.name + ',' + csv_text(answer.channels[channel]) + ',' + place + ',';
    append_number(credit.conversions, text);
    text += ',';
    append_number(credit.value, text);
    text += ',';
  };
  for (const ModelAnswer& model : answer.models) {
    const std::string end =
        is_data_driven(model.name) ? std::string(",") + kDescribesPaths + '\n' : ",\n";
    for (std::size_t channel = 0; channel < answer.channels.size(); ++channel) {
      begin(model, channel, "", model.credits[channel]);
      if (!model.removal_effects.empty()) append_number(model.removal_effects[channel], text);
      text += ',';
      if (!model.removal_effects.empty())
        append_number(model.removal_effects_of_value[channel], text);
      text += end;
      if (model.by_place.empty()) continue;
      const auto& places = model.by_place[channel];
      for (std::size_t place = 0; place < places.size(); ++place) {
        begin(model, channel, std::to_string(place + 1), places[place]);
        text += ',' + end;
      }
    }
  }
  return text;
}

}  // namespace tl::server::cli
