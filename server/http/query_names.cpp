// SPDX-License-Identifier: Apache-2.0

#include "server/http/query_names.hpp"

#include "server/core/text/nearest_name.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <set>

namespace tl::server::http {
namespace {

constexpr std::size_t kLongestToldName = 64;

}  // namespace

Outcome<void> check_query_names(const Request& request, const std::vector<std::string>& names,
                                std::string_view many) {
  std::set<std::string_view> seen;
  for (const auto& [name, value] : request.query) {
    const std::string told(cut_utf8(name, kLongestToldName));
    if (!seen.insert(name).second && name != many)
      return invalid("repeated_parameter", told + " stands twice; send it once");
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    std::string known;
    for (const auto& each : names) known += (known.empty() ? "" : ", ") + each;
    const auto near = nearest_name(name, names);
    return invalid("unknown_parameter",
                   "\"" + told + "\" is no parameter; " +
                       (near.empty() ? "there are " + known : "did you mean " + near + "?"));
  }
  return {};
}

}  // namespace tl::server::http
