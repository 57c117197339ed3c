// SPDX-License-Identifier: Apache-2.0
// Every fuzz target over its corpus, whole and cut short: what was found once stays mended without
// a fuzzer. A target ends the program where something does not hold.
#include "tests/catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

// Each has the name that libFuzzer wants; here each gets its own.
#define LLVMFuzzerTestOneInput fuzz_config
#include "tests/fuzz/config_fuzz.cpp"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_cost_file
#include "tests/fuzz/cost_file_fuzz.cpp"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_decode_batch
#include "tests/fuzz/decode_batch_fuzz.cpp"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_form_fields
#include "tests/fuzz/form_fields_fuzz.cpp"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_paths
#include "tests/fuzz/paths_fuzz.cpp"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_provider_answers
#include "tests/fuzz/provider_answers_fuzz.cpp"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_request_texts
#include "tests/fuzz/request_texts_fuzz.cpp"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_stated
#include "tests/fuzz/stated_fuzz.cpp"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_touch
#include "tests/fuzz/touch_fuzz.cpp"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_vendor_answers
#include "tests/fuzz/vendor_answers_fuzz.cpp"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_webhooks
#include "tests/fuzz/webhooks_fuzz.cpp"
#undef LLVMFuzzerTestOneInput

namespace {

using FuzzTarget = int (*)(const std::uint8_t*, std::size_t);

constexpr std::size_t kMostCuts = 64;

std::size_t run_over_corpus(const std::string& name, FuzzTarget target) {
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(TL_CORPUS_FOLDER) + "/" + name)) {
    INFO(entry.path());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    target(data, bytes.size());
    const std::size_t step = bytes.size() / kMostCuts + 1;
    for (std::size_t size = 0; size < bytes.size(); size += step) target(data, size);
    ++files;
  }
  return files;
}

}  // namespace

TEST_CASE("no parser of foreign bytes breaks over its corpus", "[fuzz]") {
  const std::vector<std::pair<std::string, FuzzTarget>> targets = {
      {"config", fuzz_config},
      {"cost_file", fuzz_cost_file},
      {"decode_batch", fuzz_decode_batch},
      {"form_fields", fuzz_form_fields},
      {"paths", fuzz_paths},
      {"provider_answers", fuzz_provider_answers},
      {"request_texts", fuzz_request_texts},
      {"stated", fuzz_stated},
      {"touch", fuzz_touch},
      {"vendor_answers", fuzz_vendor_answers},
      {"webhooks", fuzz_webhooks}};
  for (const auto& [name, target] : targets) {
    INFO(name);
    CHECK(run_over_corpus(name, target) >= 3);
  }
}
