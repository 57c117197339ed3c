// SPDX-License-Identifier: Apache-2.0
#include "server/attribute/channel_names.hpp"

#include "server/attribute/text_hash.hpp"

namespace tl::server::attribute {

std::uint32_t ChannelNames::number_of(std::string_view name) {
  const std::uint64_t hash = text_hash(name);
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at].number_plus_one != 0; at = (at + 1) & mask)
    if (slots_[at].tag == tag && names_[slots_[at].number_plus_one - 1] == name)
      return slots_[at].number_plus_one - 1;
  names_.emplace_back(name);
  const auto number = static_cast<std::uint32_t>(names_.size() - 1);
  slots_[at] = {tag, number + 1};
  if (2 * names_.size() > slots_.size()) grow();
  return number;
}

void ChannelNames::grow() {
  std::vector<Slot> grown(2 * slots_.size());
  const std::size_t mask = grown.size() - 1;
  for (std::uint32_t number = 0; number < names_.size(); ++number) {
    const std::uint64_t hash = text_hash(names_[number]);
    std::size_t at = hash & mask;
    while (grown[at].number_plus_one != 0) at = (at + 1) & mask;
    grown[at] = {static_cast<std::uint32_t>(hash >> 32), number + 1};
  }
  slots_.swap(grown);
}

}  // namespace tl::server::attribute
