// SPDX-License-Identifier: Apache-2.0
#include "server/core/report_models.hpp"

#include "models/model.hpp"

#include <algorithm>

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

Outcome<ModelChoice> choose_model(ReportStore& store, const SiteConfig& site,
                                  std::string_view wanted) {
  std::string name = underscored(wanted);
  if (name.empty()) {
    TL_TRY(chosen, store.default_model(site.id));
    name = underscored(chosen.value_or(site.model));
  }
  TL_TRY(choices, all_model_choices(store, site));
  for (auto& choice : choices) {
    if (choice.name == name) return std::move(choice);
    for (const auto& row : choice.rows)
      if (row.model == name) return ModelChoice{name, {row.config}, {row}};
  }
  // Known, but nothing was credited yet.
  if (models::parse_model(name).ok()) return ModelChoice{report_name(name), {}, {}};
  return invalid("unknown_model", "attributionModel=" + std::string(wanted) +
                                      " is no model of this site; /models-compare lists them");
}

bool is_data_driven(std::string_view report_name) {
  return report_name.starts_with("markov") || report_name.starts_with("shapley");
}

}  // namespace tl::server
