// SPDX-License-Identifier: Apache-2.0
// key add|list|revoke: secret API keys. They go straight into the store, beside a running server,
// which knows them at once.

#include "server/cli/audit_entry.hpp"
#include "server/cli/commands.hpp"
#include "server/core/access/secret_key.hpp"
#include "server/system_sources.hpp"
#include "throughline/text.hpp"

#include <array>
#include <ctime>
#include <iostream>

namespace tl::server::cli {
namespace {

struct KeyOptions {
  std::string site, scopes = "read", id;
};

std::string day_of(std::int64_t t_ms) {
  const auto seconds = static_cast<std::time_t>(t_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &parts);
  return text.data();
}

bool is_known_scopes(std::string_view scopes) {
  while (!scopes.empty()) {
    const auto comma = scopes.find(',');
    const auto scope = scopes.substr(0, comma);
    if (scope != "read" && scope != "write" && scope != "admin") return false;
    scopes = comma == std::string_view::npos ? std::string_view{} : scopes.substr(comma + 1);
  }
  return true;
}

void add(Session& session, const KeyOptions& options) {
  const auto loaded = load_or_explain(session);
  if (!loaded) return;
  if (loaded->config.site(options.site) == nullptr || options.scopes.empty() ||
      !is_known_scopes(options.scopes)) {
    std::cerr << "There is no [[site]] " << options.site
              << ", or the scopes are not a comma list of read, write and admin.\n";
    session.exit_code = 2;
    return;
  }
  SystemEntropy entropy;
  const auto made = make_secret_key(entropy);
  ApiKeyRow row;
  row.id = made.key.id;
  row.site_id = options.site;
  row.hash = made.key.hash;
  row.scopes = options.scopes;
  row.created_ms = SystemClock().now_ms();
  in_store(session, loaded->config, [&](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.operations().put_key(row));
    return append_entry(tables, row.site_id, "key_added", row.id + " " + row.scopes);
  });
  if (session.exit_code == 0) std::cout << made.text << "\n";
}

void list(Session& session, const KeyOptions& options) {
  const auto loaded = load_or_explain(session);
  if (!loaded) return;
  in_store(session, loaded->config, [&](Tables& tables) -> Outcome<void> {
    for (const auto& site : loaded->config.sites) {
      if (!options.site.empty() && site.id != options.site) continue;
      TL_TRY(keys, tables.operations().list_keys(site.id));
      for (const auto& key : keys)
        std::cout << key.id << "  " << key.site_id << "  " << key.scopes << "  made "
                  << day_of(key.created_ms)
                  << (key.revoked_ms ? "  revoked " + day_of(*key.revoked_ms) : "") << "\n";
    }
    return {};
  });
}

void revoke(Session& session, const KeyOptions& options) {
  const auto loaded = load_or_explain(session);
  if (!loaded) return;
  // The whole key may be given too; only its id is looked at.
  const auto whole = parse_secret_key(options.id);
  const auto id = whole ? whole->id : options.id;
  in_store(session, loaded->config, [&](Tables& tables) -> Outcome<void> {
    TL_TRY(key, tables.operations().find_key(id));
    if (!key)
      return fail(ErrorKind::not_found, "unknown_key",
                  "There is no key " + id + "; throughline key list shows them.");
    if (!key->revoked_ms) key->revoked_ms = SystemClock().now_ms();
    TL_CHECK(tables.operations().put_key(*key));
    return append_entry(tables, key->site_id, "key_revoked", key->id);
  });
  if (session.exit_code == 0) std::cerr << "The key " << id << " is revoked.\n";
}

}  // namespace

void add_key(CLI::App& parser, Session& session) {
  auto* keys = parser.add_subcommand("key", "secret API keys");
  keys->require_subcommand(1);
  const auto options = std::make_shared<KeyOptions>();
  auto* adding = keys->add_subcommand("add", "make a key; it is printed once, alone on stdout");
  adding->add_option("--site", options->site, "the site it belongs to")->required();
  adding->add_option("--scopes", options->scopes, "comma list of read, write, admin");
  adding->callback([&session, options] { add(session, *options); });
  auto* listing = keys->add_subcommand("list", "list keys by their ids");
  listing->add_option("--site", options->site, "of this site only");
  listing->callback([&session, options] { list(session, *options); });
  auto* revoking = keys->add_subcommand("revoke", "end a key");
  revoking->add_option("id", options->id, "the key's id")->required();
  revoking->callback([&session, options] { revoke(session, *options); });
}

}  // namespace tl::server::cli
