// SPDX-License-Identifier: Apache-2.0
// A list of flat JSON objects as CSV (RFC 4180): one header line with every member that any object
// has, in order of appearance; nested objects become name.member, lists are joined with " > ". A
// text that a spreadsheet would run as a formula is quoted with an apostrophe.
#pragma once

#include "server/core/outcome.hpp"
#include "server/http/exchange.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace tl::server::http {

// Whether ?format= asks for a table. Errors: invalid (bad_format).
Outcome<bool> wants_csv(const Request& request);

std::string csv_table(const nlohmann::ordered_json& rows);

// The same in parts, by columns that are known before; members that are none of them are left out.
std::vector<std::string> csv_columns(const nlohmann::ordered_json& row);
std::string csv_header(const std::vector<std::string>& columns);
std::string csv_lines(const nlohmann::ordered_json& rows, const std::vector<std::string>& columns);

}  // namespace tl::server::http
