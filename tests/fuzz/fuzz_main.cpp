// SPDX-License-Identifier: Apache-2.0
// libFuzzer over the target that TL_FUZZ_TARGET names (preset fuzz; tools/fuzz runs it). Another
// name than a target's lists them all.
#include "tests/fuzz/fuzz_targets.hpp"

#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const tl::fuzz::FuzzTarget* const chosen = [] {
    const char* given = std::getenv("TL_FUZZ_TARGET");
    const std::string_view wanted = given == nullptr ? "" : given;
    for (const auto& target : tl::fuzz::kTargets)
      if (target.name == wanted) return &target;
    for (const auto& target : tl::fuzz::kTargets)
      std::printf("%.*s\n", static_cast<int>(target.name.size()), target.name.data());
    std::exit(2);
  }();
  return chosen->run(data, size);
}
