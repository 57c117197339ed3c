// SPDX-License-Identifier: Apache-2.0
// The Markov chain of a file of paths, with the memory that shared/models asks its caller for.
#pragma once

#include "models/removal_effect.hpp"
#include "server/attribute/path_models.hpp"

#include <vector>

namespace tl::server::attribute {

class PathChain {
 public:
  PathChain(std::size_t channels, std::uint32_t order);

  // Errors: too_large (too_many_states).
  Result<void> add(const PathFile& file, const ChannelOrder& channels);
  // Errors: those of models::removal_effects.
  Result<models::ChainTotals> solve();

  [[nodiscard]] const std::vector<double>& of_conversions() const { return of_conversions_; }
  [[nodiscard]] const std::vector<double>& of_value() const { return of_value_; }

 private:
  std::vector<models::Chain::Row> rows_;
  std::vector<models::Chain::Cell> cells_;
  models::Chain chain_;
  std::vector<double> of_conversions_, of_value_;
};

}  // namespace tl::server::attribute
