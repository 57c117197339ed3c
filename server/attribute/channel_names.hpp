// SPDX-License-Identifier: Apache-2.0
// Numbers channel names in the order in which they come. A name of up to 16 bytes is its first and
// its last eight (which overlap), so two comparisons of words know it.
#pragma once

#include "server/attribute/text_hash.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace tl::server::attribute {

class ChannelNames {
 public:
  std::uint32_t number_of(std::string_view name);
  // The same; 8 bytes behind the name are readable.
  std::uint32_t number_of_lent(std::string_view name) {
    if (name.size() > kWhole) return number_of(name);
    const Key key = key_of(name, word_at(name.data()),
                           word_at(name.data() + std::max(name.size(), kWordBytes) - kWordBytes));
    const Slot& slot = slots_[key.hash() & mask_];
    return slot.key == key ? slot.number : number_of(name, key);
  }
  [[nodiscard]] const std::deque<std::string>& names() const { return names_; }

 private:
  static constexpr std::size_t kWhole = 2 * kWordBytes;  // what a key says all of
  struct Key {
    std::uint64_t first = 0, last = 0, size = 0;
    bool operator==(const Key&) const = default;
    [[nodiscard]] std::size_t hash() const {
      const std::uint64_t hash = (first + last * 0x9E3779B97F4A7C15 + size) * 0x9E3779B97F4A7C15;
      return static_cast<std::size_t>(hash >> 32);
    }
  };
  struct Slot {
    Key key;
    std::uint32_t number = kFree;
  };
  static constexpr std::uint32_t kFree = ~std::uint32_t{0};

  static Key key_of(std::string_view name, std::uint64_t first, std::uint64_t last) {
    return {first_bytes(first, name.size()), first_bytes(last, name.size()), name.size()};
  }
  std::uint32_t number_of(std::string_view name, const Key& key);
  Slot& place_of(std::string_view name, const Key& key);
  void grow();

  std::deque<std::string> names_;
  std::size_t mask_ = 63;
  std::unique_ptr<Slot[]> slots_ = std::make_unique<Slot[]>(mask_ + 1);  // at most half are taken
};

}  // namespace tl::server::attribute
