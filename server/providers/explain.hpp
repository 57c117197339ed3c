// SPDX-License-Identifier: Apache-2.0
// `throughline webhook explain`: what one webhook request would do, without a store. One JSON line
// in, one JSON line out, also for a line that cannot be read: {"error":{"code","message"}}. Shape:
// api.md section 1.
#pragma once

#include <string>
#include <string_view>

namespace tl::server {

std::string explain_webhook(std::string_view line);

}  // namespace tl::server
