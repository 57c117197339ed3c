// SPDX-License-Identifier: Apache-2.0
// A list of flat JSON objects as CSV (RFC 4180): one header line with every member that any object
// has, in order of appearance; nested objects become name.member, lists are joined with " > ". A
// text that a spreadsheet would run as a formula is quoted with an apostrophe.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace tl::server::http {

std::string csv_table(const nlohmann::ordered_json& rows);

}  // namespace tl::server::http
