// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/conversion_kind.hpp"

#include <algorithm>
#include <string>

namespace tl::server {

Outcome<void> check_conversion_kind(const SiteConfig& site, std::string_view kind) {
  constexpr std::string_view kKinds[] = {"purchase", "lead",   "opportunity",
                                         "customer", "signup", "custom"};
  const auto& own = site.conversion_events;
  if (std::find(std::begin(kKinds), std::end(kKinds), kind) != std::end(kKinds) ||
      std::find(own.begin(), own.end(), kind) != own.end())
    return {};
  std::string names;
  for (const auto name : kKinds)
    names += std::string(names.empty() ? "" : ", ") + std::string(name);
  for (const auto& name : own) names += ", " + name;
  return invalid("bad_kind", "kind=" + std::string(kind.substr(0, 64)) +
                                 " is no kind of conversion of this site; it has " + names);
}

}  // namespace tl::server
