// SPDX-License-Identifier: Apache-2.0
// A configuration file (preset fuzz). What is wrong in it has a sentence; what loads has sites with
// names. No file and no variable is behind any value.
#include "server/config/load_config.hpp"
#include "tests/fuzz/fuzz_input.hpp"

#include <optional>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tl::server;
  const std::string_view text = tl::fuzz::text_of(data, size);
  if (text.find("file:") != text.npos) return 0;  // reads no file of this machine
  const ValueSource source([](const std::string&) { return std::optional<std::string>(); },
                           "/nowhere");
  const auto loaded = parse_config(text, "fuzz.toml", source);
  if (!loaded.ok()) {
    tl::fuzz::demand(!loaded.error().code.empty() && !loaded.error().detail.empty());
    return 0;
  }
  for (const auto& site : loaded.value().config.sites) tl::fuzz::demand(!site.id.empty());
  return 0;
}
