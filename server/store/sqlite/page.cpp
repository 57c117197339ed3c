// SPDX-License-Identifier: Apache-2.0
// Reading and writing cursors.

#include "server/store/sqlite/page.hpp"

#include "server/core/access/secret_box.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace tl::server::sqlite {
namespace {

constexpr std::uint32_t kMaxLimit = 1000;
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

bool parse_number(std::string_view text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Outcome<PageRange> page_range(const ListQuery& query) {
  PageRange range;
  range.from_ms = query.from_ms.value_or(std::numeric_limits<std::int64_t>::min());
  range.to_ms = query.to_ms.value_or(kMax);
  range.limit = std::clamp<std::uint32_t>(query.limit, 1, kMaxLimit);
  range.before.t_ms = kMax;
  if (query.cursor.empty()) return range;

  const std::string_view text = query.cursor;
  const std::size_t dot = text.find('.');
  std::optional<std::string> key;
  if (dot != std::string_view::npos && parse_number(text.substr(0, dot), range.before.t_ms))
    key = from_base64url(text.substr(dot + 1));
  if (!key)
    return invalid("bad_cursor",
                   "cursor is not one that this list gave out; pass next_cursor unchanged");
  range.before.key = std::move(*key);
  return range;
}

std::string write_cursor(const PagePosition& position) {
  return std::to_string(position.t_ms) + "." + to_base64url(position.key);
}

std::int64_t row_number(const PagePosition& position) {
  std::int64_t number = 0;
  return parse_number(position.key, number) ? number : kMax;
}

}  // namespace tl::server::sqlite
