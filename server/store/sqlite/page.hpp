// SPDX-License-Identifier: Apache-2.0
// Keyset pages: rows in (time, key) order, newest first; a cursor is the last row's position,
// written
// "<ms>.<base64url key>", so that a page stays right while rows are added.
//
//   SELECT … WHERE site_id = ? AND t_ms >= ? AND t_ms < ? AND (t_ms, key) < (?, ?)
//   ORDER BY t_ms DESC, key DESC LIMIT ?          one row more than asked for
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/records.hpp"
#include "server/store/sqlite/connection.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tl::server::sqlite {

struct PagePosition {
  std::int64_t t_ms = 0;
  std::string key;  // bytes of the id, or the decimal row id
};

// What a ListQuery asks for, with defaults filled in.
struct PageRange {
  std::int64_t from_ms = 0, to_ms = 0;
  std::uint32_t limit = 0;
  PagePosition before;  // newer than everything when there is no cursor
};

// Errors: invalid (bad_cursor).
Outcome<PageRange> page_range(const ListQuery& query);
std::string write_cursor(const PagePosition& position);
// The key of a row that is numbered instead of having an id.
std::int64_t row_number(const PagePosition& position);

// Cuts the extra row off and makes the cursor from the last one kept.
template <class Row, class Position>
Page<Row> cut_page(std::vector<Row> rows, std::uint32_t limit, Position&& position_of) {
  Page<Row> page;
  if (rows.size() > limit) {
    rows.resize(limit);
    page.next_cursor = write_cursor(position_of(rows.back()));
  }
  page.items = std::move(rows);
  return page;
}

inline PagePosition position(std::int64_t t_ms, const Id128& id) {
  return {t_ms, std::string(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size())};
}
inline PagePosition position(std::int64_t t_ms, std::int64_t number) {
  return {t_ms, std::to_string(number)};
}

}  // namespace tl::server::sqlite
