// SPDX-License-Identifier: Apache-2.0
// The parts of Out that are too long to inline. A text is written whole or not at all, so that an
// overflow never cuts a UTF-8 character in two.
#include "throughline/out.hpp"

#include <cstring>

namespace tl {

void Out::put(char c) {
  if (size_ < capacity_) {
    buffer_[size_++] = c;
  } else {
    overflow();
  }
}

void Out::put(std::string_view text) {
  if (text.size() > capacity_ - size_) {
    overflow();
    return;
  }
  if (!text.empty()) std::memcpy(buffer_ + size_, text.data(), text.size());
  size_ += text.size();
}

void Out::put_int(std::int64_t number) {
  char digits[20];
  std::size_t first = sizeof digits;
  // Negating in unsigned arithmetic is defined for INT64_MIN too.
  auto rest = static_cast<std::uint64_t>(number);
  if (number < 0) rest = 0 - rest;
  do {
    digits[--first] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (number < 0) digits[--first] = '-';
  put({digits + first, sizeof digits - first});
}

void Out::put_hex(const std::uint8_t* bytes, std::size_t count) {
  for (std::size_t i = 0; i < count * 2; ++i) {
    const int nibble = (i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2]) & 15;
    put(static_cast<char>(nibble + (nibble < 10 ? '0' : 'a' - 10)));
  }
}

}  // namespace tl
