// SPDX-License-Identifier: Apache-2.0
// The browser script: /throughline.js and its short name /t.js (an hour in caches), the same under
// its hash (for ever), and /sdk.json with the integrity value for <script integrity>.
#pragma once

#include "server/http/exchange.hpp"

#include <string_view>
#include <vector>

namespace tl::server::http {

// `script`: the file's bytes; they must outlive the routes. Compresses once, here.
std::vector<Route> sdk_routes(std::string_view script);
// The script that is built into this program.
std::string_view embedded_sdk();

}  // namespace tl::server::http
