// SPDX-License-Identifier: Apache-2.0
// After a change of the server's secret: what earlier secrets sealed is sealed anew, a page at a
// time, so that they need not be kept. Beside a running server; broken off, it goes on where it is
// run again, for what the present secret opens is left as it is.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace tl::server {

struct ResealTotals {
  std::int64_t rows = 0, resealed = 0;
  std::int64_t unreadable = 0;  // opened by no secret that is configured; left as they are
};

// Errors: unavailable.
Outcome<ResealTotals> reseal(Store& store,
                             const std::function<void(std::string_view table, std::int64_t done,
                                                      std::int64_t all)>& progress);

}  // namespace tl::server
