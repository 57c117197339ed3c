// SPDX-License-Identifier: Apache-2.0
// Small vocabulary of the core's tests: text in, text out, with buffers that live as long as the
// test.
#pragma once

#include "throughline/hash.hpp"
#include "throughline/text.hpp"
#include "throughline/touch.hpp"

#include <array>
#include <string>
#include <string_view>

namespace tl::test {

// An arena with room for everything.
class Arena {
 public:
  Out& out() { return out_; }

 private:
  std::array<char, 64 * 1024> buffer_{};
  Out out_{buffer_.data(), buffer_.size()};
};

// What `write(out)` writes.
template <class Write>
std::string written(Write write) {
  static std::array<char, 256 * 1024> buffer;
  Out out(buffer.data(), buffer.size());
  write(out);
  return std::string(out.view());
}

inline std::string text(const Id128& id) {
  return written([&](Out& out) { write_uuid(id, out); });
}

inline std::string reduced(std::string_view url, std::string_view keep = {},
                           bool marketing = true) {
  return written([&](Out& out) { reduce_url(url, keep, marketing, out); });
}

inline std::string wire(const Touch& touch) {
  return written([&](Out& out) { write_touch(touch, out); });
}

}  // namespace tl::test
