// SPDX-License-Identifier: Apache-2.0
// The browser script: /throughline.js and its short name /t.js (an hour in caches), the same under
// its hash (for ever), the extras and the consent platforms that the script asks for by the
// hash of both, the old names of sites that move over, and /sdk.json with the integrity values.
#pragma once

#include "server/http/exchange.hpp"

#include <string_view>
#include <vector>

namespace tl::server::http {

// The files' bytes; they must outlive the routes.
struct Sdk {
  std::string_view script, extras, platforms, compat;
};
// Compresses once, here.
std::vector<Route> sdk_routes(const Sdk& sdk);
// The files that are built into this program.
Sdk embedded_sdk();

}  // namespace tl::server::http
