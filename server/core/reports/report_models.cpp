// SPDX-License-Identifier: Apache-2.0
#include "server/core/reports/report_models.hpp"

#include "models/model.hpp"
#include "server/core/attribution/conversion_credits.hpp"

#include <algorithm>
#include <optional>

namespace tl::server {
namespace {

std::string underscored(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

}  // namespace

std::string report_name(std::string_view stored_model) {
  return std::string(stored_model.substr(0, stored_model.find(':')));
}

Outcome<std::vector<ModelChoice>> all_model_choices(ReportStore& store, const SiteConfig& site) {
  TL_TRY(configs, store.configs(site.id));
  std::vector<ModelChoice> choices;
  for (const auto& info : models::all_models()) choices.push_back({std::string(info.name), {}, {}});
  for (auto& row : configs) {
    const std::string name = report_name(row.model);
    auto found = std::find_if(choices.begin(), choices.end(),
                              [&](const ModelChoice& choice) { return choice.name == name; });
    if (found == choices.end()) found = choices.insert(choices.end(), {name, {}, {}});
    found->configs.push_back(row.config);
    found->rows.push_back(std::move(row));
  }
  std::erase_if(choices, [](const ModelChoice& choice) { return choice.configs.empty(); });
  return choices;
}

namespace {

// The site's models and those that ever gave credit: by its name all configurations, by its stored
// name the one. One that only is configured has no configuration yet.
std::optional<ModelChoice> find_choice(const std::vector<ModelChoice>& choices,
                                       const SiteConfig& site, const std::string& name) {
  for (const auto& choice : choices) {
    if (choice.name == name) return choice;
    for (const auto& row : choice.rows)
      if (row.model == name) return ModelChoice{name, {row.config}, {row}};
  }
  for (const auto& config : models_of_site(site)) {
    const std::string stored = stored_model_name(config);
    if (name == stored || name == report_name(stored)) return ModelChoice{name, {}, {}};
  }
  return std::nullopt;
}

ServerError no_such_model(const std::vector<ModelChoice>& choices, const SiteConfig& site,
                          std::string_view wanted) {
  std::vector<std::string> names;
  for (const auto& config : models_of_site(site)) names.push_back(stored_model_name(config));
  for (const auto& choice : choices)
    for (const auto& row : choice.rows) names.push_back(row.model);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
  return invalid("unknown_model",
                 "\"" + std::string(wanted) + "\" is none of this site's models: " + list +
                     ". The parameters are those of [site.attribution] (tau_hours, "
                     "half_life_hours, position), which `throughline rebuild` also gives to what "
                     "was credited before. participation does not sum to the orders: by-channel "
                     "and models-compare report it apart");
}

}  // namespace

Outcome<ModelChoice> choose_model(ReportStore& store, const SiteConfig& site,
                                  std::string_view wanted) {
  TL_TRY(choices, all_model_choices(store, site));
  std::string name = underscored(wanted);
  if (name.empty()) {
    TL_TRY(chosen, store.default_model(site.id));
    if (chosen)
      if (auto found = find_choice(choices, site, underscored(*chosen))) return std::move(*found);
    name = underscored(site.model);
  }
  if (name == "custom") name = "position";
  if (auto found = find_choice(choices, site, name)) return std::move(*found);
  return no_such_model(choices, site, name);
}

bool is_data_driven(std::string_view model) {
  return model.starts_with("markov") || model.starts_with("shapley");
}

}  // namespace tl::server
