// SPDX-License-Identifier: Apache-2.0
// The middle of a b-tree page, between its cell pointers and its cells, holds nothing: but as
// SQLite moves cells to a neighbour it leaves their copies there, which secure_delete does not know
// when the row is deleted later. Layout: https://sqlite.org/fileformat2.html#b_tree_pages
#pragma once

#include <cstddef>
#include <string_view>

namespace tl::server::sqlite {

struct ByteRange {
  std::size_t begin = 0, end = 0;
};

// Empty where `page` is no b-tree page. `is_first`: it begins with the database's header. Not for
// databases with auto_vacuum, whose pointer maps may look like b-tree pages.
ByteRange unused_middle(std::string_view page, bool is_first);

}  // namespace tl::server::sqlite
