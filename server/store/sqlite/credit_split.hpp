// SPDX-License-Identifier: Apache-2.0
// What one conversion gave to its sources, by model configuration and net of refunds, in a few
// hundred bytes: what a report over single conversions reads instead of the credits themselves.
// The bytes are a pure function of the credits. Numbers are LEB128, signed ones in zigzag:
//   sources   their number, then each: channel, then four texts, each its length and its bytes
//   shares    till the end, by configuration: its 8 bytes, the length of what follows, then pairs:
//             the source's place in the list, its minor units
#pragma once

#include "server/core/records.hpp"
#include "server/store/sqlite/source_groups.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server::sqlite {

struct SplitShare {
  std::size_t place = 0;  // of its source in the list
  std::int64_t minor = 0;
};
struct CreditSplit {
  // Lent by the bytes, and not read yet: most conversions name sources that others have named.
  std::vector<std::string_view> sources;
  std::vector<SplitShare> shares;
};

std::string write_split(const std::vector<CreditRow>& credits);
// The shares under any of these configurations, into `split`; what is no split has none.
void read_split(std::string_view bytes, const std::vector<std::int64_t>& configs,
                CreditSplit& split);
LentSource read_split_source(std::string_view source);

}  // namespace tl::server::sqlite
