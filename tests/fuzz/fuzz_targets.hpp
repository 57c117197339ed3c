// SPDX-License-Identifier: Apache-2.0
// Every fuzz target by name, in one file that is compiled and linked once. Each is a function of
// the name that libFuzzer wants; here each gets its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#define LLVMFuzzerTestOneInput fuzz_bodies
#include "tests/fuzz/bodies_fuzz.cpp"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_config
#include "tests/fuzz/config_fuzz.cpp"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_cost_file
#include "tests/fuzz/cost_file_fuzz.cpp"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_decode_batch
#include "tests/fuzz/decode_batch_fuzz.cpp"
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
#define LLVMFuzzerTestOneInput fuzz_routes
#include "tests/fuzz/routes_fuzz.cpp"
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
#define LLVMFuzzerTestOneInput fuzz_zone_file
#include "tests/fuzz/zone_file_fuzz.cpp"
#undef LLVMFuzzerTestOneInput

namespace tl::fuzz {

struct FuzzTarget {
  std::string_view name;
  int (*run)(const std::uint8_t*, std::size_t);
};

inline constexpr std::array kTargets = {FuzzTarget{"bodies", fuzz_bodies},
                                        FuzzTarget{"config", fuzz_config},
                                        FuzzTarget{"cost_file", fuzz_cost_file},
                                        FuzzTarget{"decode_batch", fuzz_decode_batch},
                                        FuzzTarget{"paths", fuzz_paths},
                                        FuzzTarget{"provider_answers", fuzz_provider_answers},
                                        FuzzTarget{"request_texts", fuzz_request_texts},
                                        FuzzTarget{"routes", fuzz_routes},
                                        FuzzTarget{"touch", fuzz_touch},
                                        FuzzTarget{"vendor_answers", fuzz_vendor_answers},
                                        FuzzTarget{"webhooks", fuzz_webhooks},
                                        FuzzTarget{"zone_file", fuzz_zone_file}};

}  // namespace tl::fuzz
