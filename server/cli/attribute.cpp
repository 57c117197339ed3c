// SPDX-License-Identifier: Apache-2.0
// attribute paths FILE.csv and attribute touches FILE.ndjson: the models on plain files, without a
// store or a configuration.

#include "server/attribute/mapped_file.hpp"
#include "server/attribute/path_models.hpp"
#include "server/cli/attribute_answer.hpp"
#include "server/cli/attribute_touches.hpp"
#include "server/cli/commands.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <thread>

namespace tl::server::cli {
namespace {

using attribute::PathModel;

struct PathsRequest {
  std::string file, models, orders = "1", format = "json";
  unsigned threads = std::max(1U, std::thread::hardware_concurrency());
};

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> names;
  std::size_t start = 0;
  for (std::size_t comma = 0; comma != std::string::npos; start = comma + 1) {
    comma = text.find(',', start);
    names.push_back(text.substr(start, comma - start));
  }
  return names;
}

std::string all_path_names() {
  std::string names;
  for (const PathModel model : attribute::all_path_models())
    names += (names.empty() ? "" : ",") + std::string(attribute::path_model_name(model));
  return names;
}

std::string unknown_path_model(const std::string& text) {
  PathModel model{};
  for (const auto& name : split_list(text))
    if (!attribute::parse_path_model(name, model))
      return "there is no model \"" + name + "\" for paths; there are " + all_path_names();
  return {};
}

bool parse_order(const std::string& text, std::uint32_t& order) {
  if (text.size() != 1 || text[0] < '1' || text[0] > '3') return false;
  order = static_cast<std::uint32_t>(text[0] - '0');
  return true;
}

std::string bad_order(const std::string& text) {
  std::uint32_t order = 0;
  for (const auto& each : split_list(text))
    if (!parse_order(each, order)) return "--order takes 1, 2, 3 or a list of them";
  return {};
}

// In the order given, each once.
template <class T>
void push_new(std::vector<T>& list, T item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

const char* explain_code(std::string_view code) {
  if (code == "no_conversions")
    return "no_conversions: no path of the file converts, so there is no Markov model.";
  return "too_many_states: these paths make more states than a chain may have (4096); lower "
         "--order "
         "or merge channels.";
}

void attribute_paths(Session& session, const PathsRequest& request) {
  const auto file = attribute::MappedFile::open(request.file);
  if (!file.ok()) {
    std::cerr << "Cannot read " << request.file << ".\n";
    session.exit_code = 1;
    return;
  }
  const auto paths = attribute::read_paths(file.value().bytes(), request.threads);
  for (const auto& bad : paths.bad_lines)
    std::cerr << request.file << ":" << bad.line << ": " << bad.message << "\n";
  if (paths.bad_line_count > 0) {
    std::cerr << paths.bad_line_count << " bad line" << (paths.bad_line_count == 1 ? "" : "s")
              << "; nothing was computed.\n";
    session.exit_code = 1;
    return;
  }
  std::vector<PathModel> models;
  for (const auto& name : split_list(request.models)) {
    PathModel model{};
    if (attribute::parse_path_model(name, model)) push_new(models, model);
  }
  std::vector<std::uint32_t> orders;
  for (const auto& text : split_list(request.orders)) {
    std::uint32_t order = 0;
    if (parse_order(text, order)) push_new(orders, order);
  }
  const auto answer = attribute::attribute_paths(paths, models, orders);
  if (answer.error != nullptr) {
    std::cerr << explain_code(answer.error) << "\n";
    session.exit_code = 1;
    return;
  }
  std::cout << (request.format == "csv" ? answer_as_csv(answer) : answer_as_json(answer))
            << std::flush;
}

void add_paths(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("paths", "credits per channel over a CSV of paths");
  const auto request = std::make_shared<PathsRequest>();
  request->models = all_path_names();
  command->add_option("file", request->file, "CSV; - for standard input")->required();
  command->add_option("--model", request->models, "comma list; default: all")
      ->check(unknown_path_model);
  command->add_option("--order", request->orders, "of the Markov models: 1, 2, 3 or a list")
      ->check(bad_order);
  command->add_option("--threads", request->threads, "default: one a processor")
      ->check(CLI::Range(1U, 256U));
  command->add_option("--format", request->format, "json or csv")
      ->check(CLI::IsMember({"json", "csv"}));
  command->callback([&session, request] { attribute_paths(session, *request); });
}

void add_touches(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("touches", "credits per touch, a conversion a line");
  struct Request {
    std::string file, models = "all", format = "ndjson";
  };
  const auto request = std::make_shared<Request>();
  command->add_option("file", request->file, "NDJSON; - for standard input")->required();
  command->add_option("--model", request->models, "comma list, or all")
      ->check([](const std::string& text) {
        return TouchModels::complaint(text == "all" ? std::vector<std::string>{}
                                                    : split_list(text));
      });
  command->add_option("--format", request->format, "ndjson")->check(CLI::IsMember({"ndjson"}));
  command->callback([&session, request] {
    const TouchModels models(request->models == "all" ? std::vector<std::string>{}
                                                      : split_list(request->models));
    answer_lines(session, request->file,
                 [&](std::string_view line) { return models.answer(line); });
  });
}

}  // namespace

void add_attribute(CLI::App& parser, Session& session) {
  auto* group = parser.add_subcommand("attribute", "the attribution models on plain files");
  group->require_subcommand(1);
  add_paths(*group, session);
  add_touches(*group, session);
}

}  // namespace tl::server::cli
