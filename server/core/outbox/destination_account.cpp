// SPDX-License-Identifier: Apache-2.0
#include "server/core/outbox/destination_account.hpp"

#include "throughline/hash.hpp"

#include <array>
#include <string>

namespace tl::server {
namespace {

// Of all kinds; no two of them mean different things by one.
constexpr std::array<std::string_view, 9> kTelling = {"pixel_id",
                                                      "pixel_code",
                                                      "measurement_id",
                                                      "customer_id",
                                                      "conversions.purchase",
                                                      "ad_account_id",
                                                      "tag_id",
                                                      "url",
                                                      "funnel"};

// LinkedIn is told rules alone: the oldest has the smallest number, and stays when others come.
std::string oldest_rule(const DestinationConfig& config) {
  std::string oldest;
  for (const auto& [name, value] : config.settings) {
    if (!name.starts_with("conversions.") || value.empty()) continue;
    if (oldest.empty() || value.size() < oldest.size() ||
        (value.size() == oldest.size() && value < oldest))
      oldest = value;
  }
  return oldest;
}

}  // namespace

std::int64_t account_of(const DestinationConfig& config) {
  std::string told = config.kind;
  if (config.kind == "linkedin") {
    told += "\n" + oldest_rule(config);
  } else {
    for (const auto& [name, value] : config.settings) {
      // A project of PostHog has no other name than its key, which its pages show to everybody.
      bool tells = name == "api_key" && config.kind == "posthog";
      for (const auto telling : kTelling) tells = tells || name == telling;
      if (tells && !value.empty()) told.append("\n").append(name).append("=").append(value);
    }
  }
  const Digest digest = sha256(told);
  std::int64_t account = 0;
  for (int i = 0; i < 7; ++i) account = account << 8 | digest[static_cast<std::size_t>(i)];
  return account;
}

}  // namespace tl::server
