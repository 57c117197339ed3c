// SPDX-License-Identifier: Apache-2.0
// The browser script: /throughline.js and its short name /t.js (a minute in caches), the same under
// its hash (for ever), the four files that the script asks for by their common hash (extras,
// consent platforms, what few sites turn on, debugging), the old names of sites that move over, and
// /sdk.json with the integrity values.
#pragma once

#include "server/http/exchange.hpp"

#include <string_view>
#include <vector>

namespace tl::server::http {

// The files' bytes; they must outlive the routes.
struct Sdk {
  std::string_view script, extras, platforms, more, debug, javascript_core, compat;
};
// Compresses once, here.
std::vector<Route> sdk_routes(const Sdk& sdk);
// The files that are built into this program.
Sdk embedded_sdk();

}  // namespace tl::server::http
