// SPDX-License-Identifier: Apache-2.0
// What a checkout may carry of a visitor without consent, where the site wants that: channel,
// source and campaign, values that many share and no id. Token:
//   tl0_<channel>_<base64url source>_<base64url campaign>
// at most 200 characters of [A-Za-z0-9_-]. A source has no character whose base64url could hold the
// '_' that ends it.
#pragma once

#include "throughline/channel.hpp"
#include "throughline/out.hpp"
#include "throughline/result.hpp"

#include <cstddef>
#include <string_view>

namespace tl {

inline constexpr std::size_t kMaxCoarseToken = 200;

struct CoarseHandover {
  Channel channel = Channel::unknown;
  std::string_view source, campaign;  // may be empty
};

// Whether it may travel: a channel that can be credited, a source of a-z 0-9 . _ - alone, a
// campaign of valid UTF-8 without '@' and control characters, and not too long together.
bool is_coarse_handover(const CoarseHandover& handover);
// Only what is_coarse_handover() permits.
void write_coarse_token(const CoarseHandover& handover, Out& out);
// Only what write_coarse_token writes. The texts are in `arena`. Errors: invalid (bad_token).
Result<CoarseHandover> parse_coarse_token(std::string_view token, Out& arena);

}  // namespace tl
