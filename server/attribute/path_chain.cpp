// SPDX-License-Identifier: Apache-2.0
#include "server/attribute/path_chain.hpp"

namespace tl::server::attribute {

using models::Chain;

PathChain::PathChain(std::size_t channels, std::uint32_t order)
    : rows_(Chain::row_limit(channels, order)),
      cells_(rows_.size() * channels),
      chain_(channels, order, rows_, cells_),
      of_conversions_(channels),
      of_value_(channels) {}

Result<void> PathChain::add(const PathFile& file, const ChannelOrder& channels) {
  Result<void> added;
  for (std::size_t part = 0; part < file.parts.size(); ++part)
    file.parts[part].paths.for_each(channels.numbers[part], [&](std::span<const std::uint32_t> path,
                                                                const PathTable::Counts& counts) {
      if (path.empty() || !added.ok()) return;
      added = chain_.add(path, counts.conversions, counts.value, counts.nulls, counts.value_rest);
    });
  return added;
}

Result<models::ChainTotals> PathChain::solve() {
  std::vector<double> scratch(models::removal_scratch(chain_));
  return models::removal_effects(chain_, {of_conversions_, of_value_}, scratch);
}

}  // namespace tl::server::attribute
