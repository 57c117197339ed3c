// SPDX-License-Identifier: Apache-2.0
// device FILE: a user agent a line to browser, system, device and bot. Needs no configuration.

#include "server/cli/commands.hpp"
#include "server/cli/json_line.hpp"
#include "server/core/classify/agent_reader.hpp"

#include <nlohmann/json.hpp>

#include <memory>

namespace tl::server::cli {
namespace {

std::string device_line(std::string_view line, AgentReader& reader) {
  const auto agent = reader.read(line, {});
  nlohmann::ordered_json json = {
      {"browser", agent->browser}, {"browser_version", agent->browser_version},
      {"os", agent->os},           {"os_version", agent->os_version},
      {"device", agent->device},   {"bot", nullptr}};
  if (agent->bot) json["bot"] = {{"name", agent->bot->name}, {"reason", agent->bot->reason}};
  return json_line(json);
}

}  // namespace

void add_device(CLI::App& parser, Session& session) {
  auto* command = parser.add_subcommand("device", "what user agents are taken for, line by line");
  const auto path = std::make_shared<std::string>();
  command->add_option("file", *path, "a user agent a line; - for standard input")->required();
  command->callback([&session, path] {
    AgentReader reader;
    answer_lines(session, *path,
                 [&reader](std::string_view line) { return device_line(line, reader); });
  });
}

}  // namespace tl::server::cli
