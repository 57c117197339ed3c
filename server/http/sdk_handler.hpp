// SPDX-License-Identifier: Apache-2.0
// The browser script: /throughline.js, its short name /t.js and a name of the operator's own (a
// minute in caches), each under its hash too (for ever) and with the files that the script asks for
// by its own name and their common hash; the old names of sites that move over; /sdk.json with the
// integrity values.
#pragma once

#include "server/http/exchange.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server::http {

// The files' bytes; they must outlive the routes.
struct Sdk {
  std::string_view script, extras, platforms, more, debug, javascript_core, compat;
};
// Compresses once, here. `own_name`: of server.script_name, or "".
std::vector<Route> sdk_routes(const Sdk& sdk, const std::string& own_name);
// The files that are built into this program.
Sdk embedded_sdk();

}  // namespace tl::server::http
