// SPDX-License-Identifier: Apache-2.0
#include "server/core/conversion_credits.hpp"

#include "server/core/local_day.hpp"

#include <array>
#include <map>
#include <tuple>

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
      steps.push_back({static_cast<std::uint32_t>(i), entry.channel, entry.t_ms});
  }
  if (steps.size() > models::kMaxPath)
    steps.erase(steps.begin(),
                steps.end() - static_cast<std::ptrdiff_t>(std::size_t{models::kMaxPath}));
  return steps;
}

ServerError cannot_split(const Error& error) {
  return fail(ErrorKind::bug, error.code, "the credits of a conversion cannot be split");
}

using RollupKey = std::tuple<int, std::string, std::string, std::string, Channel, std::string,
                             std::string>;  // day, model, currency, kind, channel, source, campaign
struct RollupSum {
  std::int64_t micro = 0, value = 0, net = 0;
};

void add_counted(std::map<RollupKey, RollupSum>& sums, const SiteConfig& site,
                 const CountedConversion& counted, std::int64_t sign) {
  const ConversionRow& conversion = counted.conversion;
  if (!conversion.live) return;
  const int day = local_day(conversion.occurred_ms, site.timezone);
  for (const auto& credit : counted.credits) {
    RollupSum& sum = sums[{day, credit.model, conversion.currency, conversion.kind, credit.channel,
                           credit.source, credit.campaign}];
    sum.micro += sign * credit.conversions_micro;
    sum.value += sign * credit.value_minor;
    sum.net += sign * credit.net_minor;
  }
}

}  // namespace

std::vector<models::ModelConfig> models_of_site(const SiteConfig& site) {
  std::vector<models::ModelConfig> configs;
  for (const auto& info : models::all_models()) configs.push_back(configured(info.model, site));
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
                                            std::int64_t net_minor) {
  std::vector<CreditRow> rows;
  for (const auto& config : models) {
    const std::vector<models::Step> steps = steps_for(models::model_info(config.model), path);
    std::vector<models::Credit> gross(steps.size() + 1), net(steps.size() + 1);
    const auto count = models::credit_path(config, steps, amount_minor, gross);
    if (!count.ok()) return cannot_split(count.error());
    const auto net_count = models::credit_path(config, steps, net_minor, net);
    if (!net_count.ok()) return cannot_split(net_count.error());
    const std::string name = stored_name(config);
    for (std::size_t i = 0; i < count.value(); ++i) {
      CreditRow row;
      row.model = name;
      row.position = static_cast<std::uint32_t>(i);
      if (gross[i].touch != models::kUnattributed) {
        const PathEntry& entry = path.entries[gross[i].touch];
        row.touch_id = entry.touch_id;
        row.channel = entry.channel;
        row.source = entry.source;
        row.campaign = entry.campaign;
      }
      row.value_minor = gross[i].value_minor;
      row.conversions_micro = gross[i].conversions_micro;
      row.net_minor = net[i].value_minor;
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

Outcome<void> restate_rollups(RollupStore& rollups, const SiteConfig& site,
                              const std::vector<CountedConversion>& before,
                              const std::optional<CountedConversion>& after) {
  std::map<RollupKey, RollupSum> sums;
  for (const auto& counted : before) add_counted(sums, site, counted, -1);
  if (after) add_counted(sums, site, *after, 1);
  for (const auto& [key, sum] : sums) {
    if (sum.micro == 0 && sum.value == 0 && sum.net == 0) continue;
    DayCredit delta;
    std::tie(delta.day, delta.model, delta.currency, delta.kind, delta.channel, delta.source,
             delta.campaign) = key;
    delta.conversions_micro = sum.micro;
    delta.value_minor = sum.value;
    delta.net_minor = sum.net;
    TL_CHECK(rollups.add_credit(site.id, delta));
  }
  return {};
}

}  // namespace tl::server
