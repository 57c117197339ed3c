// SPDX-License-Identifier: Apache-2.0
// Every fuzz target over its corpus, whole and cut short: what was found once stays mended without
// a fuzzer. A target ends the program where something does not hold.
#include "tests/catch.hpp"
#include "tests/fuzz/fuzz_targets.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace {

constexpr std::size_t kMostCuts = 64;

std::size_t run_over_corpus(const tl::fuzz::FuzzTarget& target) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(TL_CORPUS_FOLDER) + "/" +
                                                               std::string(target.name))) {
    INFO(entry.path());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    target.run(data, bytes.size());
    const std::size_t step = bytes.size() / kMostCuts + 1;
    for (std::size_t size = 0; size < bytes.size(); size += step) target.run(data, size);
    ++files;
  }
  return files;
}

}  // namespace

TEST_CASE("no parser of foreign bytes breaks over its corpus", "[fuzz]") {
  for (const auto& target : tl::fuzz::kTargets) {
    INFO(target.name);
    CHECK(run_over_corpus(target) >= 3);
  }
}
