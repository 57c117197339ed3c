// SPDX-License-Identifier: Apache-2.0
// retention: what may not be kept any longer by [site.retention]. The server takes it away by
// itself, a little every minute; this shows how much there is, or takes it away at once.

#include "server/core/privacy/retention.hpp"

#include "server/cli/audit_entry.hpp"
#include "server/cli/log_not_cut.hpp"
#include "server/cli/opened_store.hpp"
#include "server/core/privacy/expired_people.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

namespace tl::server::cli {
namespace {

constexpr std::uint32_t kRowsAWrite = 500;  // the intake of a running server waits meanwhile
constexpr std::size_t kPeopleAWrite = 50;

void show(const std::string& site_id, const std::vector<ExpiredRows>& expired) {
  for (const auto& [name, days, rows] : expired)
    std::cout << site_id << " " << name << " "
              << (days == 0 ? "for ever" : std::to_string(days) + " days") << " " << rows << "\n";
}

Outcome<void> apply(const ErasureServices& services, const SiteConfig& site, std::int64_t now_ms) {
  Store& store = services.store;
  bool is_done = false;
  while (!is_done)
    TL_CHECK(store.write([&](Tables& tables) -> Outcome<void> {
      TL_TRY(taken, remove_expired(tables, site, now_ms, kRowsAWrite));
      is_done = std::all_of(taken.begin(), taken.end(),
                            [](const auto& kind) { return kind.rows < kRowsAWrite; });
      return {};
    }));
  for (bool has_people = true; has_people;) {
    TL_TRY(cleared, remove_expired_people(services, site, now_ms, kPeopleAWrite));
    has_people = !cleared.is_done;
  }
  if (!store.forget_overwritten().ok()) std::cerr << site.id << ": " << kLogNotCut;
  return append_entry(store, site.id, "retention_applied", "");
}

void run_retention(Session& session, bool is_dry_run) {
  const auto opened = open_or_explain(session);
  if (!opened) return;
  const std::int64_t now_ms = opened->clock.now_ms();
  const ErasureServices services{*opened->store, opened->clock, opened->entropy, opened->box};
  for (const auto& site : opened->config.sites) {
    const auto counted = opened->store->read([&](Tables& tables) -> Outcome<void> {
      TL_TRY(expired, count_expired(tables, site, now_ms));
      show(site.id, expired);
      return {};
    });
    if (!counted.ok()) return explain(session, counted.error());
    if (is_dry_run) continue;
    if (const auto done = apply(services, site, now_ms); !done.ok())
      return explain(session, done.error());
  }
}

}  // namespace

void add_retention(CLI::App& parser, Session& session) {
  auto* command = parser.add_subcommand(
      "retention", "take away what [site.retention] says may not be kept any longer");
  const auto is_dry_run = std::make_shared<bool>(false);
  command->add_flag("--dry-run", *is_dry_run, "only count it");
  command->callback([&session, is_dry_run] { run_retention(session, *is_dry_run); });
}

}  // namespace tl::server::cli
