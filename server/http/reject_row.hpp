// SPDX-License-Identifier: Apache-2.0
// Refused input as a row of the reject log.
#pragma once

#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"
#include "server/http/exchange.hpp"

#include <string>
#include <string_view>

namespace tl::server::http {

// Route, code, message and size: what is kept of any refused request. Its text is added where it
// may be kept.
RejectRow reject_of(const std::string& site_id, const Request& request, const ServerError& error);

// Keeps a reject, if any, and counts it in the site's counter. Whether it is kept. Errors:
// unavailable: the sender must send again.
Outcome<bool> keep_and_count(Store& store, const std::string& site_id, const RejectRow* reject,
                             std::string_view counter);

}  // namespace tl::server::http
