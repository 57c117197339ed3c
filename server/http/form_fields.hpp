// SPDX-License-Identifier: Apache-2.0
// What an HTML form posts, as an object of texts: application/x-www-form-urlencoded (WHATWG URL
// section 5.1) and multipart/form-data (RFC 7578). Of a repeated field the first that is not empty
// counts; files are left out; ill-formed UTF-8 becomes U+FFFD. Also JSON, so that an intake takes
// whichever comes.
#pragma once

#include "server/core/outcome.hpp"
#include "server/http/exchange.hpp"

#include <nlohmann/json.hpp>

namespace tl::server::http {

inline constexpr std::size_t kMostFormFields = 100;

// Whether a browser's own form sent it, which shows the answer to a person.
bool is_form_post(const Request& request);

// JSON unless the Content-Type names one of the forms. Errors: invalid (malformed_form: no
// boundary, a part without end or name, or too many fields; malformed_json).
Outcome<nlohmann::json> read_fields(const Request& request);

}  // namespace tl::server::http
