// SPDX-License-Identifier: Apache-2.0
#include "server/attribute/channel_names.hpp"

#include <span>
#include <utility>

namespace tl::server::attribute {

std::uint32_t ChannelNames::number_of(std::string_view name) {
  if (name.size() > kWhole) return number_of(name, {text_hash(name), 0, name.size()});
  const char* const end = name.data() + name.size();
  const char* const last = name.size() < kWordBytes ? name.data() : end - kWordBytes;
  return number_of(name, key_of(name, word_at(name.data(), end), word_at(last, end)));
}

std::uint32_t ChannelNames::number_of(std::string_view name, const Key& key) {
  Slot& slot = place_of(name, key);
  if (slot.number != kFree) return slot.number;
  const auto number = static_cast<std::uint32_t>(names_.size());
  names_.emplace_back(name);
  slot = {key, number};
  if (2 * names_.size() > mask_ + 1) grow();
  return number;
}

// Where the name is or would be.
ChannelNames::Slot& ChannelNames::place_of(std::string_view name, const Key& key) {
  for (std::size_t at = key.hash() & mask_;; at = (at + 1) & mask_) {
    Slot& slot = slots_[at];
    if (slot.number == kFree ||
        (slot.key == key && (name.size() <= kWhole || names_[slot.number] == name)))
      return slot;
  }
}

void ChannelNames::grow() {
  const std::size_t before = mask_ + 1;
  const auto old = std::move(slots_);
  mask_ = 2 * before - 1;
  slots_ = std::make_unique<Slot[]>(2 * before);
  for (const Slot& slot : std::span(old.get(), before))
    if (slot.number != kFree) place_of(names_[slot.number], slot.key) = slot;
}

}  // namespace tl::server::attribute
