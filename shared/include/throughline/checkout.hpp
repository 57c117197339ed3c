// SPDX-License-Identifier: Apache-2.0
// Hand-over of the ids to a payment provider's page as one packed token. The page writes it, and
// the metadata pairs and decorated addresses of providers that take those
// (sdk-wasm/loader/handover.ts). Token: tl1_<anonymous_id>_<session_id>_<base 36 ms>, 86 characters
// of [A-Za-z0-9_-].
#pragma once

#include "throughline/hash.hpp"
#include "throughline/out.hpp"
#include "throughline/result.hpp"

#include <cstdint>
#include <string_view>

namespace tl {

struct Handover {
  Id128 anonymous_id;
  Id128 session_id;
  std::int64_t checkout_started_ms = 0;
};

// `checkout_started_ms` is 0 or later.
void write_packed_token(const Handover& handover, Out& out);
// Only what write_packed_token writes: lower case, both ids, no leading zeros.
// Errors: invalid (bad_token).
Result<Handover> parse_packed_token(std::string_view token);

}  // namespace tl
