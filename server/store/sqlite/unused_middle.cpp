// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/unused_middle.hpp"

namespace tl::server::sqlite {
namespace {

constexpr std::size_t kDatabaseHeader = 100;
constexpr std::size_t kSmallestPage = 512;
constexpr std::size_t kLargestPage = 65536;

enum PageType : unsigned char {
  kInteriorIndex = 2,
  kInteriorTable = 5,
  kLeafIndex = 10,
  kLeafTable = 13
};

std::size_t number_at(std::string_view page, std::size_t at) {
  return static_cast<unsigned char>(page[at]) * 256U + static_cast<unsigned char>(page[at + 1]);
}

std::size_t size_of_header(std::string_view page, std::size_t at) {
  switch (static_cast<unsigned char>(page[at])) {
    case kInteriorIndex:
    case kInteriorTable:
      return 12;
    case kLeafIndex:
    case kLeafTable:
      return 8;
    default:
      return 0;
  }
}

}  // namespace

ByteRange unused_middle(std::string_view page, bool is_first) {
  if (page.size() < kSmallestPage || page.size() > kLargestPage) return {};
  const std::size_t header = is_first ? kDatabaseHeader : 0;
  const std::size_t size = size_of_header(page, header);
  if (size == 0) return {};
  const std::size_t pointers_end = header + size + 2 * number_at(page, header + 3);
  std::size_t cells_begin = number_at(page, header + 5);
  if (cells_begin == 0) cells_begin = kLargestPage;
  if (pointers_end > cells_begin || cells_begin > page.size()) return {};
  return {pointers_end, cells_begin};
}

}  // namespace tl::server::sqlite
