// SPDX-License-Identifier: Apache-2.0
// Going through what is old a little at a time, where a row's time alone does not tell what is
// done: the visits of a site by their start, its orders by theirs. A mark for each kind says how
// far.
#pragma once

#include "server/core/ports/privacy_store.hpp"
#include "server/store/sqlite/connection.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tl::server::sqlite {

struct OldVisit {
  Id128 visitor, session;
  std::int64_t started_ms = 0;
};
struct OldOrder {
  std::string provider, order_id;
  std::int64_t created_ms = 0;
  std::optional<Digest> email_hash, phone_hash;
};

// ?1 the site, ?2 the mark, ?3 the time; states that there are, for the index begins with them.
#define TL_OLD_ORDERS                                                                             \
  " FROM orders WHERE site_id = ?1 AND state IN (0, 1, 2) AND created_ms >= ?2 AND created_ms < " \
  "?3"

std::int64_t retention_done_until(Connection& connection, std::string_view site_id,
                                  RetainedKind kind);
// Goes on where the mark of the kind is: up to the limit, and all that began in the millisecond of
// the last one. Returns how many there were.
std::int64_t each_old_visit(Connection& connection, std::string_view site_id, RetainedKind kind,
                            std::int64_t before_ms, std::uint32_t limit,
                            const std::function<void(const OldVisit&)>& each);
std::int64_t each_old_order(Connection& connection, std::string_view site_id, RetainedKind kind,
                            std::int64_t before_ms, std::uint32_t limit,
                            const std::function<void(const OldOrder&)>& each);

}  // namespace tl::server::sqlite
