// SPDX-License-Identifier: Apache-2.0
// Numbers as text: the counts and amounts of a path file, and doubles for its answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tl::server::attribute {

// A whole number >= 0, also written with zeros behind the point ("12.0"). false otherwise.
bool parse_count(std::string_view text, std::uint64_t& count);
// A finite decimal number, with sign and exponent where it has them, to the nearest double.
bool parse_amount(std::string_view text, double& amount);
// 17 significant digits, so that reading gives the same double.
void append_number(double number, std::string& text);

}  // namespace tl::server::attribute
