// SPDX-License-Identifier: Apache-2.0
// train: what `serve` does every night, at once: the Markov models learn from the site's paths, and
// conversions get their credits by what they have learned.

#include "server/cli/audit_entry.hpp"
#include "server/cli/opened_store.hpp"
#include "server/core/attribution/training.hpp"
#include "server/core/reports/report_calendar.hpp"

#include <iostream>
#include <memory>

namespace tl::server::cli {
namespace {

void show(const SiteConfig& site, const TrainingResult& result) {
  if (result.models.empty())
    std::cout << site.id << ": no conversion with a path in the last " << site.training_days
              << " days\n";
  for (const auto& model : result.models) {
    std::cout << site.id << ": " << model.kind << ", order " << model.order << ", "
              << write_day(model.from_day) << " to " << write_day(model.to_day) << ": "
              << model.conversions << " conversions, " << model.failed << " journeys without, "
              << model.states << " states, "
              << (model.refused.empty() ? "version " + std::to_string(model.version)
                                        : "no model: " + model.refused)
              << "\n";
  }
  if (!result.models.empty()) std::cout << site.id << ": " << result.split << " splits\n";
}

void run_train(Session& session, const std::string& only) {
  const auto opened = open_or_explain(session);
  if (!opened) return;
  for (const auto* site : sites_or_explain(session, opened->config, only)) {
    const auto result = train(*opened->store, *site, opened->clock.now_ms());
    if (!result.ok()) return explain(session, result.error());
    show(*site, result.value());
    const auto told = append_entry(*opened->store, site->id, "models_trained", "");
    if (!told.ok()) return explain(session, told.error());
  }
}

}  // namespace

void add_train(CLI::App& parser, Session& session) {
  auto* command = parser.add_subcommand(
      "train", "Markov models learn from the site's paths now, as they do every night");
  const auto site = std::make_shared<std::string>();
  command->add_option("--site", *site, "of this site only");
  command->callback([&session, site] { run_train(session, *site); });
}

}  // namespace tl::server::cli
