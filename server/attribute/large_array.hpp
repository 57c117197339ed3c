// SPDX-License-Identifier: Apache-2.0
// Arrays in pages of 2 MiB where the system has them: tables that are read here and there then
// fault in few pages and miss few of their addresses.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace tl::server::attribute {

inline constexpr std::size_t kLargePage = std::size_t{1} << 21;  // bytes

struct LargeArrayDeleter {
  void operator()(void* array) const { ::operator delete (array, std::align_val_t{kLargePage}); }
};
template <class T>
using LargeArray = std::unique_ptr<T[], LargeArrayDeleter>;

// `count` elements without a value.
template <class T>
LargeArray<T> make_large_array(std::size_t count) {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
  const std::size_t bytes = count * sizeof(T);
  void* const array = ::operator new (bytes, std::align_val_t{kLargePage});
#ifdef MADV_HUGEPAGE
  ::madvise(array, bytes, MADV_HUGEPAGE);  // advice: without it pages are small
#endif
  return LargeArray<T>(static_cast<T*>(array));
}

}  // namespace tl::server::attribute
