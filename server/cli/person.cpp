// SPDX-License-Identifier: Apache-2.0
// erase and export-person: forgets a person, or prints everything that is held about one; beside a
// running server. export receipts: the receipts of consent, a JSON object a line.

#include "server/cli/audit_entry.hpp"
#include "server/cli/log_not_cut.hpp"
#include "server/cli/opened_store.hpp"
#include "server/core/privacy/erasure.hpp"
#include "server/core/privacy/person_export.hpp"

#include <iostream>
#include <memory>
#include <string>

namespace tl::server::cli {
namespace {

struct PersonOptions {
  std::string site, email, phone, user_id, anonymous_id;
  bool is_dry_run = false;
};

// Null and a word on stderr when it is not configured, or not named though there are several.
const SiteConfig* site_of(Session& session, const OpenedStore& opened, const std::string& id) {
  const auto sites = sites_or_explain(session, opened.config, id);
  if (sites.size() == 1) return sites.front();
  if (sites.size() > 1) {
    std::cerr << "Name the site: --site ID.\n";
    session.exit_code = 2;
  }
  return nullptr;
}

// None and a word on stderr when it is no UUID.
std::optional<PersonName> name_of(Session& session, const PersonOptions& options) {
  PersonName name{options.email, options.phone, options.user_id, std::nullopt};
  if (options.anonymous_id.empty()) return name;
  const auto id = parse_uuid(options.anonymous_id);
  if (!id.ok()) {
    std::cerr << "--anonymous-id must be a dashed UUID.\n";
    session.exit_code = 2;
    return std::nullopt;
  }
  name.anonymous_id = id.value();
  return name;
}

void explain_person(Session& session, const ServerError& error) {
  explain(session, error);
  if (error.code == "bad_person") session.exit_code = 2;
}

// To the audit log, before anything is given out: nothing is given that is not told.
bool tell_log(Session& session, const OpenedStore& opened, const SiteConfig& site,
              const char* action, const std::string& detail = {}) {
  const auto told = opened.store->write(
      [&](Tables& tables) { return append_entry(tables, site.id, action, detail); });
  if (!told.ok()) explain(session, told.error());
  return told.ok();
}

void erase(Session& session, const PersonOptions& options) {
  const auto name = name_of(session, options);
  const auto opened = name ? open_or_explain(session) : nullptr;
  const auto* site = opened ? site_of(session, *opened, options.site) : nullptr;
  if (site == nullptr) return;
  const auto erased = erase_person({*opened->store, opened->clock, opened->entropy, opened->box},
                                   *site, *name, options.is_dry_run);
  if (!erased.ok()) return explain_person(session, erased.error());
  const Erasure& erasure = erased.value();
  for (const auto& [what, count] : erasure.counts) std::cout << what << " " << count << "\n";
  if (erasure.is_shared)
    std::cerr << "Too many visitors share this contact to be one person: only what carries it "
                 "itself is meant.\n";
  if (options.is_dry_run) {
    std::cerr << "Nothing was changed; leave --dry-run away to erase this.\n";
    return;
  }
  std::cout << "receipt " << erasure.receipt << "\n";
  tell_log(session, *opened, *site, "person_erased", "receipt " + std::to_string(erasure.receipt));
  if (!erasure.is_log_cut) std::cerr << kLogNotCut;
}

void print_person(Session& session, const PersonOptions& options) {
  const auto name = name_of(session, options);
  const auto opened = name ? open_or_explain(session) : nullptr;
  const auto* site = opened ? site_of(session, *opened, options.site) : nullptr;
  if (site == nullptr) return;
  const auto text =
      export_person(*opened->store, opened->box, *site, *name, opened->clock.now_ms());
  if (!text.ok()) return explain_person(session, text.error());
  if (!tell_log(session, *opened, *site, "person_exported")) return;
  std::cout << text.value() << "\n";
}

void print_receipts(Session& session, const PersonOptions& options) {
  const auto opened = open_or_explain(session);
  const auto* site = opened ? site_of(session, *opened, options.site) : nullptr;
  if (site == nullptr || !tell_log(session, *opened, *site, "receipts_exported")) return;
  const auto done = export_consent_receipts(
      *opened->store, site->id, [](const std::string& line) { std::cout << line << "\n"; });
  if (!done.ok()) explain(session, done.error());
}

void add_site(CLI::App& command, PersonOptions& options) {
  command.add_option("--site", options.site, "the site; may be left away when there is only one");
}
void add_name(CLI::App& command, PersonOptions& options) {
  add_site(command, options);
  command.add_option("--email", options.email, "an e-mail address of the person");
  command.add_option("--phone", options.phone, "a phone number");
  command.add_option("--user-id", options.user_id, "the site's own id of the person");
  command.add_option("--anonymous-id", options.anonymous_id, "the id of a browser");
}

}  // namespace

void add_person(CLI::App& parser, Session& session) {
  const auto options = std::make_shared<PersonOptions>();
  auto* erasing = parser.add_subcommand(
      "erase", "forget a person: everything that is held, sums and credits stay");
  add_name(*erasing, *options);
  erasing->add_flag("--dry-run", options->is_dry_run, "only count what would go");
  erasing->callback([&session, options] { erase(session, *options); });
  auto* showing =
      parser.add_subcommand("export-person", "everything that is held about a person, as JSON");
  add_name(*showing, *options);
  showing->callback([&session, options] { print_person(session, *options); });
  auto* exporting = parser.add_subcommand("export", "rows, a JSON object a line");
  exporting->require_subcommand(1);
  auto* receipts = exporting->add_subcommand("receipts", "all receipts of consent of a site");
  add_site(*receipts, *options);
  receipts->callback([&session, options] { print_receipts(session, *options); });
}

}  // namespace tl::server::cli
