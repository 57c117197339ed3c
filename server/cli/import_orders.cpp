// SPDX-License-Identifier: Apache-2.0
// import-orders PROVIDER --since DATE: what the provider's webhooks missed, from its own API,
// beside a running server. Running it twice changes nothing; a run that was stopped goes on.

#include "server/cli/audit_entry.hpp"
#include "server/cli/opened_store.hpp"
#include "server/cli/site_time.hpp"
#include "server/core/orders/order_import.hpp"
#include "server/destinations/registry.hpp"
#include "server/http/outgoing_client.hpp"
#include "server/providers/registry.hpp"

#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

namespace tl::server::cli {
namespace {

struct OrderImportOptions {
  std::string provider, site, since;
  bool starts_anew = false;
};

void wrong_use(Session& session, const std::string& what) {
  std::cerr << what << "\n";
  session.exit_code = 2;
}

std::string counts(const ImportMark& mark) {
  return std::to_string(mark.items) + " read, " + std::to_string(mark.kept) + " events new, " +
         std::to_string(mark.known) + " known already" +
         (mark.unreadable == 0 ? "" : ", " + std::to_string(mark.unreadable) + " unreadable");
}

void tell_import_news(const ImportNews& news) {
  const std::string name = news.mark.provider + " " + news.mark.list + ": ";
  if (news.is_resumed)
    std::cerr << name << "goes on where the last run stopped (" << counts(news.mark) << ")\n";
  else if (news.pause_ms > 0)
    std::cerr << name << news.said << "; waiting " << (news.pause_ms + 999) / 1000 << " s\n";
  else if (!news.said.empty())
    std::cerr << name << news.said << "\n";
  else
    std::cerr << name << counts(news.mark) << "\n";
}

void import_orders(Session& session, const OrderImportOptions& given) {
  const ProviderApi* api = find_provider_api(given.provider);
  if (api == nullptr) {
    if (const Provider* provider = find_provider(given.provider))
      return wrong_use(session, "Orders cannot be imported from \"" + given.provider + "\". " +
                                    std::string(provider->missed_orders_advice()));
    std::string names;
    for (const auto& name : provider_api_names()) names += (names.empty() ? "" : ", ") + name;
    return wrong_use(session, "Orders cannot be imported from \"" + given.provider +
                                  "\"; they can from " + names + ".");
  }
  const auto opened = open_or_explain(session);
  if (!opened) return;
  const Config& config = opened->config;
  const SiteConfig* site = given.site.empty() && config.sites.size() == 1 ? &config.sites.front()
                                                                          : config.site(given.site);
  if (site == nullptr)
    return wrong_use(session, "There is no [[site]] \"" + given.site + "\"; name one with --site.");
  const PaymentConfig* payment = site->payment(given.provider);
  if (payment == nullptr)
    return wrong_use(session, "The site \"" + site->id + "\" has no [site.payment." +
                                  given.provider + "]; add it with an api_key.");
  const auto since = parse_site_time(given.since, *site);
  if (!since)
    return wrong_use(session, "--since " + given.since + ": write a date like 2026-09-21.");
  http::OutgoingClient client(config.allow_private_destinations);
  Orders orders(*opened->store, opened->clock, destinations::destination_takes, &opened->box);
  OrderImport import(
      *opened->store, opened->clock, orders, client,
      [](std::int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); },
      tell_import_news);
  const auto done = import.run(*site, *payment, *api, *since, given.starts_anew);
  if (!done.ok()) {
    explain(session, done.error());
    std::cerr << "Run the same command again to go on from here.\n";
    return;
  }
  std::cout << site->id << " " << given.provider << ": " << counts(done.value()) << "\n";
  const auto told = append_entry(*opened->store, site->id, "orders_imported", given.provider);
  if (!told.ok()) explain(session, told.error());
}

}  // namespace

void add_import_orders(CLI::App& parser, Session& session) {
  auto* command = parser.add_subcommand(
      "import-orders", "what a payment provider's webhooks missed, from its own API");
  const auto options = std::make_shared<OrderImportOptions>();
  command->add_option("provider", options->provider, "stripe, whop, woocommerce …")->required();
  command->add_option("--site", options->site, "the site whose orders these are");
  command->add_option("--since", options->since, "a date in the site's time zone, or RFC 3339")
      ->required();
  command->add_flag("--restart", options->starts_anew,
                    "begin with the first page, although a run was stopped");
  command->callback([&session, options] { import_orders(session, *options); });
}

}  // namespace tl::server::cli
