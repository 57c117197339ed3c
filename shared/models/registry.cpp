// SPDX-License-Identifier: Apache-2.0
// The rows of the model table and their text names.
//   name[:parameter=integer]…     time_decay:tau_ms=86400000
#include "models/weigh.hpp"
#include "throughline/text.hpp"

namespace tl::models {
namespace {

constexpr ModelInfo kModels[] = {
#define TL_MODEL(number, name, applies_direct_rule, is_additive, weigh) \
  {Model::name, #name, applies_direct_rule, is_additive, weigh},
#include "models/model_list.inc"
#undef TL_MODEL
};

// Keeps weights and their products with the path's length far below 2^64.
constexpr std::int64_t kMaxShare = 1'000'000'000;

std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

bool same_name(std::string_view given, std::string_view name) {
  if (given.size() != name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i)
    if ((given[i] == '-' ? '_' : given[i]) != name[i]) return false;
  return true;
}

bool set_share(std::int64_t number, std::uint32_t& share) {
  if (number > kMaxShare) return false;
  share = static_cast<std::uint32_t>(number);
  return true;
}

// false: the model has no such parameter, or the number is out of range.
bool set_parameter(ModelConfig& config, std::string_view name, std::int64_t number) {
  if (config.model == Model::time_decay && number > 0) {
    if (same_name(name, "tau_ms")) {
      config.tau_ms = number;
      config.half_life_ms = 0;
      return true;
    }
    if (same_name(name, "half_life_ms")) {
      config.half_life_ms = number;
      return true;
    }
  }
  if (config.model == Model::position) {
    if (name == "first" || name == "a") return set_share(number, config.first);
    if (name == "middle" || name == "m") return set_share(number, config.middle);
    if (name == "last" || name == "z") return set_share(number, config.last);
  }
  return false;
}

void write_parameter(std::string_view name, std::int64_t number, Out& out) {
  out.put(':');
  out.put(name);
  out.put('=');
  out.put_int(number);
}

}  // namespace

std::span<const ModelInfo> all_models() {
  return kModels;
}

const ModelInfo& model_info(Model model) {
  for (const ModelInfo& info : kModels)
    if (info.model == model) return info;
  return kModels[0];
}

void write_model(const ModelConfig& config, Out& out) {
  out.put(model_info(config.model).name);
  if (config.model == Model::time_decay) {
    if (config.half_life_ms > 0)
      write_parameter("half_life_ms", config.half_life_ms, out);
    else
      write_parameter("tau_ms", config.tau_ms, out);
  }
  if (config.model == Model::position) {
    write_parameter("first", config.first, out);
    write_parameter("middle", config.middle, out);
    write_parameter("last", config.last, out);
  }
}

Result<ModelConfig> parse_model(std::string_view text) {
  std::string_view rest = text;
  std::string_view name = take_until(rest, ':');
  const bool has_any_parameter = name.size() < text.size();
  if (name == "custom") name = "position";
  ModelConfig config;
  bool is_known = false;
  for (const ModelInfo& info : kModels) {
    if (!same_name(name, info.name)) continue;
    config.model = info.model;
    is_known = true;
  }
  if (!is_known) return Error{ErrorKind::invalid, "unknown_model"};

  bool has_parameter = has_any_parameter;
  while (has_parameter) {
    has_parameter = rest.find(':') != std::string_view::npos;
    std::string_view value = take_until(rest, ':');
    const std::string_view key = take_until(value, '=');
    std::int64_t number = 0;
    if (!parse_decimal(value, number) || !set_parameter(config, key, number))
      return Error{ErrorKind::invalid, "bad_model_parameter"};
  }
  if (config.first == 0 && config.middle == 0 && config.last == 0)
    return Error{ErrorKind::invalid, "bad_model_parameter"};
  return config;
}

}  // namespace tl::models
