// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/conversion_credits.hpp"

#include "models/removal_effect.hpp"
#include "server/core/attribution/attribution_rules.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace tl::server {
namespace {

models::ModelConfig configured(models::Model model, const SiteConfig& site) {
  models::ModelConfig config;
  config.model = model;
  config.tau_ms = site.tau_ms;
  config.half_life_ms = site.half_life_ms;
  if (site.position.size() == 3) {
    config.first = static_cast<std::uint32_t>(site.position[0]);
    config.middle = static_cast<std::uint32_t>(site.position[1]);
    config.last = static_cast<std::uint32_t>(site.position[2]);
  }
  return config;
}

// One model with what it sees of a path.
struct Splitter {
  std::string name;
  std::int64_t training = 0;
  std::vector<models::Step> steps;
  models::ModelConfig config;          // by rule
  std::vector<std::uint64_t> weights;  // of the steps, of a trained model

  [[nodiscard]] Result<std::size_t> split(std::int64_t minor,
                                          std::span<models::Credit> credits) const {
    return training == 0 ? models::credit_path(config, steps, minor, credits)
                         : models::credit_by_weights(weights, steps, minor, credits);
  }
};

ServerError cannot_split(const Error& error) {
  return fail(ErrorKind::bug, error.code, "the credits of a conversion cannot be split");
}

}  // namespace

std::string stored_model_name(const models::ModelConfig& config) {
  std::array<char, 160> buffer{};
  Out out(buffer.data(), buffer.size());
  models::write_model(config, out);
  return std::string(out.view());
}

std::vector<models::ModelConfig> models_of_site(const SiteConfig& site) {
  std::vector<models::ModelConfig> configs;
  for (const auto& info : models::all_models())
    if (info.is_additive) configs.push_back(configured(info.model, site));
  return configs;
}

Outcome<CreditModels> present_models(Tables& tables, const SiteConfig& site,
                                     std::string_view kind) {
  TL_TRY(trained, tables.trainings().newest_models(site.id, kind));
  return CreditModels{models_of_site(site), std::move(trained)};
}

Outcome<CreditModels> models_of_credits(Tables& tables, std::string_view site_id,
                                        std::string_view kind,
                                        const std::vector<CreditRow>& credits) {
  CreditModels found;
  for (const auto& credit : credits) {
    // Every model has exactly one row at position 0.
    if (credit.position != 0) continue;
    if (credit.training != 0) {
      const std::uint32_t order = trained_model_order(credit.model);
      TL_TRY(model, tables.trainings().find(site_id, kind, order, credit.training));
      if (model) found.trained.push_back(std::move(*model));
    } else if (const auto config = models::parse_model(credit.model); config.ok()) {
      found.by_rule.push_back(config.value());
    }
  }
  return found;
}

namespace {

Outcome<std::vector<Splitter>> splitters(const CreditModels& models, const ConversionPath& path) {
  std::vector<Splitter> list;
  for (const auto& config : models.by_rule) {
    const models::ModelInfo& info = models::model_info(config.model);
    TL_TRY(steps, steps_of(path, info.applies_direct_rule));
    list.push_back({stored_model_name(config), 0, std::move(steps), config, {}});
  }
  for (const auto& model : models.trained) {
    TL_TRY(steps, steps_of(path, /*applies_direct_rule=*/true));
    std::vector<std::uint64_t> weights(steps.size());
    models::weigh_by_effect(model.weights(), steps, weights);
    list.push_back(
        {trained_model_name(model.order), model.version, std::move(steps), {}, std::move(weights)});
  }
  std::sort(list.begin(), list.end(),
            [](const Splitter& a, const Splitter& b) { return a.name < b.name; });
  return list;
}

}  // namespace

Outcome<std::vector<CreditRow>> credit_rows(const CreditModels& models, const ConversionPath& path,
                                            std::int64_t amount_minor,
                                            const std::vector<RefundStep>& refunds) {
  std::vector<CreditRow> rows;
  if (path.is_suppressed()) return rows;
  TL_TRY(list, splitters(models, path));
  for (const Splitter& splitter : list) {
    std::vector<models::Credit> gross(splitter.steps.size() + 1), net(splitter.steps.size() + 1);
    const auto count = splitter.split(amount_minor, gross);
    if (!count.ok()) return cannot_split(count.error());
    const std::int64_t number = config_number(splitter.name, path.rules);
    const std::size_t first = rows.size();
    for (std::size_t i = 0; i < count.value(); ++i) {
      CreditRow row;
      row.model = splitter.name;
      row.config = number;
      row.training = splitter.training;
      row.position = static_cast<std::uint32_t>(i);
      if (gross[i].touch != models::kUnattributed) {
        const PathEntry& entry = path.entries[gross[i].touch];
        row.touch_id = entry.touch_id;
        row.channel = entry.channel;
        row.source = entry.source;
        row.campaign = entry.campaign;
        row.content = entry.content;
        row.landing_path = entry.landing_path;
      }
      row.value_minor = row.net_minor = gross[i].value_minor;
      row.conversions_micro = gross[i].conversions_micro;
      rows.push_back(std::move(row));
    }
    // A refund's share is the difference between two splits, so that a full refund leaves nothing.
    std::int64_t left = amount_minor;
    for (const auto& refund : refunds) {
      left -= refund.amount_minor;
      const auto split = splitter.split(left, net);
      if (!split.ok()) return cannot_split(split.error());
      for (std::size_t i = 0; i < count.value(); ++i) {
        CreditRow& row = rows[first + i];
        row.refunds.push_back(net[i].value_minor - row.net_minor);
        row.net_minor = net[i].value_minor;
      }
    }
  }
  return rows;
}

Outcome<void> put_credit_rows(Tables& tables, const ConversionRow& conversion,
                              std::string_view rules, const std::vector<CreditRow>& credits) {
  for (const auto& credit : credits)
    if (credit.position == 0)
      TL_CHECK(
          tables.rollups().name_config(conversion.site_id, credit.config, credit.model, rules));
  return tables.orders().put_credits(conversion.site_id, conversion.id, credits);
}

}  // namespace tl::server
