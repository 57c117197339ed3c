// SPDX-License-Identifier: Apache-2.0
// Three rows of the usual table: insertion, deletion, replacement, swap of neighbours cost 1 each.

#include "server/core/text/nearest_name.hpp"

#include <algorithm>
#include <utility>

namespace tl::server {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest_name(std::string_view typed, const std::vector<std::string>& valid) {
  std::string best;
  std::size_t best_distance = 0;
  for (const auto& name : valid) {
    const auto distance = edit_distance(typed, name);
    const auto allowed = std::max<std::size_t>(std::max(typed.size(), name.size()) / 3, 1);
    if (distance > allowed || (!best.empty() && distance >= best_distance)) continue;
    best = name;
    best_distance = distance;
  }
  return best;
}

}  // namespace tl::server
