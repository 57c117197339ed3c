// SPDX-License-Identifier: Apache-2.0
// Numbers channel names in the order in which they come.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server::attribute {

class ChannelNames {
 public:
  ChannelNames() : slots_(64) {}

  std::uint32_t number_of(std::string_view name);
  [[nodiscard]] const std::deque<std::string>& names() const { return names_; }

 private:
  struct Slot {
    std::uint32_t tag = 0, number_plus_one = 0;
  };
  void grow();

  std::deque<std::string> names_;
  std::vector<Slot> slots_;  // a power of two, at most half full
};

}  // namespace tl::server::attribute
