// SPDX-License-Identifier: Apache-2.0
// classify FILE: {"url","referrer","site_hosts":[…]} a line to the channel it would be counted as.
// Needs no configuration.

#include "server/cli/commands.hpp"
#include "server/cli/json_line.hpp"
#include "server/core/classify/own_referrer.hpp"
#include "server/core/classify/touch_classifier.hpp"
#include "server/core/text/foreign_json.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <vector>

namespace tl::server::cli {
namespace {

using OrderedJson = nlohmann::ordered_json;  // answers keep the documented order

std::string bad_line(const char* message) {
  return json_line({{"error", {{"code", "malformed_line"}, {"message", message}}}});
}

// site_hosts count like the origins of a site: their whole domain is its own.
SiteConfig site_of(const OrderedJson& line) {
  SiteConfig site;
  const auto hosts = line.find("site_hosts");
  if (hosts == line.end() || !hosts->is_array()) return site;
  for (const auto& host : *hosts)
    if (host.is_string()) site.origins.push_back("https://" + host.get<std::string>());
  return site;
}

std::string classify_line(std::string_view line, TouchClassifier& classifier) {
  const auto input = parse_foreign_json<OrderedJson>(line);
  if (!input.is_object()) return bad_line("A line is one JSON object with url and referrer.");
  for (const char* name : {"url", "referrer"})
    if (const auto found = input.find(name);
        found != input.end() && !found->is_string() && !found->is_null())
      return bad_line("url and referrer are texts.");
  const auto text_of = [&](const char* name) -> std::string {
    const auto found = input.find(name);
    return found != input.end() && found->is_string() ? found->get<std::string>() : "";
  };
  auto url = text_of("url");
  const auto referrer = text_of("referrer");
  // Known by its referrer alone; without either it stays without a page, which is unknown.
  if (url.empty() && !referrer.empty()) url = "https://page.invalid/";
  std::vector<char> memory(8 * (url.size() + referrer.size()) + 4096);
  Out arena(memory.data(), memory.size());
  auto touch = extract_touch(url, referrer, arena);
  settle_referrer(touch, url, referrer, site_of(input), true);
  const auto found = classifier.classify(touch);
  OrderedJson clicks = OrderedJson::object();
  for (std::size_t i = 0; i < touch.click_id_count; ++i)
    clicks[std::string(param_name(touch.click_ids[i].param))] = touch.click_ids[i].value;
  return json_line({{"channel", channel_name(found.channel)},
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
  command->callback([&session, path] {
    TouchClassifier classifier;
    answer_lines(session, *path,
                 [&classifier](std::string_view line) { return classify_line(line, classifier); });
  });
}

}  // namespace tl::server::cli
