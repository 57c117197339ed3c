// SPDX-License-Identifier: Apache-2.0
// What the compiler and the C++ library's headers call although no C library is linked.
#include <cstddef>

extern "C" {

// Where the library would throw: with a trap the module imports nothing.
void abort() {
  __builtin_trap();
}

[[clang::no_builtin]] int memcmp(const void* a, const void* b, std::size_t size) {
  const auto* x = static_cast<const unsigned char*>(a);
  const auto* y = static_cast<const unsigned char*>(b);
  for (; size > 0; --size, ++x, ++y) {
    if (*x != *y) return *x - *y;
  }
  return 0;
}

[[clang::no_builtin]] std::size_t strlen(const char* text) {
  std::size_t size = 0;
  while (text[size] != '\0') ++size;
  return size;
}
}
