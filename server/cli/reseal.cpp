// SPDX-License-Identifier: Apache-2.0
// reseal: what earlier secrets sealed is sealed with the present one (docs/privacy.md, "A new
// secret"). Beside a running server; interrupted, it is finished by running it again.

#include "server/cli/audit_entry.hpp"
#include "server/cli/opened_store.hpp"
#include "server/cli/progress.hpp"
#include "server/core/access/resealing.hpp"

#include <iostream>

namespace tl::server::cli {
namespace {

void run_reseal(Session& session) {
  const auto opened = open_or_explain(session);
  if (!opened) return;
  Progress progress;
  const auto totals =
      reseal(*opened->store, [&](std::string_view table, std::int64_t done, std::int64_t all) {
        progress.show("reseal", table, done, all);
      });
  progress.end();
  if (!totals.ok()) return explain(session, totals.error());
  const auto& [rows, resealed, unreadable] = totals.value();
  const auto told = append_entries(*opened->store, opened->config.sites, "store_resealed",
                                   std::to_string(resealed) + " rows");
  if (!told.ok()) explain(session, told.error());
  std::cout << rows << " sealed rows, " << resealed << " sealed anew, " << unreadable
            << " opened by no secret\n";
  if (unreadable == 0) return;
  std::cerr << "What no secret opens was sealed by one that is not configured: name it in "
               "previous_secrets and run this again.\n";
  session.exit_code = 1;
}

}  // namespace

void add_reseal(CLI::App& parser, Session& session) {
  auto* command = parser.add_subcommand(
      "reseal", "seal with the present secret what earlier ones sealed, so that they can go");
  command->callback([&session] { run_reseal(session); });
}

}  // namespace tl::server::cli
