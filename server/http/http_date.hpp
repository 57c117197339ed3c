// SPDX-License-Identifier: Apache-2.0
// The Date of an answer.
#pragma once

#include <string>

namespace tl::server::http {

// Now as IMF-fixdate (RFC 9110 section 5.6.7), made once a second and thread.
const std::string& http_date();

}  // namespace tl::server::http
