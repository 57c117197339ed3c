// SPDX-License-Identifier: Apache-2.0
// Lists are judged entry by entry, and the first wrong one is named.

#include "server/config/site_rules.hpp"

#include "models/model.hpp"
#include "server/config/keys.hpp"
#include "server/core/classify/country_codes.hpp"
#include "throughline/params.hpp"

#include <algorithm>

namespace tl::server {

std::string country_complaint(const Value& value) {
  const auto& text = std::get<std::string>(value);
  return text.empty() || is_country_code(text) ? "" : "must be an upper-case ISO 3166 code like CZ";
}

std::string countries_complaint(const Value& value) {
  for (const auto& country : std::get<std::vector<std::string>>(value)) {
    const auto wrong = country.empty() ? "must not be empty" : country_complaint(Value(country));
    if (!wrong.empty()) return "entry \"" + country + "\" " + wrong;
  }
  return "";
}

std::string origins_complaint(const Value& value) {
  const auto& origins = std::get<std::vector<std::string>>(value);
  if (origins.empty()) return "must name at least one origin, like https://shop.example";
  for (const auto& origin : origins)
    if (const auto wrong = origin_complaint(origin); !wrong.empty())
      return "entry \"" + origin + "\" " + wrong;
  return "";
}

std::string domains_complaint(const Value& value) {
  for (const auto& domain : std::get<std::vector<std::string>>(value)) {
    const bool is_host = std::all_of(domain.begin(), domain.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
    if (!is_host || domain.empty() || domain.front() == '.')
      return "entry \"" + domain + "\" must be a host name in lower case, like pay.example";
  }
  return "";
}

std::string parameters_complaint(const Value& value) {
  for (const auto& name : std::get<std::vector<std::string>>(value)) {
    if (!is_name(name)) return "entry \"" + name + "\" must be a parameter's name, like via";
    if (param_of(name) != Param::none)
      return "entry \"" + name + "\" is known already (docs/classification.md)";
  }
  return "";
}

// Reports show models whose credits sum to the orders.
std::string model_complaint(const Value& value) {
  const auto& name = std::get<std::string>(value);
  const auto config = models::parse_model(name);
  const bool has_parameters = name.find(':') != std::string::npos;
  if (config.ok() && !has_parameters && models::model_info(config.value().model).is_additive)
    return "";
  std::string names;
  for (const auto& info : models::all_models())
    if (info.is_additive) names += (names.empty() ? "" : ", ") + std::string(info.name);
  return "must be a model: " + names + "; its parameters are keys of [site.attribution]";
}

std::string event_names_complaint(const Value& value) {
  for (const auto& name : std::get<std::vector<std::string>>(value)) {
    const bool is_event =
        !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view("_ .:-").find(c) != std::string_view::npos;
        });
    if (!is_event) return "entry \"" + name + "\" must be 1 to 64 of A-Z a-z 0-9 _ . : - and blank";
  }
  return "";
}

}  // namespace tl::server
