// SPDX-License-Identifier: Apache-2.0
// replay-rejects: sends refused input that no replay has got in yet through its intake again,
// beside a running server. The same as POST /api/rejects/{id}/replay for each; what is refused
// again stays and is tried again by the next run.

#include "server/app.hpp"
#include "server/cli/audit_entry.hpp"
#include "server/cli/commands.hpp"
#include "server/http/router.hpp"
#include "server/system_sources.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <unistd.h>

namespace tl::server::cli {
namespace {

using Json = nlohmann::json;

struct ReplayOptions {
  std::string site, code;
};
struct Totals {
  std::size_t kept = 0, refused = 0, without_body = 0;
};

Json call(const http::Router& router, const std::string& method,
          const std::vector<std::string>& path,
          std::vector<std::pair<std::string, std::string>> query, int& status) {
  const auto match = router.find(method, path);
  http::Request request;
  request.method = method;
  request.params = match.params;
  request.query = std::move(query);
  request.received_ms = SystemClock().now_ms();
  const auto reply = match.route->handler(request);
  status = reply.status;
  return Json::parse(reply.body, nullptr, false);
}

// Ids of what waits, oldest first, all pages.
bool collect(const http::Router& router, const std::string& code, std::vector<std::string>& ids) {
  std::string cursor;
  do {
    std::vector<std::pair<std::string, std::string>> query = {{"limit", "1000"}};
    if (!cursor.empty()) query.emplace_back("cursor", cursor);
    int status = 0;
    const auto page = call(router, "GET", {"api", "rejects"}, query, status);
    if (status != 200) {
      std::cerr << page.dump() << "\n";
      return false;
    }
    for (const auto& item : page.at("items"))
      if (!item.at("kept").get<bool>() && (code.empty() || item.at("code") == code))
        ids.push_back(std::to_string(item.at("id").get<std::int64_t>()));
    cursor = page.at("next_cursor").is_null() ? "" : page.at("next_cursor").get<std::string>();
  } while (!cursor.empty());
  std::reverse(ids.begin(), ids.end());
  return true;
}

void replay(Session& session, const ReplayOptions& options) {
  const auto loaded = load_or_explain(session);
  if (!loaded) return;
  auto app = App::prepare(loaded->config);
  if (!app.ok()) return explain(session, app.error());
  Totals totals;
  std::vector<std::pair<std::string, std::size_t>> tried;
  for (const auto& site : loaded->config.sites) {
    if (!options.site.empty() && site.id != options.site) continue;
    const http::Router router(app.value()->routes_for(site.id));
    std::vector<std::string> ids;
    if (!collect(router, options.code, ids)) {
      session.exit_code = 1;
      return;
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
      int status = 0;
      const auto answer = call(router, "POST", {"api", "rejects", ids[i], "replay"}, {}, status);
      if (status == 200 && answer.at("kept").get<bool>())
        ++totals.kept;
      else if (status == 404)
        ++totals.without_body;
      else
        ++totals.refused;
      if (isatty(STDERR_FILENO) != 0)
        std::cerr << "\r" << site.id << " " << i + 1 << "/" << ids.size() << std::flush;
    }
    if (!ids.empty() && isatty(STDERR_FILENO) != 0) std::cerr << "\n";
    if (!ids.empty()) tried.emplace_back(site.id, ids.size());
  }
  if (!tried.empty())
    in_store(session, loaded->config, [&](Tables& tables) -> Outcome<void> {
      for (const auto& [site_id, count] : tried)
        TL_CHECK(append_entry(tables, site_id, "rejects_replayed", std::to_string(count)));
      return {};
    });
  std::cout << totals.kept << " kept, " << totals.refused << " refused again, "
            << totals.without_body << " without a body\n";
}

}  // namespace

void add_replay_rejects(CLI::App& parser, Session& session) {
  auto* command =
      parser.add_subcommand("replay-rejects", "send refused input through its intake again");
  const auto options = std::make_shared<ReplayOptions>();
  command->add_option("--site", options->site, "of this site only");
  command->add_option("--code", options->code, "refused for this reason only");
  command->callback([&session, options] { replay(session, *options); });
}

}  // namespace tl::server::cli
