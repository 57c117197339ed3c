// SPDX-License-Identifier: Apache-2.0
// Runs golden vectors: reads a file with one {"op","in","out"} a line and prints the same lines
// with `out` computed again. A vector file is right when that changes nothing. Compiled natively
// and to WebAssembly; both must print the same bytes.
#include "vectors/vector_text.hpp"

#include <fstream>
#include <iostream>

namespace tl::vectors {
namespace {

// What the loader does without the core: run.mjs puts the loader's answer in its place.
Json left_to_page(const Json&) {
  return "page";
}

constexpr NamedOperation kOperations[] = {
    {"decide", run_decide},
    {"evidence", run_evidence},
    {"state", run_state},
    {"touch", run_touch},
    {"reduce_url", run_reduce},
    {"classify", run_classify},
    {"token", run_token},
    {"parse_token", run_parse_token},
    {"coarse_token", run_coarse_token},
    {"parse_coarse_token", run_parse_coarse_token},
    {"contact", run_contact},
    {"order_event_id", run_order_event_id},
    {"model", run_model},
    {"exp", run_exp},
    {"markov", run_markov},
    {"metadata", left_to_page},
    {"decorate", left_to_page},
};

}  // namespace

Json run_operation(std::string_view name, const Json& in) {
  for (const NamedOperation& operation : kOperations)
    if (operation.name == name) return operation.run(in);
  return nullptr;
}

}  // namespace tl::vectors

int main(int count, char** arguments) {
  using tl::vectors::Json;
  if (count != 2) {
    std::cerr << "usage: vector_driver FILE.jsonl\n";
    return 2;
  }
  std::ifstream file(arguments[1], std::ios::binary);
  if (!file) {
    std::cerr << "cannot read " << arguments[1] << "\n";
    return 2;
  }
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const Json vector = Json::parse(line, nullptr, false);
    if (vector.is_discarded() || !vector.contains("op") || !vector.contains("in")) {
      std::cerr << arguments[1] << ":" << number << ": needs an object with op and in\n";
      return 1;
    }
    const auto name = vector["op"].get<std::string>();
    const Json out = tl::vectors::run_operation(name, vector["in"]);
    if (out.is_null()) {
      std::cerr << arguments[1] << ":" << number << ": unknown op " << name << "\n";
      return 1;
    }
    std::cout << Json{{"op", name}, {"in", vector["in"]}, {"out", out}}.dump() << "\n";
  }
  return 0;
}
