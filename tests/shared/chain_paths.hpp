// SPDX-License-Identifier: Apache-2.0
// A vocabulary for tests of Markov chains: paths by name, and what a chain over them answers.
#pragma once

#include "catch.hpp"
#include "models/removal_effect.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tl::test {

// One letter a channel.
struct LetterPath {
  std::string letters;
  std::uint64_t conversions = 0, nulls = 0;
  double value = 0;
};

struct Effects {
  std::string error;
  models::ChainTotals totals;
  std::map<char, double> of_conversions, of_value;
};

inline Effects effects_of(const std::vector<LetterPath>& paths, std::uint32_t order) {
  std::string letters;
  for (const auto& path : paths) letters += path.letters;
  std::sort(letters.begin(), letters.end());
  letters.erase(std::unique(letters.begin(), letters.end()), letters.end());

  std::vector<models::Chain::Row> rows(models::Chain::row_limit(letters.size(), order));
  std::vector<models::Chain::Cell> cells(rows.size() * letters.size());
  models::Chain chain(letters.size(), order, rows, cells);
  Effects effects;
  for (const auto& path : paths) {
    std::vector<std::uint32_t> numbers;
    for (const char letter : path.letters)
      numbers.push_back(static_cast<std::uint32_t>(letters.find(letter)));
    const auto added = chain.add(numbers, path.conversions, path.value, path.nulls);
    if (!added.ok()) effects.error = added.error().code;
  }
  std::vector<double> scratch(models::removal_scratch(chain)), conversions(letters.size()),
      value(letters.size());
  const auto totals = models::removal_effects(chain, {conversions, value}, scratch);
  if (!totals.ok()) {
    effects.error = totals.error().code;
    return effects;
  }
  effects.totals = totals.value();
  for (std::size_t i = 0; i < letters.size(); ++i) {
    effects.of_conversions[letters[i]] = conversions[i];
    effects.of_value[letters[i]] = value[i];
  }
  return effects;
}

}  // namespace tl::test
