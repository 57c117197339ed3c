// SPDX-License-Identifier: Apache-2.0
// Out: append-only writer over a buffer of the caller. Never allocates; remembers overflow.
// After an overflow nothing more is written and `overflowed()` stays true, so callers check once at
// the end. Views taken from it stay valid as long as the caller's buffer does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tl {

class Out {
 public:
  Out(char* buffer, std::size_t capacity) : buffer_(buffer), capacity_(capacity) {}

  // Out of line on purpose: a call is a fifth of the code, and the WASM has a hundred of them.
  [[gnu::noinline]] void put(char c);
  void put(std::string_view text);                             // whole or not at all
  void put_int(std::int64_t number);                           // decimal
  void put_hex(const std::uint8_t* bytes, std::size_t count);  // lower case

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool overflowed() const { return overflowed_; }
  [[nodiscard]] std::string_view view() const { return {buffer_, size_}; }
  // What was written since `mark`, a former size().
  [[nodiscard]] std::string_view since(std::size_t mark) const {
    return {buffer_ + mark, size_ - mark};
  }
  // Forgets everything written after `mark`; does not clear an overflow.
  void rewind(std::size_t mark) {
    size_ = mark;
    if (overflowed_) capacity_ = mark;
  }

 private:
  void overflow() {
    overflowed_ = true;
    capacity_ = size_;
  }

  char* buffer_;
  std::size_t capacity_;
  std::size_t size_ = 0;
  bool overflowed_ = false;
};

}  // namespace tl
