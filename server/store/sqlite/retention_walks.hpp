// SPDX-License-Identifier: Apache-2.0
// Going through what is old a little at a time, where a row's time alone does not tell what is
// done: the visits of a site by their start. A mark for each kind says how far.
#pragma once

#include "server/core/ports/privacy_store.hpp"
#include "server/store/sqlite/connection.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace tl::server::sqlite {

struct OldVisit {
  Id128 visitor, session;
  std::int64_t started_ms = 0;
};

std::int64_t retention_done_until(Connection& connection, std::string_view site_id,
                                  RetainedKind kind);
// Goes on where the mark of the kind is: up to the limit, and all that began in the millisecond of
// the last one. Returns how many there were.
std::int64_t each_old_visit(Connection& connection, std::string_view site_id, RetainedKind kind,
                            std::int64_t before_ms, std::uint32_t limit,
                            const std::function<void(const OldVisit&)>& each);

}  // namespace tl::server::sqlite
