// SPDX-License-Identifier: Apache-2.0
// retry-deliveries: puts dead letters back into the queue once what was wrong is mended, beside a
// running server, whose lanes take them up within a second. The same as POST /api/deliveries/retry.

#include "server/cli/audit_entry.hpp"
#include "server/cli/opened_store.hpp"
#include "server/cli/site_time.hpp"
#include "server/core/outbox/delivery_retries.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

namespace tl::server::cli {
namespace {

struct RetryOptions {
  std::string site, destination, state = "dead", since;
  bool is_forced = false;
};

void wrong_retry(Session& session, const std::string& what) {
  std::cerr << what << "\n";
  session.exit_code = 2;
}

bool is_configured(const std::vector<const SiteConfig*>& sites, const std::string& destination) {
  return std::any_of(sites.begin(), sites.end(), [&](const SiteConfig* site) {
    return std::any_of(site->destinations.begin(), site->destinations.end(),
                       [&](const auto& each) { return each.name == destination; });
  });
}

void retry(Session& session, const RetryOptions& given) {
  const auto opened = open_or_explain(session);
  if (!opened) return;
  const auto sites = sites_or_explain(session, opened->config, given.site);
  if (sites.empty()) return;
  const auto state = parse_retriable_state(given.state);
  if (!state)
    return wrong_retry(session, "--state " + given.state + ": write dead, failed or withheld.");
  if (!given.destination.empty() && !is_configured(sites, given.destination))
    return wrong_retry(session, "There is no destination " + given.destination + ".");
  RetriedDeliveries all;
  for (const SiteConfig* site : sites) {
    DeliverySelection selection{site->id, given.destination, *state, {}};
    if (!given.since.empty()) {
      selection.since_ms = parse_site_time(given.since, *site);
      if (!selection.since_ms)
        return wrong_retry(session, "--since " + given.since + ": write a date like 2026-09-21.");
    }
    const auto retried =
        retry_deliveries(*opened->store, selection, given.is_forced, opened->clock.now_ms());
    if (!retried.ok()) return explain(session, retried.error());
    all.queued += retried.value().queued;
    all.doubtful += retried.value().doubtful;
    const auto told = append_entry(*opened->store, site->id, "deliveries_retried",
                                   std::to_string(retried.value().queued));
    if (!told.ok()) return explain(session, told.error());
  }
  std::cout << all.queued << " queued again";
  if (all.doubtful > 0)
    std::cout << ", " << all.doubtful << " left: they may be counted twice (--force sends them)";
  std::cout << "\n";
}

}  // namespace

void add_retry_deliveries(CLI::App& parser, Session& session) {
  auto* command = parser.add_subcommand("retry-deliveries",
                                        "send what destinations refused, or what waits, again");
  const auto options = std::make_shared<RetryOptions>();
  command->add_option("--state", options->state, "dead (the default), failed or withheld");
  command->add_option("--destination", options->destination, "of this destination only");
  command->add_option("--site", options->site, "of this site only");
  command->add_option("--since", options->since,
                      "made since then: a date in the site's time zone, or RFC 3339");
  command->add_flag("--force", options->is_forced, "also what may be counted twice");
  command->callback([&session, options] { retry(session, *options); });
}

}  // namespace tl::server::cli
