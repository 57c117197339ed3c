// SPDX-License-Identifier: Apache-2.0
// The whole host list, for the server. Its own file and library (tl_hosts), so that the browser's
// core cannot pull it in.
#include "hosts_all.inc"
#include "param_table.inc"
#include "throughline/channel.hpp"

namespace tl {
namespace {

// FNV-1a, 32 bits.
constexpr std::uint32_t hash_of(std::uint32_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16'777'619U;
  return hash;
}

}  // namespace

const HostTable& all_hosts() {
  static constexpr HostTable kTable{{kAllHostText, sizeof kAllHostText - 1}};
  return kTable;
}

std::uint32_t classification_version() {
  static constexpr std::uint32_t kVersion = hash_of(
      hash_of(
          hash_of(hash_of(2'166'136'261U ^ kChannelRules, {kAllHostText, sizeof kAllHostText - 1}),
                  {kParamNameText, sizeof kParamNameText - 1}),
          {kParamTraitText, sizeof kParamTraitText - 1}),
      kParamPlatforms);
  return kVersion;
}

}  // namespace tl
