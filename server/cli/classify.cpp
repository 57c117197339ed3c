// SPDX-License-Identifier: Apache-2.0
// classify FILE: {"url","referrer","site_hosts":[…]} a line to the channel it would be counted as.
// Needs no configuration.

#include "server/cli/commands.hpp"
#include "throughline/channel.hpp"
#include "throughline/text.hpp"
#include "throughline/touch.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <vector>

namespace tl::server::cli {
namespace {

using Json = nlohmann::ordered_json;  // answers keep the documented order

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string bad_line(const char* message) {
  return dump({{"error", {{"code", "malformed_line"}, {"message", message}}}});
}

bool is_own_host(std::string_view host, const Json& site_hosts) {
  for (const auto& entry : site_hosts) {
    if (!entry.is_string()) continue;
    const auto own = entry.get<std::string>();
    if (equals_ignoring_case(host, own)) return true;
    if (host.size() > own.size() && host[host.size() - own.size() - 1] == '.' &&
        equals_ignoring_case(host.substr(host.size() - own.size()), own))
      return true;
  }
  return false;
}

std::string classify_line(std::string_view line) {
  const auto input = Json::parse(line, nullptr, false);
  if (!input.is_object()) return bad_line("A line is one JSON object with url and referrer.");
  const auto text_of = [&](const char* name) -> std::string {
    const auto found = input.find(name);
    return found != input.end() && found->is_string() ? found->get<std::string>() : "";
  };
  const auto url = text_of("url"), referrer = text_of("referrer");
  if (url.empty()) return bad_line("url is missing or no text.");
  std::vector<char> memory(8 * (url.size() + referrer.size()) + 4096);
  Out arena(memory.data(), memory.size());
  auto touch = extract_touch(url, referrer, arena);
  if (const auto hosts = input.find("site_hosts");
      hosts != input.end() && hosts->is_array() && is_own_host(touch.referrer_host, *hosts)) {
    touch.referrer_host = {};
    touch.referrer_path = {};
    touch.is_internal = true;
  }
  const auto found = classify(touch, all_hosts(), arena);
  Json clicks = Json::object();
  for (std::size_t i = 0; i < touch.click_id_count; ++i)
    clicks[std::string(param_name(touch.click_ids[i].param))] = touch.click_ids[i].value;
  return dump({{"channel", channel_name(found.channel)},
               {"source", found.source},
               {"medium", found.medium},
               {"campaign", touch.campaign},
               {"click_ids", clicks},
               {"referrer_domain", touch.referrer_host}});
}

}  // namespace

void add_classify(CLI::App& parser, Session& session) {
  auto* command =
      parser.add_subcommand("classify", "which channel URLs and referrers count as, line by line");
  const auto path = std::make_shared<std::string>();
  command->add_option("file", *path, "NDJSON; - for standard input")->required();
  command->callback([&session, path] { answer_lines(session, *path, classify_line); });
}

}  // namespace tl::server::cli
