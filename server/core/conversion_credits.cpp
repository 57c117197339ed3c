// SPDX-License-Identifier: Apache-2.0
#include "server/core/conversion_credits.hpp"

#include "server/core/attribution_rules.hpp"

#include <array>

namespace tl::server {
namespace {

models::ModelConfig configured(models::Model model, const SiteConfig& site) {
  models::ModelConfig config;
  config.model = model;
  config.tau_ms = site.tau_ms;
  if (site.position.size() == 3) {
    config.first = static_cast<std::uint32_t>(site.position[0]);
    config.middle = static_cast<std::uint32_t>(site.position[1]);
    config.last = static_cast<std::uint32_t>(site.position[2]);
  }
  return config;
}

std::string stored_name(const models::ModelConfig& config) {
  std::array<char, 160> buffer{};
  Out out(buffer.data(), buffer.size());
  models::write_model(config, out);
  return std::string(out.view());
}

// Steps that a model sees; some look before direct touches are removed.
std::vector<models::Step> steps_for(const models::ModelInfo& info, const ConversionPath& path) {
  std::vector<models::Step> steps;
  for (std::size_t i = 0; i < path.entries.size(); ++i) {
    const PathEntry& entry = path.entries[i];
    if (entry.why == "none" || (!info.applies_direct_rule && entry.why == "direct_removed"))
      steps.push_back({static_cast<std::uint32_t>(i), entry.channel, entry.t_ms, 0});
  }
  if (steps.size() > models::kMaxPath)
    steps.erase(steps.begin(),
                steps.end() - static_cast<std::ptrdiff_t>(std::size_t{models::kMaxPath}));
  const MilestoneTimes& reached = path.milestones;
  if (reached.lead_ms) models::hold_milestone(models::kLead, *reached.lead_ms, steps);
  if (reached.opportunity_ms)
    models::hold_milestone(models::kOpportunity, *reached.opportunity_ms, steps);
  return steps;
}

ServerError cannot_split(const Error& error) {
  return fail(ErrorKind::bug, error.code, "the credits of a conversion cannot be split");
}

}  // namespace

std::vector<models::ModelConfig> models_of_site(const SiteConfig& site) {
  std::vector<models::ModelConfig> configs;
  for (const auto& info : models::all_models())
    if (info.is_additive) configs.push_back(configured(info.model, site));
  return configs;
}

std::vector<models::ModelConfig> models_of_credits(const std::vector<CreditRow>& credits) {
  std::vector<models::ModelConfig> configs;
  for (const auto& credit : credits) {
    // Every model has exactly one row at position 0.
    if (credit.position != 0) continue;
    if (const auto config = models::parse_model(credit.model); config.ok())
      configs.push_back(config.value());
  }
  return configs;
}

Outcome<std::vector<CreditRow>> credit_rows(const std::vector<models::ModelConfig>& models,
                                            const ConversionPath& path, std::int64_t amount_minor,
                                            const std::vector<RefundStep>& refunds) {
  std::vector<CreditRow> rows;
  for (const auto& config : models) {
    const std::vector<models::Step> steps = steps_for(models::model_info(config.model), path);
    std::vector<models::Credit> gross(steps.size() + 1), net(steps.size() + 1);
    const auto count = models::credit_path(config, steps, amount_minor, gross);
    if (!count.ok()) return cannot_split(count.error());
    const std::string name = stored_name(config);
    const std::int64_t number = config_number(name, path.rules);
    const std::size_t first = rows.size();
    for (std::size_t i = 0; i < count.value(); ++i) {
      CreditRow row;
      row.model = name;
      row.config = number;
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
      const auto split = models::credit_path(config, steps, left, net);
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

}  // namespace tl::server
