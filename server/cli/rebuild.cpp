// SPDX-License-Identifier: Apache-2.0
// rebuild: everything derived again from the evidence, by the present classification, models and
// rules. Beside a running server it holds up the intake while the traffic and the credit rollups
// are written; interrupted, it is finished by running it again.

#include "server/core/reports/rebuild.hpp"

#include "server/cli/audit_entry.hpp"
#include "server/cli/opened_store.hpp"
#include "server/cli/progress.hpp"
#include "server/store/serving_lock.hpp"

#include <iostream>
#include <memory>
#include <optional>
#include <utility>

namespace tl::server::cli {
namespace {

struct RebuildArguments {
  std::string site;
  bool keeps_configuration = false;
};

// A changed zone moves every day: a server that went on counting by the old one would leave rows of
// both.
bool take_new_zones(Session& session, OpenedStore& opened, std::optional<ServingLock>& alone) {
  if (opened.zone_changes.empty()) return true;
  auto lock = ServingLock::take(opened.config.store_url);
  if (!lock.ok()) {
    for (const auto& change : opened.zone_changes) std::cerr << zone_complaint(change) << ".\n";
    session.exit_code = 1;
    return false;
  }
  alone.emplace(std::move(lock).value());
  for (const auto& change : opened.zone_changes)
    for (auto& site : opened.config.sites)
      if (site.id == change.site_id) site.timezone = change.configured;
  return true;
}

void run_rebuild(Session& session, const RebuildArguments& given) {
  const auto opened = open_or_explain(session);
  if (!opened) return;
  std::optional<ServingLock> alone;
  if (!take_new_zones(session, *opened, alone)) return;
  for (const auto* site : sites_or_explain(session, opened->config, given.site)) {
    Progress progress;
    RebuildOptions options;
    options.keeps_configuration = given.keeps_configuration;
    options.reclassifies = !given.keeps_configuration;
    options.progress = [&](std::string_view step, std::int64_t done, std::int64_t all) {
      progress.show(site->id, step, done, all);
    };
    const auto totals = rebuild(*opened->store, *site, options, opened->clock.now_ms());
    progress.end();
    if (!totals.ok()) return explain(session, totals.error());
    std::cout << site->id << ": " << totals.value().touches << " touches, "
              << totals.value().reclassified << " in another class, " << totals.value().orders
              << " orders, " << totals.value().conversions << " conversions\n";
    const auto told = append_entry(*opened->store, site->id, "reports_rebuilt", "");
    if (!told.ok()) return explain(session, told.error());
  }
}

}  // namespace

void add_rebuild(CLI::App& parser, Session& session) {
  auto* command = parser.add_subcommand(
      "rebuild", "everything derived again, by the present classification, models and rules");
  const auto given = std::make_shared<RebuildArguments>();
  command->add_option("--site", given->site, "of this site only");
  command->add_flag("--keep-configuration", given->keeps_configuration,
                    "keep classes, models and rules as they were");
  command->callback([&session, given] { run_rebuild(session, *given); });
}

}  // namespace tl::server::cli
